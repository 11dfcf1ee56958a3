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
  public init(from decoder: any Decoder) throws {
    try StrictKeys.check(decoder, known: CodingKeys.self)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func gate<Value: Decodable>(_ key: CodingKeys, _ value: inout Value?) throws {
      if container.contains(key) { value = try container.decodeIfPresent(Value.self, forKey: key) }
    }
    requiresUnseen = try container.decodeIfPresent(Bool.self, forKey: .requiresUnseen) ?? requiresUnseen
    judgesExpectancyByLowerBound =
      try container.decodeIfPresent(Bool.self, forKey: .judgesExpectancyByLowerBound) ?? judgesExpectancyByLowerBound
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
