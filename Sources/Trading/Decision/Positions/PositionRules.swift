import Accounts
import Diagnostics
import Market
import Orders

/// Layer 4 as rules: turns decisions into what shall be done with the position of one market.
///
/// Call `decide` at every close, after all fills up to it. What it wants still has to pass risk. Its state is a value,
/// follows from its inputs alone, and is small enough to be kept in a journal's snapshot.
///
/// In order, while a position is held:
/// 1. troubled data, or a hostile regime where a limit is set: close (EMERGENCY_EXIT);
/// 2. the holding time is over at this close: close at the next price (TIME_EXIT);
/// 3. an executed signal against it, where configured: close (SIGNAL_EXIT), and open the other way;
/// 4. a trailing stop that the close lies beyond: close (PROTECTIVE_STOP); else move the stop, only ever tighter;
/// 5. partial profits; 6. an addition, when nothing was reduced.
///
/// With nothing held, an executed signal opens a position of
/// `floor_step(equity × marginFraction × multiplier × leverage / close)` that brings the stack's stop and take profit.
public struct PositionRules: Equatable, Sendable {
  /// What the rules remember of a market and its position.
  public struct State: Equatable, Sendable {
    /// Time at which the position opened that the rest speaks of, milliseconds; zero for none.
    public internal(set) var entryTime: Int64 = 0
    /// Quantity of the position before any addition.
    public internal(set) var initialQuantity: Quantity = .zero
    /// Partial profits ordered.
    public internal(set) var partialsTaken = 0
    /// Additions ordered.
    public internal(set) var addsMade = 0
    /// Whether the gain has once reached the break-even level.
    public internal(set) var isBreakEven = false
    /// Best price since the entry; zero for none.
    public internal(set) var best: Price = .zero
    /// The volatility of candles.
    public internal(set) var volatility = Volatility()
  }

  /// Index of the market among the session's markets.
  public let market: Int
  /// Sizes and exits of the stack.
  public let plan: TradePlan
  /// The rules.
  public let configuration: Configuration
  /// What a round trip is assumed to cost.
  public let costs: TradingCosts
  /// Confidence at which sizes begin.
  public let minimumConfidence: Double
  /// What is remembered.
  public internal(set) var state = State()

  /// The rules of a market.
  /// - Parameter rule: the verdict's rule, whose threshold is the confidence at which sizes begin.
  /// - Throws: `TernError` of kind `configuration` or `data` for a value out of range.
  public init(
    market: Int, plan: TradePlan, rule: VerdictRule, configuration: Configuration = Configuration()
  ) throws(TernError) {
    try plan.validate()
    try configuration.validate()
    self.market = market
    self.plan = plan
    self.configuration = configuration
    costs = rule.costs
    minimumConfidence = rule.minimumConfidence
  }

  /// Says what shall be done after a close.
  ///
  /// - Parameters:
  ///   - decision: the stack's decision at this close.
  ///   - position: what is held after all fills up to this close.
  ///   - stop: price at which the protective stop rests; nil when none does.
  ///   - equity: the account's equity at this close.
  ///   - terms: the market's rules.
  ///   - candle: the closed candle.
  ///   - dataTrouble: whether the market's data cannot be trusted.
  ///   - actions: receives the actions; what it held before is forgotten.
  /// - Throws: `TernError` of kind `data` when an amount overflows; no action is given then. Closing for an emergency, for
  ///   time or on a signal needs no amounts and does not throw.
  public mutating func decide(
    _ decision: Decision, position: Position, stop: Price?, equity: Money, terms: MarketTerms,
    candle: Candle, dataTrouble: Bool = false, into actions: inout PositionActions
  ) throws(TernError) {
    actions.removeAll()
    state.volatility.accept(
      candle, interval: terms.interval.milliseconds, window: configuration.volatilityWindow)
    do throws(TernError) {
      if position.isFlat {
        state.forgetPosition()
        guard decision.executes, let side = Side(opening: decision.verdict) else { return }
        open(decision, side, equity, terms, candle, dataTrouble, &actions)
      } else {
        state.follow(position)
        try manage(decision, position, stop, equity, terms, candle, dataTrouble, &actions)
      }
    } catch {
      actions.removeAll()
      throw error
    }
  }
}

extension PositionRules.State {
  mutating func forgetPosition() {
    let volatility = volatility
    self = PositionRules.State()
    self.volatility = volatility
  }

  /// Starts anew with a new position, and learns the quantity that its entry reached.
  mutating func follow(_ position: Position) {
    if entryTime != position.entryTime || entryTime == 0 {
      forgetPosition()
      entryTime = position.entryTime
    }
    if addsMade == 0 { initialQuantity = max(initialQuantity, position.peakQuantity) }
  }
}
