import Diagnostics

/// Factors on the weights of training rows by their class.
public enum ClassWeights: Codable, Sendable, Equatable {
  /// 1 for every class.
  case none
  /// rows / (classes · rows of the class), so that all classes weigh the same (scikit-learn's `balanced`).
  case balanced
  /// √ of the largest class's weight over the class's (CatBoost's `SqrtBalanced`).
  case squareRootBalanced
  /// One factor per class.
  case given([Double])

  /// Reads `none`, `balanced`, `sqrt_balanced` or numbers separated by commas.
  init(text: String) throws(TernError) {
    switch text.lowercased() {
    case "none", "": self = .none
    case "balanced": self = .balanced
    case "sqrtbalanced", "sqrt_balanced": self = .squareRootBalanced
    default:
      let parts = text.split { "[], ".contains($0) }
      let numbers = parts.compactMap { Double($0) }
      guard !numbers.isEmpty, numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 && $0.isFinite })
      else {
        throw TernError(
          .configuration, "not class weights", key: "class_weights", found: text,
          expected: "none, balanced, sqrt_balanced, or one number >= 0 per class, separated by commas")
      }
      self = .given(numbers)
    }
  }

  /// The weights of rows with the classes' factors multiplied on.
  ///
  /// - Parameters:
  ///   - labels: class numbers of all rows.
  ///   - weights: sample weights, nil for ones.
  ///   - rows: the rows that train and are counted; nil means all.
  ///   - classes: number of classes.
  func applied(
    to weights: [Float]?, labels: [Float], rows: [Int32]?, classes: Int
  ) throws(TernError) -> [Float]? {
    var factors = [Double](repeating: 1, count: classes)
    var sums = [Double](repeating: 0, count: classes)
    func add(_ row: Int) { sums[Int(labels[row])] += weights.map { Double($0[row]) } ?? 1 }
    if let rows { for row in rows { add(Int(row)) } } else { for row in labels.indices { add(row) } }
    switch self {
    case .none: return weights
    case .balanced:
      let total = sums.reduce(0, +)
      let present = Double(sums.count { $0 > 0 })
      factors = sums.map { $0 > 0 ? total / (present * $0) : 1 }
    case .squareRootBalanced:
      let largest = sums.max() ?? 1
      factors = sums.map { $0 > 0 ? (largest / $0).squareRoot() : 1 }
    case .given(let numbers):
      guard numbers.count == classes else {
        throw TernError(
          .configuration, "class_weights needs one number per class", key: "class_weights",
          found: "\(numbers.count)", expected: "\(classes)")
      }
      factors = numbers
    }
    return labels.indices.map { row in
      // Rows that do not train may hold anything.
      let isClass = labels[row] >= 0 && labels[row] < Float(classes)
      return Float((weights.map { Double($0[row]) } ?? 1) * (isClass ? factors[Int(labels[row])] : 1))
    }
  }
}
