import Compute
import Diagnostics
import NetworkModels
import Networks
import Preprocessing

/// How training finds the edges of a piecewise-linear embedding, by the arguments of `compute_bins` of rtdl_num_embeddings:
///
///     numeric_embedding: {kind: piecewise_linear, n_bins: 48, tree_kwargs: {min_samples_leaf: 64}}
public struct EmbeddingBins: Codable, Equatable, Sendable {
  /// Most bins of a feature, at least 2 and fewer than the training rows. Default 48.
  public var count = FeatureBins.defaultCount
  /// How trees over single features find the edges from the target; nil takes quantiles. Default nil.
  public var trees: FeatureBins.TreeConfiguration?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case count = "n_bins"
    case trees = "tree_kwargs"
  }

  /// The defaults.
  public init() {}

  /// Reads what a section that may hold keys of others says; absent keys have their defaults.
  /// - Throws: `TernError` of kind `configuration` for fewer than two bins and an unknown key of the trees.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    count = try values.decodeIfPresent(Int.self, forKey: .count) ?? count
    trees = try values.decodeIfPresent(FeatureBins.TreeConfiguration.self, forKey: .trees)
    guard (2...65_535).contains(count) else {
      throw TernError(
        .configuration, "lies outside its range", key: EmbeddingBins.key(.count, in: decoder),
        found: "\(count)", expected: "2 ... 65535, and fewer than the training rows")
    }
  }

  static func key(_ key: CodingKeys, in decoder: any Decoder) -> String {
    (decoder.codingPath.map(\.stringValue) + [key.rawValue]).joined(separator: ".")
  }

  /// The edges for prepared training rows.
  /// - Parameter targets: what trees look at, a number for each row.
  /// - Returns: (numeric column, edge).
  /// - Throws: `TernError` of kind `configuration` for no fewer bins than rows and values out of range, of kind `data` for
  ///   numbers that are too large to tell apart.
  func edges(
    of rows: TablePreparation.Rows, prepared preparation: TablePreparation, targets: FeatureBins.Targets,
    pool: ThreadPool
  ) throws(TernError) -> [[Float]] {
    let columns = preparation.numericColumns(of: rows)
    if columns.isEmpty { return [] }
    guard count < rows.count else {
      throw TernError(
        .configuration, "there are too few training rows for so many bins", key: "numeric_embedding.n_bins",
        found: "\(count) bins of \(rows.count) rows", expected: "fewer bins than rows")
    }
    guard let trees else { return try FeatureBins.quantiles(of: columns, count: count, pool: pool) }
    return try FeatureBins.trees(
      over: columns, targets: targets, count: count, configuration: trees, pool: pool)
  }
}

/// The section of a numeric embedding as training reads it: the network's own keys, and in place of edges how to find them.
struct NumericEmbeddingSection: Codable {
  let embedding: NumericEmbeddingConfiguration
  let bins: EmbeddingBins

  init(_ embedding: NumericEmbeddingConfiguration, _ bins: EmbeddingBins) {
    self.embedding = embedding
    self.bins = bins
  }

  /// Reads the section.
  /// - Throws: `TernError` of kind `configuration` for an unknown key, and for edges to be found where none are, or where they
  ///   are given.
  init(from decoder: any Decoder) throws {
    let own = EmbeddingBins.CodingKeys.allCases
    try decoder.rejectUnknownKeys(
      NumericEmbeddingConfiguration.CodingKeys.allCases.map(\.rawValue) + own.map(\.rawValue))
    embedding = try NumericEmbeddingConfiguration(
      from: PartialDecoder(decoder, without: own.map(\.rawValue)))
    let values = try decoder.container(keyedBy: EmbeddingBins.CodingKeys.self)
    if let key = own.first(where: values.contains), !embedding.fitsBins {
      let isOther = embedding.kind != .piecewiseLinear
      throw TernError(
        .configuration, isOther ? "is for piecewise_linear embeddings" : "the edges of bins are given",
        key: EmbeddingBins.key(key, in: decoder), expected: isOther ? nil : "either bins or \(key.rawValue)")
    }
    bins = try EmbeddingBins(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    try embedding.encode(to: encoder)
    try bins.encode(to: encoder)
  }
}

extension NumericEmbeddingConfiguration {
  /// Whether it has bins whose edges are still to be found.
  var fitsBins: Bool { kind == .piecewiseLinear && bins.isEmpty }
}

extension NetworkArchitecture {
  /// The edges of its bins; empty where it has none.
  var bins: [[Float]] {
    if case .ftTransformer(let shape) = self { shape.numericEmbedding.bins } else { [] }
  }

  /// Whether it has bins whose edges are still to be found.
  var fitsBins: Bool {
    if case .ftTransformer(let shape) = self { shape.numericEmbedding.fitsBins } else { false }
  }

  /// The network with edges of its bins, where they are still to be found.
  func fitted(bins: [[Float]]) -> NetworkArchitecture {
    guard fitsBins, case .ftTransformer(var shape) = self else { return self }
    shape.numericEmbedding.bins = bins
    return .ftTransformer(shape)
  }
}
