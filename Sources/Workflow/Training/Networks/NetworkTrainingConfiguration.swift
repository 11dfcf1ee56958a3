import Diagnostics
import Fitting
import NetworkModels
import Networks
import Optimizers
import Preprocessing

/// Everything that decides what network is trained on a table and how, as one flat section of keys: those of the network,
/// of the training loop and of the preparation, each by the name of its field.
///
///     n_blocks: 3            # the network's
///     batch_size: 256        # the training loop's
///     lr: 1e-4               # short for optimizer.lr, as is weight_decay for optimizer.weight_decay
///     preprocessing: {numeric: quantile-normal}
public struct NetworkTrainingConfiguration: Encodable, Equatable, Sendable {
  /// The network and its shape.
  public var architecture: NetworkArchitecture
  /// The training loop.
  public var fit: FitConfiguration
  /// How the encoder of a TabNet is trained without targets before; nil for not at all. Default nil.
  public var pretraining: FitConfiguration?
  /// What columns go through before the network reads them.
  public var preprocessing = PreprocessingConfiguration()
  /// What the target of a regression goes through.
  public enum TargetTransform: String, Codable, Sendable, CaseIterable {
    /// (y - mean) / standard deviation of the training rows; predictions are in the target's own units again.
    case standard
    /// Nothing.
    case none
  }

  /// What the target of a regression goes through. Default standard.
  public var targetScaling = TargetTransform.standard
  /// What rows of each class weigh. Default none.
  public var classWeight = ClassWeight.none
  /// How the edges of a piecewise-linear embedding are found, where the architecture does not give them.
  public var embeddingBins = EmbeddingBins()
  /// The metric of the validation rows that decides which epoch was the best; nil takes `logloss` for classes, and for
  /// numbers `mae` where the loss is absolute, else `rmse`.
  public var evalMetric: String?

  /// The defaults of a network.
  public init(_ family: NetworkFamily) {
    architecture = family.architecture
    fit = family.fit
  }

  /// The keys that belong neither to the network nor to the training loop.
  private enum OwnKeys: String, CodingKey, CaseIterable {
    case preprocessing
    case targetScaling = "target_scaling"
    case classWeight = "class_weight"
    case evalMetric = "eval_metric"
    case pretraining
    case lr
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
  }

  /// Reads a section over the defaults of a network.
  /// - Throws: `TernError` of kind `configuration` for an unknown key, with the nearest known one, and a value out of range.
  public init(from decoder: any Decoder, _ family: NetworkFamily) throws {
    self.init(family)
    let own = OwnKeys.allCases.filter { $0 != .pretraining || family == .tabnet }
    try decoder.rejectUnknownKeys(
      architecture.keys + (FitConfiguration.CodingKeys.allCases.map(\.rawValue) + own.map(\.rawValue)))
    switch family {
    case .tabnet:
      architecture = .tabnet(
        try TabNetConfiguration(keys: decoder.container(keyedBy: TabNetConfiguration.CodingKeys.self)))
    case .ftTransformer: architecture = .ftTransformer(try readTransformer(from: decoder))
    }
    fit = try FitConfiguration(
      keys: decoder.container(keyedBy: FitConfiguration.CodingKeys.self), over: family.fit)
    try readOwn(decoder.container(keyedBy: OwnKeys.self), family)
    try fit.optimizer.validate(prefix: decoder.codingPath.map(\.stringValue))
  }

  /// The shape of a transformer, whose numeric embedding may say how its bins are found.
  private mutating func readTransformer(from decoder: any Decoder) throws -> FTTransformerConfiguration {
    typealias Keys = FTTransformerConfiguration.CodingKeys
    let others = PartialDecoder(decoder, without: [Keys.numericEmbedding.rawValue])
    var shape = try FTTransformerConfiguration(keys: others.container(keyedBy: Keys.self))
    if let section = try decoder.container(keyedBy: Keys.self).decodeIfPresent(
      NumericEmbeddingSection.self, forKey: .numericEmbedding)
    {
      shape.numericEmbedding = section.embedding
      embeddingBins = section.bins
    }
    return shape
  }

  private mutating func readOwn(
    _ values: KeyedDecodingContainer<OwnKeys>, _ family: NetworkFamily
  ) throws {
    preprocessing =
      try values.decodeIfPresent(PreprocessingConfiguration.self, forKey: .preprocessing) ?? preprocessing
    targetScaling =
      try values.decodeIfPresent(TargetTransform.self, forKey: .targetScaling) ?? targetScaling
    classWeight = try values.decodeIfPresent(ClassWeight.self, forKey: .classWeight) ?? classWeight
    evalMetric = try values.decodeIfPresent(String.self, forKey: .evalMetric)
    for key in [OwnKeys.lr, .learningRate] {
      if let rate = try values.decodeIfPresent(Double.self, forKey: key) { fit.optimizer.lr = rate }
    }
    if let decay = try values.decodeIfPresent(Double.self, forKey: .weightDecay) {
      fit.optimizer.weightDecay = decay
    }
    if values.contains(.pretraining), try !values.decodeNil(forKey: .pretraining) {
      let section = try values.superDecoder(forKey: .pretraining)
      try section.rejectUnknownKeys(
        FitConfiguration.CodingKeys.allCases.map(\.rawValue).filter { $0 != "loss" })
      pretraining = try FitConfiguration(
        keys: section.container(keyedBy: FitConfiguration.CodingKeys.self), over: family.fit)
    }
  }

  /// Writes all keys, defaults included, so that the section reads back as the same configuration.
  public func encode(to encoder: any Encoder) throws {
    switch architecture {
    case .tabnet(let shape): try shape.encode(to: encoder)
    case .ftTransformer(let shape):
      try shape.encode(to: encoder)
      if architecture.fitsBins {
        var values = encoder.container(keyedBy: FTTransformerConfiguration.CodingKeys.self)
        try values.encode(
          NumericEmbeddingSection(shape.numericEmbedding, embeddingBins), forKey: .numericEmbedding)
      }
    }
    try fit.encode(to: encoder)
    var own = encoder.container(keyedBy: OwnKeys.self)
    try own.encode(preprocessing, forKey: .preprocessing)
    try own.encode(targetScaling, forKey: .targetScaling)
    try own.encode(classWeight, forKey: .classWeight)
    try own.encodeIfPresent(evalMetric, forKey: .evalMetric)
    try own.encodeIfPresent(pretraining, forKey: .pretraining)
  }
}

extension NetworkArchitecture {
  /// The names of the fields that describe it.
  var keys: [String] {
    switch self {
    case .tabnet: TabNetConfiguration.CodingKeys.allCases.map(\.rawValue)
    case .ftTransformer: FTTransformerConfiguration.CodingKeys.allCases.map(\.rawValue)
    }
  }
}

/// A section of keys for TabNet.
public struct TabNetSection: Decodable, Sendable {
  /// What it says.
  public let configuration: NetworkTrainingConfiguration

  /// Reads the section; see `NetworkTrainingConfiguration`.
  public init(from decoder: any Decoder) throws {
    configuration = try NetworkTrainingConfiguration(from: decoder, .tabnet)
  }
}

/// A section of keys for FT-Transformer.
public struct FTTransformerSection: Decodable, Sendable {
  /// What it says.
  public let configuration: NetworkTrainingConfiguration

  /// Reads the section; see `NetworkTrainingConfiguration`.
  public init(from decoder: any Decoder) throws {
    configuration = try NetworkTrainingConfiguration(from: decoder, .ftTransformer)
  }
}
