import Backtest
import Calibration
import Datasets
import Diagnostics
import Evaluation
import Feeds
import Labels

// Every section keeps its defaults for absent keys and refuses unknown ones.

extension KeyedDecodingContainer {
  /// Replaces a default when the key is there.
  fileprivate func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
    value = try decodeIfPresent(Value.self, forKey: key) ?? value
  }
}

extension PipelineConfiguration {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, seed, data, features, labels, layers, calibration, backtest, significance, gates, registry
    case walkForward = "walk_forward"
  }

  /// Reads a pipeline file.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try values.read(.name, into: &name)
    try values.read(.seed, into: &seed)
    try values.read(.data, into: &data)
    try values.read(.features, into: &features)
    try values.read(.labels, into: &labels)
    try values.read(.walkForward, into: &walkForward)
    try values.read(.layers, into: &layers)
    try values.read(.calibration, into: &calibration)
    try values.read(.backtest, into: &backtest)
    try values.read(.significance, into: &significance)
    try values.read(.gates, into: &gates)
    try values.read(.registry, into: &registry)
  }
}

extension PipelineConfiguration.DataSection {
  enum CodingKeys: String, CodingKey, CaseIterable { case paths, symbol, interval, funding, synthetic }

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    paths = try values.decodeIfPresent([String].self, forKey: .paths)
    symbol = try values.decodeIfPresent(String.self, forKey: .symbol)
    interval = try values.decodeIfPresent(String.self, forKey: .interval)
    try values.read(.funding, into: &funding)
    try values.read(.synthetic, into: &synthetic)
  }
}

extension PipelineConfiguration.FeaturesSection {
  enum CodingKeys: String, CodingKey, CaseIterable { case select, exclude }

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    select = try values.decodeIfPresent([String].self, forKey: .select)
    try values.read(.exclude, into: &exclude)
  }
}

extension PipelineConfiguration.LabelsSection {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case regime
    case tripleBarrier = "triple_barrier"
  }

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try values.read(.tripleBarrier, into: &tripleBarrier)
    try values.read(.regime, into: &regime)
  }
}

extension PipelineConfiguration.WalkForwardSection {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case train, test, step, embargo, calibration
    case crossFitBlocks = "cross_fit_blocks"
    case trainEvery = "train_every"
  }

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try values.read(.train, into: &train)
    try values.read(.test, into: &test)
    try values.read(.step, into: &step)
    try values.read(.embargo, into: &embargo)
    try values.read(.calibration, into: &calibration)
    try values.read(.crossFitBlocks, into: &crossFitBlocks)
    try values.read(.trainEvery, into: &trainEvery)
    guard trainEvery >= 1 else {
      throw TernError(
        .configuration, "is out of range", key: "walk_forward.train_every", found: "\(trainEvery)",
        expected: "1 or more")
    }
  }
}

extension PipelineConfiguration.LayersSection {
  enum CodingKeys: String, CodingKey, CaseIterable { case regime, signal }

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try values.read(.regime, into: &regime)
    try values.read(.signal, into: &signal)
  }
}

extension PipelineConfiguration.SignificanceSection {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case replicates, level
    case blockDays = "block_days"
  }

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try values.read(.replicates, into: &replicates)
    try values.read(.blockDays, into: &blockDays)
    try values.read(.level, into: &level)
  }
}

extension PipelineConfiguration.RegistrySection {
  enum CodingKeys: String, CodingKey, CaseIterable { case stack, alias }

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try values.read(.stack, into: &stack)
    try values.read(.alias, into: &alias)
  }
}
