import Chronology
import Diagnostics
import Market

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Backtest.Metrics {
  /// Days of a year: markets that never close.
  private static let daysPerYear = 365.0

  /// The figures of a run.
  /// - Parameters:
  ///   - curve: equity at every close.
  ///   - trades: the finished positions.
  ///   - open: what is still held at the end; it counts in money, exposure and turnover, not as a trade.
  /// - Throws: `TernError` of kind `data` when there are no candles, or a sum overflows.
  public init(
    curve: Backtest.EquityCurve, trades closed: [Backtest.Trade], open: [Backtest.OpenPosition] = []
  ) throws(TernError) {
    guard let first = curve.openTime.first else {
      throw TernError(.data, "there are no candles to trade on")
    }
    let span = curve.closeTime(curve.count - 1) - first
    days = Double(span) / Double(Timestamp.day)
    finalEquity = Money(units: curve.equity[curve.count - 1])
    let growth = finalEquity.doubleValue / curve.initial.doubleValue
    totalReturn = growth - 1
    let annualized = growth > 0 ? pow(growth, Backtest.Metrics.daysPerYear / days) - 1 : -1
    annualizedReturn = annualized.isFinite ? annualized : nil
    drawdown = Backtest.Drawdown(curve: curve)
    calmar = drawdown.depth > 0 ? annualizedReturn.map { [drawdown] in $0 / drawdown.depth } : nil
    (sharpe, sortino, annualizedVolatility) = Backtest.Metrics.ratios(curve)

    trades = closed.count
    let spans =
      closed.map { (start: $0.entryTime, end: $0.exitTime) }
      + open.map { (start: $0.entryTime, end: Int64.max) }
    exposure = Double(curve.held(spans.sorted { $0.start < $1.start })) / Double(curve.count)
    var fees = Money.zero
    var funding = Money.zero
    var gross = Money.zero
    var won = 0.0
    var lost = 0.0
    var wins = 0
    var relative = 0.0
    var traded = 0.0
    var minutes = 0.0
    for trade in closed {
      fees = try fees + trade.fees
      funding = try funding + trade.funding
      gross = try gross + trade.grossProfit
      let profit = trade.profit.doubleValue
      if profit > 0 {
        wins += 1
        won += profit
      } else {
        lost -= profit
      }
      let notional = try Money(price: trade.entryPrice, quantity: trade.quantity).doubleValue
      relative += profit / notional
      traded += notional + (try Money(price: trade.exitPrice, quantity: trade.quantity).doubleValue)
      minutes += Double(trade.exitTime - trade.entryTime) / Double(Timestamp.minute)
    }
    for position in open {
      fees = try fees + position.fees
      funding = try funding + position.funding
      gross = try gross + position.grossProfit
      traded += (try Money(price: position.entryPrice, quantity: position.quantity)).doubleValue
    }
    self.fees = fees
    self.funding = funding
    grossProfit = gross
    let number = Double(closed.count)
    winRate = number > 0 ? Double(wins) / number : nil
    profitFactor = lost > 0 ? won / lost : nil
    expectancy = number > 0 ? (won - lost) / number : nil
    expectancyOfNotional = number > 0 ? relative / number : nil
    meanHoldingMinutes = number > 0 ? minutes / number : nil
    let meanEquity = curve.equity.reduce(0.0) { $0 + Double($1) / 1e8 } / Double(curve.count)
    turnover = meanEquity > 0 ? traded / meanEquity : 0
  }

  /// Sharpe, Sortino and volatility from the returns between day ends.
  private static func ratios(_ curve: Backtest.EquityCurve) -> (Double?, Double?, Double?) {
    var returns: [Double] = []
    var previous = curve.initial.doubleValue
    for point in curve.daily {
      guard previous > 0 else { return (nil, nil, nil) }
      let equity = point.equity.doubleValue
      returns.append(equity / previous - 1)
      previous = equity
    }
    guard returns.count > 1 else { return (nil, nil, nil) }
    let number = Double(returns.count)
    let mean = returns.reduce(0, +) / number
    let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / (number - 1)).squareRoot()
    let downside = (returns.reduce(0) { $0 + min($1, 0) * min($1, 0) } / number).squareRoot()
    let year = daysPerYear.squareRoot()
    return (
      deviation > 0 ? mean / deviation * year : nil, downside > 0 ? mean / downside * year : nil,
      deviation * year
    )
  }
}

extension Backtest.Drawdown {
  init(curve: Backtest.EquityCurve) {
    let start = curve.openTime[0]
    let end = curve.closeTime(curve.count - 1)
    var peak = curve.initial.units
    var peakTime = start
    var deepest = 0.0
    var longest: Int64 = 0
    (self.peakTime, troughTime, recoveryTime) = (start, start, start)
    var open = false
    var isBelow = false
    for bar in curve.equity.indices {
      let equity = curve.equity[bar]
      let time = curve.closeTime(bar)
      if equity >= peak {
        if isBelow { longest = max(longest, time - peakTime) }
        isBelow = false
        if open {
          recoveryTime = time
          open = false
        }
        peak = equity
        peakTime = time
      } else {
        isBelow = true
        let depth = Double(peak - equity) / Double(peak)
        if depth > deepest {
          deepest = depth
          (self.peakTime, troughTime, recoveryTime) = (peakTime, time, nil)
          open = true
        }
      }
    }
    if isBelow { longest = max(longest, end - peakTime) }
    depth = deepest
    let day = Double(Timestamp.day)
    lengthDays = Double((recoveryTime ?? end) - self.peakTime) / day
    longestDays = Double(longest) / day
  }
}
