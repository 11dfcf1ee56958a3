public import Diagnostics

/// The shape of an FT-Transformer, its fields as in rtdl_revisiting_models.
public struct FTTransformerConfiguration: Codable, Sendable, Equatable {
  /// The function in the middle of a feed-forward branch.
  public enum FeedForwardActivation: String, Codable, Sendable, CaseIterable {
    /// `max(x, 0)`.
    case relu = "ReLU"
    /// `a·max(b, 0)` of a layer twice as wide, as in the paper.
    case reglu = "ReGLU"
  }

  /// Which compressions the keys and values of an attention share (Linformer).
  public enum CompressionSharing: String, Codable, Sendable, CaseIterable {
    /// All heads share one for keys and one for values.
    case headwise
    /// Keys and values share one.
    case keyValue = "key-value"
  }

  /// Number of blocks. Default 3.
  public var blocks = 3
  /// Width of every token, a multiple of `attention_n_heads`. Default 192.
  public var blockWidth = 192
  /// Number of heads; with one there is no map behind the attention. Default 8.
  public var attentionHeads = 8
  /// Probability of dropping an attention probability. Default 0.2.
  public var attentionDropout: Float = 0.2
  /// Width of the feed-forward branch behind its activation; nil takes `ffn_d_hidden_multiplier`. Default nil.
  public var feedForwardHidden: Int?
  /// That width as a multiple of `d_block`, rounded down; ignored when `ffn_d_hidden` is given. Default 4/3.
  public var feedForwardHiddenMultiplier = 4.0 / 3.0
  /// Probability of dropping an element behind the feed-forward activation. Default 0.1.
  public var feedForwardDropout: Float = 0.1
  /// The feed-forward activation. Default ReGLU.
  public var feedForwardActivation = FeedForwardActivation.reglu
  /// Probability of dropping an element of a branch. Default 0.
  public var residualDropout: Float = 0
  /// Number of keys as a part of the number of tokens; nil attends to all tokens. Default nil.
  public var compressionRatio: Double?
  /// Who shares a compression; default headwise.
  public var compressionSharing = CompressionSharing.headwise
  /// How numeric features become tokens. Default linear.
  public var numericEmbedding = NumericEmbeddingConfiguration()
  /// Whether training keeps only the input of each block and computes the block twice. Default false.
  public var checkpointing = false

  /// Names of the fields in files.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case blocks = "n_blocks"
    case blockWidth = "d_block"
    case attentionHeads = "attention_n_heads"
    case attentionDropout = "attention_dropout"
    case feedForwardHidden = "ffn_d_hidden"
    case feedForwardHiddenMultiplier = "ffn_d_hidden_multiplier"
    case feedForwardDropout = "ffn_dropout"
    case feedForwardActivation = "ffn_activation"
    case residualDropout = "residual_dropout"
    case compressionRatio = "linformer_kv_compression_ratio"
    case compressionSharing = "linformer_kv_compression_sharing"
    case numericEmbedding = "numeric_embedding"
    case checkpointing
  }

  /// The authors' default for a number of blocks from 1 to 6.
  /// - Throws: `TernError` of kind `configuration` for another number.
  public init(blocks: Int) throws(TernError) {
    try ConfigurationChecks.check("n_blocks", blocks, 1...6)
    self.blocks = blocks
    blockWidth = [96, 128, 192, 256, 320, 384][blocks - 1]
    attentionDropout = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35][blocks - 1]
    feedForwardDropout = [0, 0.05, 0.1, 0.15, 0.2, 0.25][blocks - 1]
  }

  /// The authors' default of three blocks.
  public init() {}

  /// Reads a configuration; absent keys have their defaults, unknown ones are refused.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    try self.init(keys: try decoder.container(keyedBy: CodingKeys.self))
  }

  /// Reads a configuration whose section holds keys of others too; absent keys have their defaults.
  public init(keys container: KeyedDecodingContainer<CodingKeys>) throws {
    self.init()
    blocks = try container.value(.blocks, or: blocks)
    blockWidth = try container.value(.blockWidth, or: blockWidth)
    attentionHeads = try container.value(.attentionHeads, or: attentionHeads)
    attentionDropout = try container.value(.attentionDropout, or: attentionDropout)
    feedForwardHidden = try container.decodeIfPresent(Int.self, forKey: .feedForwardHidden)
    feedForwardHiddenMultiplier = try container.value(
      .feedForwardHiddenMultiplier, or: feedForwardHiddenMultiplier)
    feedForwardDropout = try container.value(.feedForwardDropout, or: feedForwardDropout)
    feedForwardActivation = try container.value(.feedForwardActivation, or: feedForwardActivation)
    residualDropout = try container.value(.residualDropout, or: residualDropout)
    compressionRatio = try container.decodeIfPresent(Double.self, forKey: .compressionRatio)
    compressionSharing = try container.value(.compressionSharing, or: compressionSharing)
    numericEmbedding = try container.value(.numericEmbedding, or: numericEmbedding)
    checkpointing = try container.value(.checkpointing, or: checkpointing)
  }

  /// Width of the feed-forward branch behind its activation.
  public var hiddenWidth: Int { feedForwardHidden ?? Int(Double(blockWidth) * feedForwardHiddenMultiplier) }
  /// Number of keys of an attention to so many tokens.
  public func keys(tokens: Int) -> Int { compressionRatio.map { max(Int(Double(tokens) * $0), 1) } ?? tokens }

  /// Checks the ranges and combinations for a number of numeric features.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func validate(numericFeatures: Int) throws(TernError) {
    try ConfigurationChecks.check("n_blocks", blocks, 1...1024)
    try ConfigurationChecks.check("d_block", blockWidth, 1...largestWidth)
    try ConfigurationChecks.check("attention_n_heads", attentionHeads, 1...blockWidth)
    guard blockWidth % attentionHeads == 0 else {
      throw TernError(
        .configuration, "no multiple of attention_n_heads", key: "d_block", found: "\(blockWidth)",
        expected: "a multiple of \(attentionHeads)")
    }
    guard feedForwardHiddenMultiplier >= 0, feedForwardHiddenMultiplier <= 1024 else {
      throw TernError(
        .configuration, "lies outside its range", key: "ffn_d_hidden_multiplier",
        found: "\(feedForwardHiddenMultiplier)", expected: "0 ... 1024")
    }
    try ConfigurationChecks.check("ffn_d_hidden", hiddenWidth, 1...1_048_576)
    try ConfigurationChecks.checkDropout("attention_dropout", attentionDropout)
    try ConfigurationChecks.checkDropout("ffn_dropout", feedForwardDropout)
    try ConfigurationChecks.checkDropout("residual_dropout", residualDropout)
    if let compressionRatio, !(compressionRatio > 0 && compressionRatio < 1) {
      throw TernError(
        .configuration, "lies outside its range", key: "linformer_kv_compression_ratio",
        found: "\(compressionRatio)", expected: "above 0 and below 1")
    }
    if numericFeatures > 0 { try numericEmbedding.validate(features: numericFeatures) }
  }
}
