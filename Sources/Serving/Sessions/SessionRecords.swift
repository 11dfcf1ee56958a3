import Accounts
import Decision
import Diagnostics
import Execution
import Feeds
import Files
import Journal
import Market
import Orders
import Risk

/// The payloads of a session's records, version 1; `RecordText` reads them.
enum SessionRecords {
  /// What an `event` record tells; the raw value is its first byte.
  enum Event: UInt8 {
    /// A funding settlement became known.
    case funding = 1
    /// A clock said that candles are overdue.
    case silence = 2
  }

  /// What an `order` record tells; the raw value is its first byte.
  enum OrderStep: UInt8 {
    /// The venue holds the order.
    case accepted = 0
    /// The venue refused the order, or the request to cancel it.
    case rejected = 1
    /// What was left of the order is gone.
    case cancelled = 2
    /// Its withdrawal was asked for.
    case cancelling = 3
  }

  static func bar(
    _ candle: Candle, quote: Quote?, market: Int, judgement: CandleGuard.Judgement,
    into payload: inout PayloadWriter
  ) {
    payload.append(UInt8(truncatingIfNeeded: market))
    payload.append(judgement.code.number)
    payload.append(judgement.action.rawValue)
    payload.append(candle.openTime)
    payload.append(candle.open)
    payload.append(candle.high)
    payload.append(candle.low)
    payload.append(candle.close)
    payload.append(candle.volume)
    payload.append(candle.tradeCount)
    payload.append(candle.takerBuyVolume)
    payload.append(quote != nil)
    guard let quote else { return }
    payload.append(quote.time)
    payload.append(quote.bidPrice)
    payload.append(quote.bidQuantity)
    payload.append(quote.askPrice)
    payload.append(quote.askQuantity)
  }

  static func funding(time: Int64, rate: Double, market: Int, into payload: inout PayloadWriter) {
    payload.append(Event.funding.rawValue)
    payload.append(UInt8(truncatingIfNeeded: market))
    payload.append(time)
    payload.append(rate)
  }

  static func silence(now: Int64, into payload: inout PayloadWriter) {
    payload.append(Event.silence.rawValue)
    payload.append(now)
  }

  static func alert(market: Int, judgement: CandleGuard.Judgement, into payload: inout PayloadWriter) {
    payload.append(UInt8(truncatingIfNeeded: market))
    payload.append(judgement.code.number)
    payload.append(judgement.action.rawValue)
    payload.append(judgement.code.extent)
  }

  static func intent(_ intent: OrderIntent, into payload: inout PayloadWriter) {
    payload.append(UInt8(truncatingIfNeeded: intent.market))
    payload.append(intent.purpose.rawValue)
    payload.append(intent.side.rawValue)
    payload.append(intent.kind.rawValue)
    payload.append(intent.quantity)
    payload.append(intent.price)
    payload.append(intent.closesPosition)
    payload.append(intent.protection.stopLoss)
    payload.append(intent.protection.takeProfit)
  }

  static func verdict(_ verdict: RiskVerdict, into payload: inout PayloadWriter) {
    switch verdict {
    case .approved(let order):
      payload.append(UInt8(0))
      payload.append(UInt8(0))
      payload.append(order.identifier.number)
      payload.append(order.intent.quantity)
    case .reduced(let order, let reason):
      payload.append(UInt8(1))
      payload.append(reason.rawValue)
      payload.append(order.identifier.number)
      payload.append(order.intent.quantity)
    case .rejected(let reason):
      payload.append(UInt8(2))
      payload.append(reason.rawValue)
      payload.append(UInt64(0))
      payload.append(Quantity.zero)
    }
  }

  static func order(
    _ step: OrderStep, _ order: OrderIdentifier, code: UInt8 = 0, into payload: inout PayloadWriter
  ) {
    payload.append(step.rawValue)
    payload.append(order.number)
    payload.append(code)
  }

  static func fill(_ fill: Fill, remaining: Quantity, into payload: inout PayloadWriter) {
    payload.append(fill.order.number)
    payload.append(UInt8(truncatingIfNeeded: fill.market))
    payload.append(fill.side.rawValue)
    payload.append(fill.price)
    payload.append(fill.quantity)
    payload.append(fill.fee)
    payload.append(fill.liquidity.rawValue)
    payload.append(remaining)
  }

  static func trade(_ trade: ClosedTrade, into payload: inout PayloadWriter) {
    payload.append(UInt8(truncatingIfNeeded: trade.market))
    payload.append(trade.direction.rawValue)
    payload.append(trade.entryTime)
    payload.append(trade.exitTime)
    payload.append(trade.quantity)
    payload.append(trade.grossProfit)
    payload.append(trade.fees)
    payload.append(trade.funding)
    payload.append(trade.profit)
  }

  static func charge(
    market: Int, rate: Rate, price: Price, paid: Money, into payload: inout PayloadWriter
  ) {
    payload.append(UInt8(truncatingIfNeeded: market))
    payload.append(rate)
    payload.append(price)
    payload.append(paid)
  }

  static func transition(_ transition: RiskTransition, into payload: inout PayloadWriter) {
    payload.append(transition.from.rawValue)
    payload.append(transition.to.rawValue)
    payload.append(transition.reason.rawValue)
  }

  static func decision(
    _ decision: Decision, market: Int, refusal: EntryRefusal?, account: Account, state: RiskState,
    into payload: inout PayloadWriter
  ) {
    payload.append(UInt8(truncatingIfNeeded: market))
    payload.append(decision.featureDigest)
    for index in 0..<7 { payload.append(decision.regimeProbabilities[index]) }
    payload.append(decision.regime?.rawValue ?? -1)
    for index in 0..<3 { payload.append(decision.rawProbabilities[index]) }
    for index in 0..<3 { payload.append(decision.probabilities[index]) }
    payload.append(decision.direction.rawValue)
    payload.append(decision.confidence)
    payload.append(decision.expectedValue)
    payload.append(decision.verdict.rawValue)
    payload.append(decision.reason.rawValue)
    payload.append(refusal?.rawValue ?? .max)
    payload.append(account.positions[market].quantity)
    payload.append(account.cash)
    payload.append(account.equity)
    payload.append(state.rawValue)
  }

  static func reload(
    market: Int, stack: Digest, into payload: inout PayloadWriter
  ) {
    payload.append(UInt8(truncatingIfNeeded: market))
    payload.append(ChainHash(stack))
  }
}
