import Diagnostics

/// Platt's sigmoid on the log-odds f of a probability: q = 1 / (1 + exp(slope · f + offset)).
///
/// `slope` and `offset` are the A and B of Platt, "Probabilistic Outputs for Support Vector Machines", 1999;
/// slope −1 with offset 0 is the identity, and a slope above zero would turn the ranking around.
public struct PlattScaling: Equatable, Sendable, ProbabilityMap {
  /// A, negative for a model that ranks better than chance.
  public let slope: Double
  /// B.
  public let offset: Double

  /// Takes the two parameters.
  /// - Throws: `TernError` of kind `data` unless both are finite.
  public init(slope: Double, offset: Double) throws(TernError) {
    guard slope.isFinite, offset.isFinite else {
      throw TernError(
        .data, "a Platt parameter is out of range", key: "slope, offset", found: "\(slope), \(offset)",
        expected: "finite numbers")
    }
    self.slope = slope
    self.offset = offset
  }

  /// Whether a higher probability maps to a higher one.
  public var isIncreasing: Bool { slope < 0 }

  /// Maps one probability.
  public func value(at probability: Double) -> Double { logistic(-(slope * logOdds(probability) + offset)) }
}

extension PlattScaling: Codable {
  private enum CodingKeys: String, CodingKey { case slope, offset }

  /// Reads and checks the parameters.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      slope: container.decode(Double.self, forKey: .slope),
      offset: container.decode(Double.self, forKey: .offset))
  }
}
