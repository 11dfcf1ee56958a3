import Diagnostics

/// What rows of each class weigh in the loss, as `class_weight` of scikit-learn.
public enum ClassWeight: Codable, Equatable, Sendable {
  /// All alike.
  case none
  /// `n / (classes · n_class)`, so that all classes weigh the same together.
  case balanced
  /// A weight for each class, in class order.
  case weights([Float])

  /// Reads `none`, `balanced` or a list of weights.
  /// - Throws: `TernError` of kind `configuration` for anything else.
  public init(from decoder: any Decoder) throws {
    if let weights = try? decoder.singleValueContainer().decode([Float].self) {
      guard !weights.isEmpty, weights.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
        throw ClassWeight.error(decoder, "\(weights)")
      }
      self = .weights(weights)
      return
    }
    switch try? decoder.singleValueContainer().decode(String.self) {
    case "none": self = .none
    case "balanced": self = .balanced
    case let text: throw ClassWeight.error(decoder, text.map { "\"\($0)\"" } ?? "something else")
    }
  }

  /// Writes what `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encode("none")
    case .balanced: try container.encode("balanced")
    case .weights(let weights): try container.encode(weights)
    }
  }

  /// The weight of each class; nil for none.
  /// - Parameter labels: class of each row.
  /// - Throws: `TernError` of kind `configuration` for a list of another length, or classes without a row to balance.
  func weights(of labels: [Float], classes: Int) throws(TernError) -> [Float]? {
    switch self {
    case .none: return nil
    case .weights(let weights):
      guard weights.count == classes else {
        throw TernError(
          .configuration, "there is not a weight for each class", key: "class_weight",
          found: "\(weights.count)", expected: "\(classes)")
      }
      return weights
    case .balanced:
      var counts = [Int](repeating: 0, count: classes)
      for label in labels { counts[Int(label)] += 1 }
      if let empty = counts.firstIndex(of: 0) {
        throw TernError(
          .data, "a class without training rows cannot be balanced", key: "class_weight",
          found: "class \(empty)")
      }
      return counts.map { Float(Double(labels.count) / (Double(classes) * Double($0))) }
    }
  }

  private static func error(_ decoder: any Decoder, _ found: String) -> TernError {
    TernError(
      .configuration, "is no weighting of classes",
      key: decoder.codingPath.map(\.stringValue).joined(separator: "."), found: found,
      expected: "none, balanced or a list of weights of at least 0")
  }
}
