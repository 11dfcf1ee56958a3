import Diagnostics
import Market

/// Every limit that risk enforces, in three tiers.
///
/// A limit on a fraction acts at the fraction itself: a margin of exactly `maximum_margin` is allowed and one unit more
/// is not; a loss of exactly `maximum_daily_loss` halts and one unit less does not.
public struct RiskLimits: Codable, Equatable, Sendable {
  // MARK: Position

  /// Largest margin of one position, a fraction of equity; default 0.08.
  public var maximumMargin = Rate(units: 8_000_000)
  /// Largest leverage a market may be set to, and largest notional of all positions over equity; default 5.
  public var maximumLeverage = Rate(units: 500_000_000)
  /// Largest distance of the stop, a fraction of the entry price; default 0.005.
  public var maximumStopLoss = Rate(units: 500_000)
  /// Largest distance of the take profit, a fraction of the entry price; default 0.015.
  public var maximumTakeProfit = Rate(units: 1_500_000)
  /// How far from the last close an opening order is assumed to fill, a fraction of the price; default 0.0005.
  public var slippageAllowance = Rate(units: 50_000)

  // MARK: Account

  /// Largest margin of all positions together, a fraction of equity; default 0.40.
  public var maximumAccountMargin = Rate(units: 40_000_000)
  /// Most positions held at a time; default 5.
  public var maximumOpenPositions = 5

  // MARK: Day, UTC

  /// Loss since the day began that halts, a fraction of the equity the day began with; default 0.02.
  public var maximumDailyLoss = Rate(units: 2_000_000)
  /// Most positions opened in a day; enlarging one does not count; default 15.
  public var maximumDailyTrades = 15
  /// Losing trades in a row within a day that halt; default 8.
  public var maximumConsecutiveLosses = 8

  // MARK: System

  /// Fall from the equity peak that shuts down, a fraction of the peak; default 0.05.
  public var maximumDrawdown = Rate(units: 5_000_000)
  /// Realised volatility over normal volatility at which everything is closed; default 3.
  public var volatilityMultiple = 3.0
  /// The ratio at or below which openings are allowed again; default 2.
  public var volatilityRelease = 2.0
  /// Bars whose returns make the realised volatility; default 60.
  public var volatilityShortBars = 60
  /// Bars, before those, whose returns make the normal volatility; default 10080, a week of minutes.
  public var volatilityNormalBars = 10_080
  /// Bars of the normal window that must be known before the ratio is judged; default 1440, a day of minutes.
  public var volatilityMinimumBars = 1_440
  /// Annualised Sharpe ratio below which a review is raised; default 0.5.
  public var reviewSharpe = 0.5
  /// Days that the Sharpe ratio is taken over, all of which must be known; default 30.
  public var reviewDays = 30

  /// The defaults.
  public init() {}
}
