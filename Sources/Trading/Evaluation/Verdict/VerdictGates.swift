import Diagnostics

/// The limits a run is held against. A gate set to nil is not asked.
public struct VerdictGates: Equatable, Sendable {
  /// Whether the evidence must come from unseen rows. Default true.
  public var requiresUnseen = true
  /// Fewest folds. Default 3.
  public var minimumFolds: Int? = 3
  /// Fewest trades; below, an expectancy is an anecdote. Default 100.
  public var minimumTrades: Int? = 100
  /// The AUC interval must lie wholly above this. Default 0.5.
  public var aucLowerBound: Double? = 0.5
  /// The net expectancy must be above this, a fraction per trade. Default 0.
  public var netExpectancyAbove: Double? = 0
  /// Whether the whole interval of the expectancy must be above, or only its estimate. Default true.
  public var judgesExpectancyByLowerBound = true
  /// Largest |mean confidence − hit rate| on the slice that acts. Default 0.05.
  public var maximumCalibrationGap: Double? = 0.05
  /// Fewest rows on that slice for its gap to mean anything. Default 100.
  public var minimumConfidentRows: Int? = 100
  /// Largest drawdown, a fraction. Default 0.05, the drawdown at which the system shuts itself down.
  public var maximumDrawdown: Double? = 0.05
  /// Largest p-value against random entries. Default 0.05.
  public var maximumRandomEntryPValue: Double? = 0.05
  /// Smallest deflated Sharpe ratio. Default nil, not asked, because it needs an honest count of trials.
  public var minimumDeflatedSharpe: Double?
  /// Smallest share of folds that made money. Default nil, not asked.
  public var minimumProfitableFolds: Double?

  /// The defaults.
  public init() {}
}

extension VerdictGates: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case requiresUnseen = "requires_unseen"
    case minimumFolds = "minimum_folds"
    case minimumTrades = "minimum_trades"
    case aucLowerBound = "auc_lower_bound"
    case netExpectancyAbove = "net_expectancy_above"
    case judgesExpectancyByLowerBound = "judges_expectancy_by_lower_bound"
    case maximumCalibrationGap = "maximum_calibration_gap"
    case minimumConfidentRows = "minimum_confident_rows"
    case maximumDrawdown = "maximum_drawdown"
    case maximumRandomEntryPValue = "maximum_random_entry_p_value"
    case minimumDeflatedSharpe = "minimum_deflated_sharpe"
    case minimumProfitableFolds = "minimum_profitable_folds"
  }

  /// Reads gates: an absent key keeps its default, `null` switches the gate off, an unknown key is refused.
  /// - Throws: `TernError` of kind `configuration` for an unknown key, or a limit that no run could miss or meet, such
  ///   as a drawdown of 5 where 0.05 was meant.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func gate<Value: Decodable>(_ key: CodingKeys, _ value: inout Value?) throws {
      if container.contains(key) { value = try container.decodeIfPresent(Value.self, forKey: key) }
    }
    requiresUnseen = try container.decodeIfPresent(Bool.self, forKey: .requiresUnseen) ?? requiresUnseen
    judgesExpectancyByLowerBound =
      try container.decodeIfPresent(Bool.self, forKey: .judgesExpectancyByLowerBound)
      ?? judgesExpectancyByLowerBound
    try gate(.minimumFolds, &minimumFolds)
    try gate(.minimumTrades, &minimumTrades)
    try gate(.aucLowerBound, &aucLowerBound)
    try gate(.netExpectancyAbove, &netExpectancyAbove)
    try gate(.maximumCalibrationGap, &maximumCalibrationGap)
    try gate(.minimumConfidentRows, &minimumConfidentRows)
    try gate(.maximumDrawdown, &maximumDrawdown)
    try gate(.maximumRandomEntryPValue, &maximumRandomEntryPValue)
    try gate(.minimumDeflatedSharpe, &minimumDeflatedSharpe)
    try gate(.minimumProfitableFolds, &minimumProfitableFolds)

    func require(_ key: CodingKeys, _ value: Double?, _ range: ClosedRange<Double>, _ expected: String) throws
    {
      guard let value, !range.contains(value) else { return }
      throw TernError(
        .configuration, "out of range",
        key: (decoder.codingPath + [key]).map(\.stringValue).joined(separator: "."), found: "\(value)",
        expected: expected)
    }
    try require(.minimumFolds, minimumFolds.map(Double.init), 0...Double.infinity, "a count")
    try require(.minimumTrades, minimumTrades.map(Double.init), 0...Double.infinity, "a count")
    try require(.minimumConfidentRows, minimumConfidentRows.map(Double.init), 0...Double.infinity, "a count")
    try require(.netExpectancyAbove, netExpectancyAbove, -1...1, "a fraction per trade from -1 to 1")
    for (key, value) in [
      (CodingKeys.aucLowerBound, aucLowerBound), (.maximumCalibrationGap, maximumCalibrationGap),
      (.maximumDrawdown, maximumDrawdown), (.maximumRandomEntryPValue, maximumRandomEntryPValue),
      (.minimumDeflatedSharpe, minimumDeflatedSharpe), (.minimumProfitableFolds, minimumProfitableFolds),
    ] {
      try require(key, value, 0...1, "a fraction from 0 to 1")
    }
  }

  /// Writes every gate, `null` for one that is not asked, so that reading restores exactly this value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(requiresUnseen, forKey: .requiresUnseen)
    try container.encode(minimumFolds, forKey: .minimumFolds)
    try container.encode(minimumTrades, forKey: .minimumTrades)
    try container.encode(aucLowerBound, forKey: .aucLowerBound)
    try container.encode(netExpectancyAbove, forKey: .netExpectancyAbove)
    try container.encode(judgesExpectancyByLowerBound, forKey: .judgesExpectancyByLowerBound)
    try container.encode(maximumCalibrationGap, forKey: .maximumCalibrationGap)
    try container.encode(minimumConfidentRows, forKey: .minimumConfidentRows)
    try container.encode(maximumDrawdown, forKey: .maximumDrawdown)
    try container.encode(maximumRandomEntryPValue, forKey: .maximumRandomEntryPValue)
    try container.encode(minimumDeflatedSharpe, forKey: .minimumDeflatedSharpe)
    try container.encode(minimumProfitableFolds, forKey: .minimumProfitableFolds)
  }
}
