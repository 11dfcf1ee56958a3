public import Diagnostics

/// The shape of a TabNet, its fields as in pytorch-tabnet.
public struct TabNetConfiguration: Codable, Sendable, Equatable {
  /// What turns scores into masks.
  public enum MaskType: String, Codable, Sendable, CaseIterable {
    /// The projection onto the simplex, with exact zeros.
    case sparsemax
    /// α-entmax with α = 1.5, between softmax and sparsemax.
    case entmax
  }

  /// Width of the part of a step that decides. Default 8.
  public var decisionWidth = 8
  /// Width of the part of a step that the next step attends with. Default 8.
  public var attentionWidth = 8
  /// Number of steps. Default 3.
  public var steps = 3
  /// How much a feature that was used may be used again: 1 means once, larger means more. Default 1.3.
  public var gamma: Float = 1.3
  /// Positions of the categorical columns in a row, rising; nil puts them behind the numeric ones. Default nil.
  public var categoryColumns: [Int]?
  /// Width of the vectors of each categorical column, or one number for all of them. Default 1.
  public var embeddingWidths = [1]
  /// Number of gated layers of every step that are its own. Default 2.
  public var independentLayers = 2
  /// Number of gated layers whose matrices all steps share. Default 2.
  public var sharedLayers = 2
  /// What keeps logarithms of masks finite. Default 1e-15.
  public var epsilon: Float = 1e-15
  /// Rows of a virtual batch of the batch normalisations. Default 128.
  public var virtualBatchSize = 128
  /// How far a virtual batch moves running statistics. Default 0.02.
  public var momentum: Float = 0.02
  /// What makes masks. Default sparsemax.
  public var maskType = MaskType.sparsemax
  /// Columns that are attended to together; a column in none of the lists stands alone. Default none.
  public var groupedFeatures: [[Int]] = []
  /// Weight in the loss of the masks' entropy. Default 1e-3.
  public var sparsityWeight: Float = 1e-3
  /// Probability that self-supervised training hides a group of columns. Default 0.2.
  public var pretrainingRatio: Float = 0.2
  /// Number of gated layers whose matrices the decoder's steps share. Default 1.
  public var decoderSharedLayers = 1
  /// Number of gated layers of every step of the decoder that are its own. Default 1.
  public var decoderIndependentLayers = 1

  /// Names of the fields in files.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case decisionWidth = "n_d"
    case attentionWidth = "n_a"
    case steps = "n_steps"
    case gamma
    case categoryColumns = "cat_idxs"
    case embeddingWidths = "cat_emb_dim"
    case independentLayers = "n_independent"
    case sharedLayers = "n_shared"
    case epsilon
    case virtualBatchSize = "virtual_batch_size"
    case momentum
    case maskType = "mask_type"
    case groupedFeatures = "grouped_features"
    case sparsityWeight = "lambda_sparse"
    case pretrainingRatio = "pretraining_ratio"
    case decoderSharedLayers = "n_shared_decoder"
    case decoderIndependentLayers = "n_indep_decoder"
  }

  /// The authors' defaults.
  public init() {}

  /// Reads a configuration; absent keys have their defaults, unknown ones are refused.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    try self.init(keys: try decoder.container(keyedBy: CodingKeys.self))
  }

  /// Reads a configuration whose section holds keys of others too; absent keys have their defaults.
  public init(keys container: KeyedDecodingContainer<CodingKeys>) throws {
    self.init()
    decisionWidth = try container.value(.decisionWidth, or: decisionWidth)
    attentionWidth = try container.value(.attentionWidth, or: attentionWidth)
    steps = try container.value(.steps, or: steps)
    gamma = try container.value(.gamma, or: gamma)
    categoryColumns = try container.decodeIfPresent([Int].self, forKey: .categoryColumns)
    if let same = try? container.decodeIfPresent(Int.self, forKey: .embeddingWidths) {
      embeddingWidths = [same]
    } else {
      embeddingWidths = try container.value(.embeddingWidths, or: embeddingWidths)
    }
    independentLayers = try container.value(.independentLayers, or: independentLayers)
    sharedLayers = try container.value(.sharedLayers, or: sharedLayers)
    epsilon = try container.value(.epsilon, or: epsilon)
    virtualBatchSize = try container.value(.virtualBatchSize, or: virtualBatchSize)
    momentum = try container.value(.momentum, or: momentum)
    maskType = try container.value(.maskType, or: maskType)
    groupedFeatures = try container.value(.groupedFeatures, or: groupedFeatures)
    sparsityWeight = try container.value(.sparsityWeight, or: sparsityWeight)
    pretrainingRatio = try container.value(.pretrainingRatio, or: pretrainingRatio)
    decoderSharedLayers = try container.value(.decoderSharedLayers, or: decoderSharedLayers)
    decoderIndependentLayers = try container.value(.decoderIndependentLayers, or: decoderIndependentLayers)
  }

  /// Positions of the categorical columns in rows of some columns.
  func positions(of inputs: TabularInputs) -> [Int] {
    categoryColumns ?? Array(inputs.numeric..<inputs.numeric + inputs.cardinalities.count)
  }

  /// Width of the vectors of each categorical column.
  func widths(of inputs: TabularInputs) -> [Int] {
    embeddingWidths.count == 1 ? inputs.cardinalities.map { _ in embeddingWidths[0] } : embeddingWidths
  }

  /// Checks the ranges and combinations for rows of some columns.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func validate(_ inputs: TabularInputs) throws(TernError) {
    try ConfigurationChecks.check("n_d", decisionWidth, 1...largestWidth)
    try ConfigurationChecks.check("n_a", attentionWidth, 1...largestWidth)
    try ConfigurationChecks.check("n_steps", steps, 1...1024)
    try ConfigurationChecks.check("gamma", gamma, 1...1e6)
    try ConfigurationChecks.check("n_independent", independentLayers, 0...1024)
    try ConfigurationChecks.check("n_shared", sharedLayers, 0...1024)
    guard independentLayers + sharedLayers > 0 else {
      throw TernError(.configuration, "n_shared and n_independent cannot both be zero", key: "n_shared")
    }
    try ConfigurationChecks.check("epsilon", epsilon, Float.leastNormalMagnitude...1)
    try ConfigurationChecks.check("virtual_batch_size", virtualBatchSize, 2...Int(Int32.max))
    try ConfigurationChecks.check("momentum", momentum, 0...1)
    try ConfigurationChecks.check("lambda_sparse", sparsityWeight, 0...1e6)
    try ConfigurationChecks.checkDropout("pretraining_ratio", pretrainingRatio)
    try ConfigurationChecks.check("n_shared_decoder", decoderSharedLayers, 0...1024)
    try ConfigurationChecks.check("n_indep_decoder", decoderIndependentLayers, 0...1024)
    try validateCategories(inputs)
    try validateGroups(columns: inputs.numeric + inputs.cardinalities.count)
  }

  private func validateCategories(_ inputs: TabularInputs) throws(TernError) {
    let (positions, columns) = (positions(of: inputs), inputs.numeric + inputs.cardinalities.count)
    let rises = zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }
    guard rises, positions.allSatisfy({ $0 >= 0 && $0 < columns }) else {
      throw TernError(
        .configuration, "not the rising positions of columns", key: "cat_idxs", found: "\(positions)",
        expected: "numbers in 0 ... \(columns - 1)")
    }
    for (key, list) in [("cat_idxs", positions), ("cat_emb_dim", widths(of: inputs))]
    where list.count != inputs.cardinalities.count {
      throw TernError(
        .configuration, "has another length than there are categorical columns", key: key,
        found: "\(list.count)", expected: "\(inputs.cardinalities.count)")
    }
    for width in embeddingWidths { try ConfigurationChecks.check("cat_emb_dim", width, 1...largestWidth) }
  }

  private func validateGroups(columns: Int) throws(TernError) {
    let grouped = groupedFeatures.flatMap { $0 }
    guard grouped.allSatisfy({ $0 >= 0 && $0 < columns }), groupedFeatures.allSatisfy({ !$0.isEmpty }) else {
      throw TernError(
        .configuration, "not lists of columns", key: "grouped_features", found: "\(groupedFeatures)",
        expected: "numbers in 0 ... \(columns - 1)")
    }
    guard Set(grouped).count == grouped.count else {
      throw TernError(
        .configuration, "a column stands in two groups", key: "grouped_features", found: "\(groupedFeatures)")
    }
  }
}
