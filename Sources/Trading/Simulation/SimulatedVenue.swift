import Accounts
import Diagnostics
import Execution
import Market
import Orders
import Risk

/// A venue made of candles, for backtest, replay and paper trading: the same rules as `Backtest`, for several markets and
/// for orders of every kind.
///
/// **Use.** `begin` a market's candle, then take events until `nextEvent` gives nil. Between two events orders may be
/// sent and cancelled: an entry that fills at the open gets its stop and take profit at once, and they act within
/// the same candle. Decisions are made between candles, at the close.
///
/// **Timing.** An order sent at the close of a candle meets the open of the next one when the latency is shorter than a
/// candle, and one candle later for every further whole candle of latency. An order sent inside a candle, in reaction
/// to an event, acts at once when the latency is shorter than a candle, else as if it had been sent at the open, or
/// at the close after anything was executed inside. Cancels are delayed alike.
///
/// **Order within a candle.** At the open: withdrawals that take effect, funding due, liquidation that the open lies
/// beyond, stops and then reducing limit orders that the open lies beyond, orders at the market that reduce, orders
/// that open. Then funding inside the candle. Then the path against the position: limit orders that enlarge it, stops
/// and liquidation, whichever price is met first; then the path in its favour. With both barriers in one candle the
/// stop counts. What is executed inside a candle carries its close as time.
///
/// An order sent after something was executed inside the candle is treated with suspicion, since the extremes may lie
/// before it: a stop acts on the whole range, a limit order only if the close is at it or beyond it. The same holds
/// for reducing limit orders of a position opened inside the candle.
///
/// **Prices.** Market orders fill at the price there is (the open; inside a candle the last price something was
/// executed at), worse by `slippage`, on the next worse tick. A stop fills at its trigger or at the open that lies beyond
/// it, worse by `stopSlippage`. A resting limit order fills at its price when that is touched, never better; one that
/// the market lies beyond when it arrives takes, at the market's price worse by `slippage` but never worse than its own.
///
/// **Quantities.** Orders take at most `volumeShare` of a candle's volume, floored to the step, in the order in which
/// they execute. What is left of orders at the market and of triggered stops carries over to the next candle's open; limit
/// orders rest. Reducing orders never turn a position over: one that is larger is cut, its rest cancelled
/// (`nothingToClose`), as is one that meets no position of its side. Opening orders that meet a position of the other
/// side are cancelled (`oppositePosition`).
///
/// **Gaps.** Nothing fills in a gap. Orders at the market that open are cancelled (`expired`) when the candle they were
/// meant for is missing; those that reduce are kept, as are resting orders.
///
/// **Funding.** A settlement meets a position that was opened strictly before it; `price` is the open of the candle
/// that holds the instant, or in a gap the last close before it. One at the instant of an open comes before
/// everything else there, one inside a candle after its open and before anything inside.
///
/// **Liquidation.** Positions are isolated. When the traded price reaches `Position.liquidationPrice`, or the open lies
/// beyond it, the exchange takes the whole position over at that price, on the next worse tick, but never worse than
/// the price at which the margin is lost. The liquidation fee is cut to what is left of the margin, so that loss and fee
/// together never exceed it. All orders of the market are cancelled (`liquidation`).
public struct SimulatedVenue: Venue, Equatable, Sendable {
  /// Candles and orders beyond ± this time are refused: far from where sums of times would overflow.
  static let latestTime: Int64 = 1 << 60

  /// Where the current candle stands.
  enum Phase: UInt8 {
    case idle, withdrawals, fundingAtOpen, liquidationAtOpen, stopsAtOpen, limitsAtOpen, openingsAtOpen,
      ordersAtOpen, fundingInside, inside
  }

  /// How orders meet the market.
  public let configuration: Configuration
  var books: [MarketBook]
  /// The positions, built from the venue's own executions.
  var account: Account
  /// The market whose candle is current.
  var current = 0
  var phase = Phase.idle
  private var outbox: [VenueEvent] = []
  private var nextOut = 0
  private var lastNumber: UInt64 = 0

  /// A venue for a session's markets.
  /// - Throws: `TernError` of kind `configuration`.
  public init(_ terms: [MarketTerms], configuration: Configuration = Configuration()) throws(TernError) {
    try configuration.validate()
    for terms in terms { try terms.validate() }
    self.configuration = configuration
    books = []
    for terms in terms { books.append(MarketBook(terms, configuration)) }
    account = Account(cash: .zero, markets: terms.count)
    outbox.reserveCapacity(64)
  }

  /// What the venue holds in a market.
  public func position(market: Int) -> Position { account.positions[market] }

  /// Number of orders the venue holds in a market.
  public func openOrders(market: Int) -> Int { books[market].orders.count }

  /// Tells of a funding settlement to come, before the candle that holds it begins; its instant is floored to the second.
  /// - Throws: `TernError` of kind `data` for an instant that is past or not after the last one told, or a rate beyond ±1.
  public mutating func observe(funding rate: Rate, at time: Int64, market: Int) throws(TernError) {
    try check(market)
    let instant = time - ((time % 1000) + 1000) % 1000
    guard rate.units.magnitude <= Rate.scale.magnitude else {
      throw TernError(
        .data, "is not a funding rate", key: "funding_time \(time)", found: rate.description,
        expected: "a fraction of notional within ±1")
    }
    if let last = books[market].lastFunding, instant <= last {
      throw TernError(
        .data, "funding events are repeated or out of order", key: "funding_time \(time)",
        expected: "later than \(last)")
    }
    if let clock = books[market].clock, instant < clock {
      throw TernError(
        .data, "a funding event comes after its candle", key: "funding_time \(time)",
        expected: "at or after \(clock)")
    }
    books[market].tell(MarketBook.Funding(time: instant, rate: rate))
  }

  /// Begins a market's next candle; its events follow by `nextEvent`.
  /// - Throws: `TernError` of kind `data` for what is not a candle, overlaps the one before or is out of range,
  ///   `internalFailure` when events of the candle before are still to be taken. Nothing changes then.
  public mutating func begin(_ candle: Candle, market: Int) throws(TernError) {
    try check(market)
    guard phase == .idle else {
      throw TernError(.internalFailure, "events of the venue are still to be taken", key: "market \(market)")
    }
    let (open, high) = (try price(candle.open, candle), try price(candle.high, candle))
    let (low, close) = (try price(candle.low, candle), try price(candle.close, candle))
    guard low <= min(open, close), max(open, close) <= high else {
      throw TernError(
        .data, "is not a candle", key: "open_time \(candle.openTime)",
        found: "open \(open) high \(high) low \(low) close \(close)",
        expected: "open and close between low and high")
    }
    let earliest = books[market].clock ?? -Self.latestTime
    guard candle.openTime >= earliest, candle.openTime <= Self.latestTime else {
      throw TernError(
        .data, "candles overlap or are out of order", key: "open_time \(candle.openTime)",
        expected: "at or after \(earliest)")
    }
    let budget = try budget(candle.volume, candle, books[market].terms.rules.stepSize)
    current = market
    phase = .withdrawals
    books[market].begin(openTime: candle.openTime, open, high, low, close, budget: budget)
  }

  /// The next thing that happened; nil when the candle is over.
  /// - Throws: `TernError` of kind `data` on overflow; asking again gives the same error.
  public mutating func nextEvent() throws(TernError) -> VenueEvent? {
    while true {
      if nextOut < outbox.count {
        nextOut += 1
        return outbox[nextOut - 1]
      }
      if nextOut > 0 {
        outbox.removeAll(keepingCapacity: true)
        nextOut = 0
      }
      if phase == .idle { return nil }
      if let event = try step() { return event }
    }
  }

  /// Takes an order, or refuses it; see `Venue`. Numbers must rise from order to order.
  public mutating func submit(_ order: ApprovedOrder) {
    if let code = refusal(of: order) {
      emit(.rejected(order.identifier, time: now(order.intent.market, order.time), code))
    } else {
      emit(.accepted(order.identifier, time: now(order.intent.market, order.time)))
      place(order)
    }
    lastNumber = max(lastNumber, order.identifier.number)
  }

  /// Withdraws an order, at once or after the latency.
  public mutating func cancel(_ order: OrderIdentifier, at time: Int64) {
    for market in books.indices {
      guard let index = books[market].orders.firstIndex(where: { $0.order.identifier == order }) else { continue }
      if books[market].delay == 0 {
        books[market].orders.remove(at: index)
        emit(.cancelled(order, time: now(market, time), .requested))
      } else {
        let from = firstOpen(market, time)
        books[market].orders[index].cancelFrom = min(books[market].orders[index].cancelFrom, from)
      }
      return
    }
    emit(.rejected(order, time: time, .unknownOrder))
  }

  mutating func emit(_ event: VenueEvent) { outbox.append(event) }

  private func check(_ market: Int) throws(TernError) {
    guard books.indices.contains(market) else {
      throw TernError(
        .internalFailure, "is not a market of the venue", key: "market", found: "\(market)",
        expected: "below \(books.count)")
    }
  }

  private func price(_ value: Double, _ candle: Candle) throws(TernError) -> Price {
    // Keeps prices times rates far below 2^63, as `Backtest` does.
    guard value > 0, value < 1e9 else {
      throw TernError(
        .data, "is not a price", key: "open_time \(candle.openTime)", found: "\(value)",
        expected: "above 0 and below 1e9")
    }
    return try Price(value)
  }

  private func budget(_ volume: Double, _ candle: Candle, _ step: Quantity) throws(TernError) -> Quantity {
    let unlimited = Quantity(units: .max)
    if volume.isNaN || configuration.volumeShare == .zero { return unlimited }
    guard volume >= 0 else {
      throw TernError(
        .data, "is not a volume", key: "open_time \(candle.openTime)", found: "\(volume)",
        expected: "0 or more, or NaN")
    }
    // No order is larger than this, so a volume beyond it limits nothing.
    guard volume < 9e10 else { return unlimited }
    return try Quantity(volume).multiplied(by: configuration.volumeShare, .down).rounded(to: step, .down)
  }

  private func refusal(of order: ApprovedOrder) -> RejectionCode? {
    let intent = order.intent
    guard books.indices.contains(intent.market) else { return .unknownMarket }
    guard order.identifier.number > lastNumber else { return .duplicateIdentifier }
    let book = books[intent.market]
    let rules = book.terms.rules
    let isMarket = intent.kind == .market
    if intent.closesPosition {
      guard !intent.purpose.opens else { return .invalidPurpose }
      guard intent.quantity == .zero else { return .invalidQuantity }
    } else {
      guard intent.quantity > .zero, intent.quantity.isMultiple(of: rules.stepSize) else { return .invalidQuantity }
    }
    guard isMarket ? intent.price == .zero : intent.price > .zero && intent.price.isMultiple(of: rules.tickSize)
    else { return .invalidPrice }
    if intent.purpose.opens {
      let reference = isMarket ? book.price : intent.price
      if reference > .zero {
        // A notional too large to be written is not too small.
        let notional = try? Money(price: reference, quantity: intent.quantity)
        guard let notional else { return .invalidQuantity }
        guard notional >= rules.minNotional else { return .belowMinimumNotional }
      }
    }
    return book.orders.count < configuration.maximumOpenOrders ? nil : .tooManyOrders
  }

  private mutating func place(_ order: ApprovedOrder) {
    let market = order.intent.market
    var resting = RestingOrder(order, activeFrom: firstOpen(market, order.time))
    if isCurrent(market), resting.activeFrom == books[market].openTime {
      resting.isLate = books[market].isInside
      if resting.intent.kind != .market, resting.isReached(by: books[market].price) {
        resting.isTriggered = resting.intent.kind == .stopMarket
        resting.isCrossed = resting.intent.kind == .limit
      }
    }
    books[market].orders.append(resting)
  }

  private func isCurrent(_ market: Int) -> Bool { phase != .idle && market == current }

  /// The instant something sent at `time` reaches the venue's clock at.
  private func now(_ market: Int, _ time: Int64) -> Int64 {
    guard books.indices.contains(market) else { return time }
    if isCurrent(market) { return books[market].now }
    return max(time, books[market].clock ?? time)
  }

  private func firstOpen(_ market: Int, _ time: Int64) -> Int64 {
    guard isCurrent(market) else { return books[market].firstOpen(sentAt: time) }
    let book = books[market]
    if book.delay == 0 { return book.openTime }
    return (book.isInside ? book.closeTime : book.openTime) + book.delay * book.interval
  }
}
