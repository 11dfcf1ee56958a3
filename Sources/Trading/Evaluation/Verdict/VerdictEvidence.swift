/// What is known of a run when it is judged. A number that was not measured is nil, and a gate that needs it fails.
public struct VerdictEvidence: Codable, Equatable, Sendable {
  /// Whether the numbers come from rows that no part of the stack was trained, calibrated, tuned or selected on.
  public var isUnseen: Bool
  /// Number of walk-forward folds.
  public var folds: Int
  /// Number of round-trip trades in the unseen span.
  public var trades: Int
  /// Interval of the AUC of the signal, from blocks of days.
  public var auc: ConfidenceInterval?
  /// Interval of the mean net return per trade, fractions, after fees and funding.
  public var netExpectancy: ConfidenceInterval?
  /// The rows on which the decision rule acts.
  public var confidentSlice: ConfidentSlice?
  /// Largest loss from a peak of equity, a fraction above zero.
  public var maximumDrawdown: Double?
  /// Share of random-entry strategies (same number of trades, same exits) that did at least as well.
  public var randomEntryPValue: Double?
  /// Total net return of the strategy, a fraction.
  public var totalReturn: Double?
  /// Probability that the true Sharpe ratio exceeds what the best of all trials would show by luck.
  public var deflatedSharpe: Double?
  /// Share of folds that made money after costs, over the folds that traded.
  public var profitableFolds: Double?

  /// Gathers evidence; leave out what was not measured.
  public init(
    isUnseen: Bool, folds: Int, trades: Int, auc: ConfidenceInterval? = nil,
    netExpectancy: ConfidenceInterval? = nil, confidentSlice: ConfidentSlice? = nil,
    maximumDrawdown: Double? = nil, randomEntryPValue: Double? = nil, totalReturn: Double? = nil,
    deflatedSharpe: Double? = nil, profitableFolds: Double? = nil
  ) {
    self.isUnseen = isUnseen
    self.folds = folds
    self.trades = trades
    self.auc = auc
    self.netExpectancy = netExpectancy
    self.confidentSlice = confidentSlice
    self.maximumDrawdown = maximumDrawdown
    self.randomEntryPValue = randomEntryPValue
    self.totalReturn = totalReturn
    self.deflatedSharpe = deflatedSharpe
    self.profitableFolds = profitableFolds
  }
}
