import Diagnostics

/// The target of a regression as a network learns it: (y - mean) / standard deviation of the training rows.
public struct TargetScaling: Codable, Sendable, Equatable {
  /// Mean of the training targets.
  public let mean: Double
  /// Their standard deviation (n in the denominator); 1 where they are all equal.
  public let deviation: Double

  /// No scaling.
  public static let identity = TargetScaling(mean: 0, deviation: 1)

  private init(mean: Double, deviation: Double) {
    self.mean = mean
    self.deviation = deviation
  }

  /// Fits the scaling to the training targets.
  /// - Throws: `TernError` of kind `data` where there is none, or one that is not finite.
  public init(fitting targets: [Float]) throws(TernError) {
    guard !targets.isEmpty else { throw TernError(.data, "there are no targets") }
    if let row = targets.firstIndex(where: { !$0.isFinite }) {
      throw TernError(.data, "a target is not a finite number", found: "\(targets[row]) in row \(row + 1)")
    }
    let (mean, variance) = NumericTransform.moments(of: targets.map(Double.init))
    self.init(mean: mean, deviation: variance > 0 ? variance.squareRoot() : 1)
  }

  /// What the network learns.
  public func scaled(_ target: Float) -> Float { Float((Double(target) - mean) / deviation) }

  /// What the network's output means.
  public func restored(_ output: Float) -> Float { Float(Double(output) * deviation + mean) }
}
