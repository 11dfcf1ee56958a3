import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Temperature scaling: q_k ∝ p_k^(1/T), the softmax of log-probabilities divided by one temperature.
///
/// T > 1 softens an overconfident model, T < 1 sharpens a timid one; the ranking of the classes never changes.
/// Source: Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
public struct TemperatureScaling: Equatable, Sendable {
  /// The temperature T, positive.
  public let temperature: Double

  /// Takes a temperature.
  /// - Throws: `TernError` of kind `data` unless it is positive and finite.
  public init(temperature: Double) throws(TernError) {
    guard temperature > 0, temperature.isFinite else {
      throw TernError(
        .data, "the temperature is out of range", key: "temperature", found: "\(temperature)",
        expected: "a positive number")
    }
    self.temperature = temperature
  }

  /// Probabilities are held at or above this before their logarithm is taken.
  static let floor = 1e-15

  /// Maps one row in place, shape `(class)`.
  public func apply(_ row: inout MutableSpan<Double>) {
    if temperature == 1 { return }
    let inverse = 1 / temperature
    var largest = -Double.infinity
    for k in 0..<row.count {
      let value = log(max(row[k], TemperatureScaling.floor)) * inverse
      row[k] = value
      largest = max(largest, value)
    }
    var sum = 0.0
    for k in 0..<row.count {
      let value = exp(row[k] - largest)
      row[k] = value
      sum += value
    }
    for k in 0..<row.count { row[k] /= sum }
  }

  /// Maps the probability of class 1 of a binary model, as `apply` does for the row (1 − p, p), up to rounding.
  public func value(at probability: Double) -> Double {
    if temperature == 1 { return probability }
    let floor = TemperatureScaling.floor
    // Two logarithms, because 1 − floor is no double: the odds of a certain row would be off by a thousandth.
    return logistic((log(max(probability, floor)) - log(max(1 - probability, floor))) / temperature)
  }
}

extension TemperatureScaling: Codable {
  private enum CodingKeys: String, CodingKey { case temperature }

  /// Reads and checks the temperature.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(temperature: container.decode(Double.self, forKey: .temperature))
  }
}
