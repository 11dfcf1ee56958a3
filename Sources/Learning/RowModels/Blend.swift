import Diagnostics
import Glibc

/// How the probabilities that several models give for a row become those of one.
public enum Blend: Codable, Equatable, Sendable {
  /// `Σ_k w_k p_k`, the weights of at least 0 and together 1 (linear opinion pool).
  case weighted([Double])
  /// `softmax_c(b_c + Σ_k a_k ln p_kc)`: multinomial logistic regression over the members' log-probabilities, one slope for
  /// each member and one bias for each class (Wolpert, "Stacked Generalization", 1992).
  case stacked(slopes: [Double], biases: [Double])

  /// The ways to blend, as configurations name them.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// `Blend.weighted`.
    case weighted
    /// `Blend.stacked`.
    case stacked
  }

  /// The least probability whose logarithm is taken.
  public static let floor = 1e-7

  /// Number of members.
  public var members: Int {
    switch self {
    case .weighted(let weights): weights.count
    case .stacked(let slopes, _): slopes.count
    }
  }

  /// Checks that the numbers are usable for so many members and classes.
  /// - Throws: `TernError` of kind `data`.
  public func validate(members: Int, classes: Int) throws(TernError) {
    guard self.members == members, members > 0 else {
      throw TernError(
        .data, "the blend is of another number of models", key: "blend", found: "\(self.members)",
        expected: "\(members)")
    }
    switch self {
    case .weighted(let weights):
      guard weights.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(weights.reduce(0, +) - 1) < 1e-6 else {
        throw TernError(
          .data, "the weights are no shares", key: "blend.weighted", found: "\(weights)",
          expected: "numbers of at least 0 with the sum 1")
      }
    case .stacked(let slopes, let biases):
      guard biases.count == classes, (slopes + biases).allSatisfy({ abs($0) < 1e6 }) else {
        throw TernError(
          .data, "the slopes and biases are not those of the classes", key: "blend.stacked",
          found: "\(biases.count) biases", expected: "\(classes), all finite")
      }
    }
  }

  /// The probabilities of a row.
  /// - Parameters:
  ///   - probabilities: shape `(member, class)`, each member's together 1.
  ///   - result: room for a number of each class.
  public func apply(
    _ probabilities: UnsafePointer<Float>, classes: Int, into result: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .weighted(let weights):
      for c in 0..<classes {
        var sum = 0.0
        for k in weights.indices { sum += weights[k] * Double(probabilities[k * classes + c]) }
        result[c] = Float(sum)
      }
    case .stacked(let slopes, let biases):
      var top = -Double.infinity
      for c in 0..<classes { top = max(top, Blend.score(c, probabilities, classes, slopes, biases)) }
      var sum = 0.0
      for c in 0..<classes { sum += exp(Blend.score(c, probabilities, classes, slopes, biases) - top) }
      for c in 0..<classes {
        result[c] = Float(exp(Blend.score(c, probabilities, classes, slopes, biases) - top) / sum)
      }
    }
  }

  @inline(__always)
  private static func score(
    _ c: Int, _ probabilities: UnsafePointer<Float>, _ classes: Int, _ slopes: [Double], _ biases: [Double]
  ) -> Double {
    var score = biases[c]
    for k in slopes.indices { score += slopes[k] * log(max(Double(probabilities[k * classes + c]), floor)) }
    return score
  }
}
