public import Diagnostics

/// How numeric features become vectors: the linear tokens of FT-Transformer, or the embeddings of "On Embeddings for Numerical
/// Features in Tabular Deep Learning" (Gorishniy, Rubachev and Babenko, 2022).
public struct NumericEmbeddingConfiguration: Codable, Sendable, Equatable {
  /// The families of embeddings.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// `x_j·w_j + b_j`.
    case linear
    /// A linear map of where x_j lies among bins (PLE).
    case piecewiseLinear = "piecewise_linear"
    /// A linear map of cosines and sines with trained frequencies (P, PL, PLR).
    case periodic
  }

  /// Variants of the piecewise-linear embedding.
  public enum Version: String, Codable, Sendable, CaseIterable {
    /// As in the paper on numeric embeddings.
    case a = "A"
    /// As in the paper on TabM: beside a linear embedding, and zero at first.
    case b = "B"
  }

  /// The family. Default linear.
  public var kind = Kind.linear
  /// `ReLU` at the end (piecewise_linear, periodic). Default false for piecewise_linear, true for periodic.
  public var activation: Bool
  /// The variant (piecewise_linear). Default B.
  public var version = Version.b
  /// Rising edges of each feature's bins, fitted on training rows (piecewise_linear).
  public var bins: [[Float]] = []
  /// Number of frequencies of each feature (periodic). Default 48.
  public var frequencies = 48
  /// Standard deviation of the frequencies at first (periodic), an important hyperparameter. Default 0.01.
  public var frequencyInitScale: Float = 0.01
  /// One linear map for all features (periodic); it needs `activation`. Default false.
  public var lite = false

  /// Names of the fields in files.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case kind, activation, version, bins, lite
    case frequencies = "n_frequencies"
    case frequencyInitScale = "frequency_init_scale"
  }

  /// The defaults of a family.
  public init(_ kind: Kind = .linear) {
    self.kind = kind
    activation = kind == .periodic
  }

  /// Reads a configuration; absent keys have their defaults, unknown ones are refused.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try container.value(.kind, or: .linear))
    activation = try container.value(.activation, or: activation)
    version = try container.value(.version, or: version)
    bins = try container.value(.bins, or: bins)
    frequencies = try container.value(.frequencies, or: frequencies)
    frequencyInitScale = try container.value(.frequencyInitScale, or: frequencyInitScale)
    lite = try container.value(.lite, or: lite)
  }

  /// Checks the ranges and combinations for a number of features.
  /// - Throws: `TernError` of kind `configuration`.
  public func validate(features: Int) throws(TernError) {
    switch kind {
    case .linear: break
    case .periodic:
      try ConfigurationChecks.check("n_frequencies", frequencies, 1...largestWidth)
      try ConfigurationChecks.check(
        "frequency_init_scale", frequencyInitScale, Float.leastNormalMagnitude...1e6)
      guard activation || !lite else {
        throw TernError(.configuration, "one map for all features needs the activation", key: "lite")
      }
    case .piecewiseLinear:
      guard bins.count == features else {
        throw TernError(
          .configuration, "every numeric feature has bins of its own", key: "bins", found: "\(bins.count)",
          expected: "\(features)")
      }
      for (feature, edges) in bins.enumerated() {
        let rises = zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }
        guard edges.count >= 2, edges.count <= largestWidth, rises, edges.allSatisfy(\.isFinite) else {
          throw TernError(
            .configuration, "the edges of a feature's bins must rise", key: "bins",
            found: "feature \(feature)",
            expected: "two or more finite numbers, each above the one before")
        }
      }
    }
  }
}
