import Diagnostics
import Optimizers

/// How a network is trained, whatever network it is; keys as in the field.
public struct FitConfiguration: Codable, Sendable, Equatable {
  /// Rows of a batch. Default 256.
  public var batchSize = 256
  /// Passes over the training rows at most. Default 200.
  public var maxEpochs = 200
  /// Epochs without a better validation score after which training ends, 0 for never. Default 16.
  public var patience = 16
  /// How much better a score must be to count. Default 0.
  public var minDelta = 0.0
  /// Batches whose gradients are added up before a step. Default 1.
  public var accumulationSteps = 1
  /// Length that the gradients of a step are clipped to, 0 for none. Default 0.
  public var clipNorm = 0.0
  /// Share of the old averages that stays in the moving average of weights that is evaluated and kept, 0 for no average.
  /// Default 0.
  public var emaDecay = 0.0
  /// Whether rows that do not fill a last batch are left out of the epoch. Default false.
  public var dropLast = false
  /// The loss; nil takes cross-entropy for classes and the squared error for numbers.
  public var loss: LossConfiguration?
  /// The update rule.
  public var optimizer = OptimizerConfiguration()
  /// The course of the learning rate.
  public var schedule = LearningRateSchedule()

  /// The defaults.
  public init() {}

  /// Keys of a configuration file.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case batchSize = "batch_size"
    case maxEpochs = "max_epochs"
    case patience
    case minDelta = "min_delta"
    case accumulationSteps = "accumulation_steps"
    case clipNorm = "clip_norm"
    case emaDecay = "ema_decay"
    case dropLast = "drop_last"
    case loss, optimizer, schedule
  }

  /// Reads a configuration over the defaults.
  /// - Throws: `TernError` of kind `configuration` for an unknown key and a value out of range.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    try self.init(keys: try decoder.container(keyedBy: CodingKeys.self), over: FitConfiguration())
  }

  /// Reads a configuration over the defaults of a network, from a section that may hold keys of others too.
  /// - Throws: `TernError` of kind `configuration` for a value out of range.
  public init(keys values: KeyedDecodingContainer<CodingKeys>, over defaults: FitConfiguration) throws {
    self = defaults
    batchSize = try values.decodeIfPresent(Int.self, forKey: .batchSize) ?? batchSize
    maxEpochs = try values.decodeIfPresent(Int.self, forKey: .maxEpochs) ?? maxEpochs
    patience = try values.decodeIfPresent(Int.self, forKey: .patience) ?? patience
    minDelta = try values.decodeIfPresent(Double.self, forKey: .minDelta) ?? minDelta
    accumulationSteps =
      try values.decodeIfPresent(Int.self, forKey: .accumulationSteps) ?? accumulationSteps
    clipNorm = try values.decodeIfPresent(Double.self, forKey: .clipNorm) ?? clipNorm
    emaDecay = try values.decodeIfPresent(Double.self, forKey: .emaDecay) ?? emaDecay
    dropLast = try values.decodeIfPresent(Bool.self, forKey: .dropLast) ?? dropLast
    loss = try values.decodeIfPresent(LossConfiguration.self, forKey: .loss) ?? loss
    if values.contains(.optimizer) {
      let section = try values.superDecoder(forKey: .optimizer)
      optimizer = try OptimizerConfiguration(from: section, over: optimizer)
    }
    schedule = try values.decodeIfPresent(LearningRateSchedule.self, forKey: .schedule) ?? schedule
    try validate(prefix: values.codingPath.map(\.stringValue))
  }

  /// Holds every number against its range.
  /// - Throws: `TernError` of kind `configuration`.
  public func validate(prefix: [String] = []) throws(TernError) {
    func check(
      _ holds: Bool, _ key: CodingKeys, _ found: some Any, _ expected: String
    ) throws(TernError) {
      guard !holds else { return }
      throw TernError(
        .configuration, "is out of range", key: (prefix + [key.rawValue]).joined(separator: "."),
        found: "\(found)", expected: expected)
    }
    try check((1...1 << 20).contains(batchSize), .batchSize, batchSize, "1 to 1048576")
    try check(maxEpochs >= 1, .maxEpochs, maxEpochs, "at least 1")
    try check(patience >= 0, .patience, patience, "at least 0")
    try check(minDelta.isFinite && minDelta >= 0, .minDelta, minDelta, "a number of at least 0")
    try check(accumulationSteps >= 1, .accumulationSteps, accumulationSteps, "at least 1")
    try check(clipNorm.isFinite && clipNorm >= 0, .clipNorm, clipNorm, "a number of at least 0")
    try check(emaDecay >= 0 && emaDecay < 1, .emaDecay, emaDecay, "a number in [0, 1)")
    try loss?.validate(prefix: prefix + [CodingKeys.loss.rawValue])
    try optimizer.validate(prefix: prefix + [CodingKeys.optimizer.rawValue])
    try schedule.validate(prefix: prefix + [CodingKeys.schedule.rawValue])
  }
}
