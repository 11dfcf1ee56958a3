import Evaluation

/// How sure the headline numbers are.
public struct SignificanceReport: Codable, Equatable, Sendable {
  /// Name of the class whose AUC is given.
  public var aucClass: String
  /// DeLong's interval of the AUC, which takes rows as independent.
  public var aucDeLong: ConfidenceInterval?
  /// Day-block bootstrap of the AUC.
  public var aucBootstrap: BlockBootstrap.Result?
  /// Day-block bootstrap of the net expectancy per trade.
  public var expectancy: BlockBootstrap.Result?
  /// Sharpe ratio of daily returns, probabilistic and deflated.
  public var sharpe: SharpeSignificance?
  /// The comparison with random entries.
  public var randomEntry: RandomEntryReport?

  /// Gathers what was computed.
  public init(
    aucClass: String, aucDeLong: ConfidenceInterval? = nil, aucBootstrap: BlockBootstrap.Result? = nil,
    expectancy: BlockBootstrap.Result? = nil, sharpe: SharpeSignificance? = nil,
    randomEntry: RandomEntryReport? = nil
  ) {
    self.aucClass = aucClass
    self.aucDeLong = aucDeLong
    self.aucBootstrap = aucBootstrap
    self.expectancy = expectancy
    self.sharpe = sharpe
    self.randomEntry = randomEntry
  }
}

/// The strategy against others that enter at random with the same exits and number of trades.
public struct RandomEntryReport: Codable, Equatable, Sendable {
  /// Net expectancy per trade (or whichever statistic was compared) of each random strategy, ascending.
  public let outcomes: [Double]
  /// The strategy's own value.
  public let strategy: Double
  /// (1 + random strategies at least as good) / (1 + random strategies).
  public let pValue: Double

  /// Compares; outcomes that are not finite are left out. Nil when the strategy's value is not finite or no outcome is left.
  public init?(outcomes: [Double], strategy: Double) {
    let usable = outcomes.filter(\.isFinite).sorted()
    guard strategy.isFinite, !usable.isEmpty else { return nil }
    self.outcomes = usable
    self.strategy = strategy
    pValue = Double(1 + usable.count { $0 >= strategy }) / Double(1 + usable.count)
  }
}
