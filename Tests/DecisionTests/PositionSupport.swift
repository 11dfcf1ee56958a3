import Accounts
import Market
import Orders

@testable import Decision

/// One market at prices near 100, ticks of 0.1, steps of 0.001.
enum Desk {
  static let terms = MarketTerms(symbol: "TEST")
  static let entryTime: Int64 = 600_000
  static let equity = Money(units: 1_000_000_000_000)

  /// The account after one execution at `price`.
  static func account(
    _ direction: Direction, quantity: String = "10", price: String = "100", time: Int64 = entryTime
  ) throws -> Account {
    var account = Account(cash: equity, markets: 1)
    try buy(&account, direction == .long ? .buy : .sell, quantity, price, time: time)
    return account
  }

  @discardableResult
  static func buy(
    _ account: inout Account, _ side: Side, _ quantity: String, _ price: String, time: Int64
  ) throws -> Account.Change {
    let (price, quantity) = (try Price(price), try Quantity(quantity))
    return try account.apply(
      Fill(
        order: OrderIdentifier(1), market: 0, time: time, side: side, price: price, quantity: quantity,
        fee: try terms.fee(price, quantity, .taker), liquidity: .taker))
  }

  static func position(
    _ direction: Direction, quantity: String = "10", price: String = "100", time: Int64 = entryTime
  ) throws -> Position {
    try account(direction, quantity: quantity, price: price, time: time).positions[0]
  }

  /// A candle of one price that closes at `closeTime`.
  static func candle(_ close: Double, high: Double? = nil, low: Double? = nil, closeTime: Int64 = 660_000)
    -> Candle
  {
    Candle(
      openTime: closeTime &- 60_000, open: close, high: high ?? close, low: low ?? close, close: close,
      volume: 1)
  }

  /// A decision that executes `direction`, or one that stays out.
  static func decision(
    _ direction: Direction = .neutral, confidence: Double = 0.85, closeTime: Int64 = 660_000,
    regimes: SIMD8<Float> = SIMD8(0, 0, 1, 0, 0, 0, 0, 0)
  ) -> Decision {
    var decision = Decision(
      openTime: closeTime &- 60_000, closeTime: closeTime, featureDigest: 0, reason: .neutral)
    decision.regimeProbabilities = regimes
    decision.regime = .ranging
    if direction != .neutral {
      decision.direction = direction
      decision.confidence = confidence
      decision.verdict = direction
      decision.reason = .execute
    }
    return decision
  }

  static func rules(_ change: (inout PositionRules.Configuration) throws -> Void = { _ in }) throws
    -> PositionRules
  {
    var configuration = PositionRules.Configuration()
    try change(&configuration)
    return try PositionRules(
      market: 0, plan: TradePlan(), rule: try VerdictRule(plan: TradePlan(), takerFee: terms.takerFee),
      configuration: configuration)
  }
}

extension PositionActions {
  /// The actions as an array.
  var list: [PositionAction] { (0..<count).map { self[$0] } }
}

extension PositionRules {
  /// What is wanted of a position at a close.
  mutating func actions(
    _ decision: Decision = Desk.decision(), _ position: Position, _ candle: Candle, stop: Price? = nil,
    equity: Money = Desk.equity, dataTrouble: Bool = false
  ) throws -> PositionActions {
    var actions = PositionActions()
    try decide(
      decision, position: position, stop: stop, equity: equity, terms: Desk.terms, candle: candle,
      dataTrouble: dataTrouble, into: &actions)
    return actions
  }
}
