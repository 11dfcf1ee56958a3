import Accounts
import Chronology
import Diagnostics
import Market
import Orders

/// The three tiers of limits, the state they put the system into, and the only maker of `ApprovedOrder`.
///
/// A value that is fully determined by the calls made to it, so that a repeated session ends in an equal manager; it
/// allocates nothing after its creation. For each bar, with the bar's close time `t`, the loop
///
/// 1. books the bar's fills on the account, and after each calls `observe(fill:account:)` and, where it ended a
///    position, `observe(trade:)`; calls `observe(ended:)` for every order that is over, for whatever reason;
/// 2. marks the account at the bar's closes;
/// 3. calls `advance(to: t, account:)`, `observe(account:at: t)` and `observe(close:market:at:afterGap:)`;
/// 4. asks `approve` for every order; while `mustFlatten`, for one that closes each position held; while not
///    `allowsOpenings`, it also cancels opening orders that still rest;
/// 5. takes transitions until `nextTransition()` gives nil.
///
/// When several reasons hold at once the severest state applies, and when it ends the severest of those that are left.
/// A halt by a limit of the day ends with the day; a shutdown and a halt by a person end only by `rearm`.
public struct RiskManager: Equatable, Sendable {
  /// The limits.
  public let limits: RiskLimits
  /// What is allowed now.
  public internal(set) var state: RiskState = .active

  let terms: [TradingTerms]
  var holds: [Bool]
  var pending: [PendingOpening]
  var volatility: VolatilityMonitor
  var returns: DailyReturns
  var transitions = TransitionRing()

  var day: Int64
  /// The latest instant known.
  var now: Int64
  /// Equity when last observed.
  var equity: Money
  var dayStartEquity: Money
  var peakEquity: Money
  var dailyTrades = 0
  var consecutiveLosses = 0
  var approvedOrders: UInt64 = 0
  var needsReview = false

  /// Why the system is shut down; only `rearm` clears it.
  var shutdownReason: RiskReason?
  /// Whether a person has halted; only `rearm` clears it.
  var isHaltedByOperator = false
  /// The day's limit that halts; the next day clears it.
  var dayHalt: RiskReason?

  /// Risk for an account that begins with an equity.
  /// - Parameters:
  ///   - limits: The limits.
  ///   - terms: The session's markets, in their order.
  ///   - equity: The account's equity, above zero.
  ///   - time: When the session begins, milliseconds since the epoch, UTC.
  /// - Throws: `TernError` of kind `configuration` for limits or terms that do not validate and for no equity.
  public init(limits: RiskLimits, terms: [MarketTerms], equity: Money, time: Int64) throws(TernError) {
    try limits.validate()
    for market in terms {
      do { try market.validate() } catch {
        var inner = error
        inner.key = "\(market.symbol).\(error.key ?? "")"
        throw inner
      }
    }
    guard equity > .zero else {
      throw TernError(
        .configuration, "there is nothing to trade with", key: "equity", found: equity.description,
        expected: "above 0")
    }
    self.limits = limits
    self.terms = terms.map(TradingTerms.init)
    self.equity = equity
    dayStartEquity = equity
    peakEquity = equity
    day = Timestamp.dayNumber(of: time)
    now = time
    holds = Array(repeating: false, count: terms.count)
    pending = Array(repeating: PendingOpening(), count: terms.count)
    volatility = VolatilityMonitor(limits: limits, markets: terms.count)
    returns = DailyReturns(days: limits.reviewDays)
  }

  /// Whether an opening order can be approved at all; while not, resting ones are to be cancelled.
  public var allowsOpenings: Bool { state == .active }

  /// Whether everything must be closed now: after a shutdown, and while volatility is far above normal, also when a
  /// halt hides it.
  public var mustFlatten: Bool { shutdownReason != nil || volatility.highMarkets > 0 }

  /// Realised over normal volatility of a market; nil before enough bars are known.
  public func volatilityRatio(market: Int) -> Double? { volatility.ratio(market: market) }

  /// A reading for people and metrics.
  public var status: RiskStatus {
    RiskStatus(
      state: state, reason: stateReason, day: day, dayStartEquity: dayStartEquity, equity: equity,
      peakEquity: peakEquity, dailyLoss: fall(from: dayStartEquity), drawdown: fall(from: peakEquity),
      dailyTrades: dailyTrades, consecutiveLosses: consecutiveLosses,
      volatilityRatio: volatility.largestRatio, sharpe: returns.sharpe, needsReview: needsReview,
      mustFlatten: mustFlatten, needsRearm: shutdownReason != nil || isHaltedByOperator,
      approvedOrders: approvedOrders)
  }

  /// The oldest change of state that has not been taken; nil when there is none.
  public mutating func nextTransition() -> RiskTransition? { transitions.next() }

  private func fall(from start: Money) -> Double {
    start > .zero ? 1 - Double(equity.units) / Double(start.units) : 1
  }

  /// What holds the state; nil when active.
  private var stateReason: RiskReason? {
    if let shutdownReason { return shutdownReason }
    if isHaltedByOperator { return .operatorCommand }
    if let dayHalt { return dayHalt }
    return volatility.highMarkets > 0 ? .volatility : nil
  }

  /// Moves to the severest state that is asked for, and records the move.
  mutating func settle(_ reason: RiskReason, at time: Int64) {
    let severest: RiskState
    if shutdownReason != nil {
      severest = .shutdown
    } else if isHaltedByOperator || dayHalt != nil {
      severest = .halted
    } else {
      severest = volatility.highMarkets > 0 ? .reducing : .active
    }
    guard severest != state else { return }
    transitions.append(RiskTransition(time: time, from: state, to: severest, reason: reason))
    state = severest
  }
}
