import Market

/// A reading of risk for people and metrics; nothing decides by it.
public struct RiskStatus: Equatable, Sendable {
  /// What is allowed.
  public var state: RiskState
  /// What holds the state; nil when active.
  public var reason: RiskReason?
  /// The UTC day, counted from 1970-01-01.
  public var day: Int64
  /// Equity when the day began.
  public var dayStartEquity: Money
  /// Equity when last observed.
  public var equity: Money
  /// The highest equity observed since the start or the last re-arming out of a shutdown.
  public var peakEquity: Money
  /// Loss since the day began, a fraction of the equity it began with; negative for a gain.
  public var dailyLoss: Double
  /// Fall from the peak, a fraction of it.
  public var drawdown: Double
  /// Positions opened today.
  public var dailyTrades: Int
  /// Losing trades in a row today.
  public var consecutiveLosses: Int
  /// The largest of the markets' ratios of realised to normal volatility; nil before enough bars are known.
  public var volatilityRatio: Double?
  /// Annualised Sharpe ratio of the last days; nil before enough are known or when they do not vary.
  public var sharpe: Double?
  /// Whether the Sharpe ratio asks for a review.
  public var needsReview: Bool
  /// Whether everything must be closed now.
  public var mustFlatten: Bool
  /// Whether only a person can allow openings again.
  public var needsRearm: Bool
  /// Number of orders approved so far.
  public var approvedOrders: UInt64
}
