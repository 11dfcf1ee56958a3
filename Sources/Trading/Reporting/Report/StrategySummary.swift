/// What a strategy earned and risked over a span. All returns are fractions after fees, slippage and funding.
///
/// A ratio that is undefined (no losing trade, no volatility) is nil; numbers that are not finite become nil on the way
/// in, so that a report never carries a NaN.
public struct StrategySummary: Codable, Equatable, Sendable {
  /// Name, for example `strategy`, `buy and hold` or `random entry (median)`.
  public let name: String
  /// Total return.
  public let totalReturn: Double?
  /// Compound return per 365 days.
  public let annualisedReturn: Double?
  /// Annualised Sharpe ratio of daily returns.
  public let sharpe: Double?
  /// Annualised Sortino ratio of daily returns.
  public let sortino: Double?
  /// Annualised return over maximum drawdown.
  public let calmar: Double?
  /// Largest loss from a peak of equity, a fraction above zero.
  public let maximumDrawdown: Double?
  /// Days from a peak of equity to its recovery (or the end), at the longest.
  public let maximumDrawdownDays: Double?
  /// Share of trades that earned money.
  public let winRate: Double?
  /// Gross profit over gross loss.
  public let profitFactor: Double?
  /// Mean net return per trade.
  public let expectancy: Double?
  /// Share of time in a position.
  public let exposure: Double?
  /// Traded notional over mean equity, per year.
  public let turnover: Double?
  /// Number of round-trip trades; nil where the notion does not apply.
  public let trades: Int?

  /// Gathers the numbers.
  public init(
    name: String, totalReturn: Double? = nil, annualisedReturn: Double? = nil, sharpe: Double? = nil,
    sortino: Double? = nil, calmar: Double? = nil, maximumDrawdown: Double? = nil,
    maximumDrawdownDays: Double? = nil, winRate: Double? = nil, profitFactor: Double? = nil,
    expectancy: Double? = nil, exposure: Double? = nil, turnover: Double? = nil, trades: Int? = nil
  ) {
    self.name = name
    self.totalReturn = finite(totalReturn)
    self.annualisedReturn = finite(annualisedReturn)
    self.sharpe = finite(sharpe)
    self.sortino = finite(sortino)
    self.calmar = finite(calmar)
    self.maximumDrawdown = finite(maximumDrawdown)
    self.maximumDrawdownDays = finite(maximumDrawdownDays)
    self.winRate = finite(winRate)
    self.profitFactor = finite(profitFactor)
    self.expectancy = finite(expectancy)
    self.exposure = finite(exposure)
    self.turnover = finite(turnover)
    self.trades = trades
  }
}

/// The number itself when it is finite, else nil.
func finite(_ value: Double?) -> Double? {
  guard let value, value.isFinite else { return nil }
  return value
}
