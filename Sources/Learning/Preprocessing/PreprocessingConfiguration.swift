import Diagnostics

/// How the columns of a table are prepared for a network.
public struct PreprocessingConfiguration: Codable, Sendable, Equatable {
  /// What numeric columns go through.
  public enum Numeric: String, Codable, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// (x - mean) / standard deviation.
    case standard
    /// (x - median) / distance of the quartiles.
    case robust
    /// Quantiles to a normal distribution.
    case quantileNormal = "quantile-normal"
  }

  /// What stands for a missing number.
  public enum Missing: String, Codable, Sendable, CaseIterable {
    /// The transformed mean of the training rows.
    case mean
    /// The same, and one more numeric column that is 1 where the number was missing and 0 elsewhere, for each column
    /// with missing numbers in the training rows.
    case indicator
  }

  /// What numeric columns go through. Default quantile-normal.
  public var numeric = Numeric.quantileNormal
  /// What stands for a missing number. Default mean.
  public var missing = Missing.mean
  /// Number of quantiles; 0 takes max(min(rows / 30, 1000), 10). Default 0.
  public var quantiles = 0
  /// Size of the noise that parts equal values before quantiles are taken, as a share of the standard deviation; 0 adds none.
  /// Default 1e-3.
  public var noise = 1e-3
  /// Rows, drawn at random, that quantiles are taken from; 0 takes all. Default 0.
  public var subsample = 0
  /// Categories of fewer training rows count as unknown, which trains the embedding of the unknown. Default 1.
  public var minFrequency = 1
  /// Seed of noise and sampling. Default 0.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case numeric, missing, quantiles, noise, subsample
    case minFrequency = "min_frequency"
    case seed
  }

  /// Reads a configuration; keys that are absent take their defaults.
  /// - Throws: `TernError` of kind `configuration` for an unknown key and a value out of range.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    numeric = try values.decodeIfPresent(Numeric.self, forKey: .numeric) ?? numeric
    missing = try values.decodeIfPresent(Missing.self, forKey: .missing) ?? missing
    quantiles = try values.decodeIfPresent(Int.self, forKey: .quantiles) ?? quantiles
    noise = try values.decodeIfPresent(Double.self, forKey: .noise) ?? noise
    subsample = try values.decodeIfPresent(Int.self, forKey: .subsample) ?? subsample
    minFrequency = try values.decodeIfPresent(Int.self, forKey: .minFrequency) ?? minFrequency
    seed = try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? seed
    try validate(prefix: decoder.codingPath.map(\.stringValue))
  }

  /// Holds every number against its range.
  /// - Throws: `TernError` of kind `configuration`.
  public func validate(prefix: [String] = []) throws(TernError) {
    func check(_ holds: Bool, _ key: CodingKeys, _ found: String, _ expected: String) throws(TernError) {
      guard !holds else { return }
      throw TernError(
        .configuration, "is out of range", key: (prefix + [key.rawValue]).joined(separator: "."),
        found: found,
        expected: expected)
    }
    try check(quantiles == 0 || quantiles >= 2, .quantiles, "\(quantiles)", "0 or at least 2")
    try check(noise.isFinite && noise >= 0, .noise, "\(noise)", "a number of at least 0")
    try check(subsample >= 0, .subsample, "\(subsample)", "at least 0")
    try check(
      subsample == 0 || quantiles <= subsample, .quantiles, "\(quantiles)", "at most subsample, \(subsample)")
    try check(minFrequency >= 1, .minFrequency, "\(minFrequency)", "at least 1")
  }
}
