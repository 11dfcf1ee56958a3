import Accounts
import Chronology
import Market
import Orders

extension RiskManager {
  /// Begins a new UTC day when `time` lies in one: the day's counts start again and a halt by a limit of the day ends,
  /// a shutdown or a person's halt does not. An instant before the latest one changes nothing.
  ///
  /// The new day's equity begins as the account stands when `time` is midnight itself, else as last observed: what
  /// happened over a gap across midnight counts for the new day.
  public mutating func advance(to time: Int64, account: Account) {
    now = max(now, time)
    guard time >= (day + 1) * Timestamp.day else { return }
    let today = Timestamp.dayNumber(of: time)
    let opening = time == today * Timestamp.day ? account.equity : equity
    if today == day + 1 {
      returns.append(change(from: dayStartEquity, to: opening))
    } else {
      returns.append(change(from: dayStartEquity, to: equity))
      // Days without any observation earned nothing; more than the window holds need not be told.
      for _ in 0..<min(today - day - 2, Int64(limits.reviewDays)) { returns.append(0) }
      returns.append(change(from: equity, to: opening))
    }
    day = today
    dayStartEquity = opening
    dailyTrades = 0
    consecutiveLosses = 0
    dayHalt = nil
    settle(.dayRolled, at: time)
    let isBelow = returns.sharpe.map { $0 < limits.reviewSharpe } ?? false
    if isBelow, !needsReview {
      transitions.append(RiskTransition(time: time, from: state, to: state, reason: .sharpeReview))
    }
    needsReview = isBelow
  }

  /// Takes the account's equity after it has been marked: the day's loss, the peak and the drawdown from it.
  public mutating func observe(account: Account, at time: Int64) {
    advance(to: time, account: account)
    equity = account.equity
    peakEquity = max(peakEquity, equity)
    var reason: RiskReason?
    if dayHalt == nil, hasFallen(from: dayStartEquity, by: limits.maximumDailyLoss) {
      dayHalt = .dailyLoss
      reason = .dailyLoss
    }
    if shutdownReason == nil, equity <= .zero || hasFallen(from: peakEquity, by: limits.maximumDrawdown) {
      shutdownReason = .drawdown
      reason = .drawdown
    }
    if let reason { settle(reason, at: time) }
  }

  /// Takes the result of a position that has ended. A loss is a profit below zero after all costs; a gain ends a row of
  /// losses, a result of exactly zero neither lengthens nor ends it.
  public mutating func observe(trade: ClosedTrade) {
    now = max(now, trade.exitTime)
    if trade.profit > .zero {
      consecutiveLosses = 0
    } else if trade.profit < .zero {
      consecutiveLosses += 1
    }
    guard dayHalt == nil, consecutiveLosses >= limits.maximumConsecutiveLosses else { return }
    dayHalt = .consecutiveLosses
    settle(.consecutiveLosses, at: now)
  }

  /// Takes an execution that the account has just booked: counts the positions opened today and releases what the
  /// order had reserved.
  public mutating func observe(fill: Fill, account: Account) {
    now = max(now, fill.time)
    guard account.positions.indices.contains(fill.market), pending.indices.contains(fill.market) else { return }
    if pending[fill.market].order == fill.order.number, fill.order.number != 0 {
      pending[fill.market].opensPosition = false
      pending[fill.market].remaining -= fill.quantity.units
      if pending[fill.market].remaining <= 0 { pending[fill.market] = PendingOpening() }
    }
    let signed = account.positions[fill.market].quantity.units
    if account.positions[fill.market].openings == 1, signed != 0, (signed > 0) == (fill.side == .buy) {
      dailyTrades += 1
    }
  }

  /// Takes that an order is over: filled, cancelled, expired or refused by the venue. Until then an opening order
  /// counts against the limits as if it were filled, and no other opening is approved in its market.
  public mutating func observe(ended order: OrderIdentifier) {
    for market in pending.indices where pending[market].order == order.number {
      pending[market] = PendingOpening()
    }
  }

  /// Takes a market's close. A close that is no price is passed over; `afterGap` says that bars are missing before it,
  /// so that the move since the last one is no return of one bar.
  public mutating func observe(close: Double, market: Int, at time: Int64, afterGap: Bool) {
    now = max(now, time)
    guard holds.indices.contains(market) else { return }
    let before = volatility.highMarkets
    volatility.observe(close: close, market: market, afterGap: afterGap)
    let after = volatility.highMarkets
    if after != before { settle(after > before ? .volatility : .volatilityNormal, at: time) }
  }

  /// Says whether a market's data is in trouble: nothing is opened there while it is.
  public mutating func hold(market: Int, _ isHeld: Bool) {
    guard holds.indices.contains(market) else { return }
    holds[market] = isHeld
  }

  /// `equity ≤ start × (1 − fraction)`, exactly.
  private func hasFallen(from start: Money, by fraction: Rate) -> Bool {
    Int128(equity.units) * Int128(Rate.scale) <= Int128(start.units) * Int128(Rate.scale - fraction.units)
  }

  private func change(from start: Money, to end: Money) -> Double {
    start > .zero ? Double(end.units) / Double(start.units) - 1 : 0
  }
}
