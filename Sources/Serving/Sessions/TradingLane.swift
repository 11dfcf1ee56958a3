import Accounts
import Decision
import Diagnostics
import Execution
import Files
import Journal
import Market
import Orders
import Risk
import Simulation

/// A decision maker with an account, a risk manager and a venue of its own: the champion, or one that runs beside it
/// and shows what would have been.
final class TradingLane {
  /// Who decides a market, and the rules that follow.
  struct Seat {
    var maker: any DecisionMaker
    var rules: PositionRules
    /// Digest of the stack; nil for a script.
    var stack: Digest?
  }

  /// Orders that bring a position's exits to their place, at most: two new ones, and as many old ones as can be open.
  private static let mostSteps = 64

  let index: UInt8
  let name: String
  private let terms: [MarketTerms]
  private let recorder: Recorder
  private(set) var seats: [Seat]
  private(set) var account: Account
  private(set) var risk: RiskManager
  private(set) var orders = OpenOrders()
  private(set) var protections: Protections
  private(set) var venue: SimulatedVenue
  /// The latest decision of each market.
  private(set) var decisions: [Decision?]
  private(set) var counters = LaneCounters()
  /// The latest that people should see.
  private(set) var notices = NoticeRing()
  /// The highest equity at any close, and the deepest fall below it as a fraction.
  private(set) var peakEquity: Money
  private(set) var maximumDrawdown = 0.0
  /// Candles at which the verdict was the champion's.
  private(set) var agreements = 0
  private var actions = PositionActions()
  /// Approved orders, and orders to be withdrawn, that leave once the group is committed.
  private var outbox: [ApprovedOrder] = []
  private var withdrawals: [(order: OrderIdentifier, time: Int64)] = []
  /// Entries that wait for the end of the position against them.
  private var turns: [Turn?]
  /// Told of what happens.
  weak var observer: (any LaneObserver)?

  /// The entry of a reversal: it follows at the open at which the position ends, or lapses.
  private struct Turn {
    var intent: OrderIntent
    var time: Int64
  }

  init(
    index: UInt8, name: String, seats: [Seat], configuration: SessionConfiguration, time: Int64,
    recorder: Recorder
  ) throws(TernError) {
    self.index = index
    self.name = name
    self.seats = seats
    self.recorder = recorder
    terms = configuration.markets
    account = Account(cash: configuration.initialEquity, markets: configuration.markets.count)
    risk = try RiskManager(
      limits: configuration.risk, terms: configuration.markets, equity: configuration.initialEquity,
      time: time)
    protections = Protections(configuration.markets)
    venue = try SimulatedVenue(configuration.markets, configuration: configuration.venue)
    decisions = Array(repeating: nil, count: configuration.markets.count)
    turns = Array(repeating: nil, count: configuration.markets.count)
    peakEquity = configuration.initialEquity
    outbox.reserveCapacity(64)
    withdrawals.reserveCapacity(64)
  }

  /// Tells the stack and the venue of a funding settlement.
  func observeFunding(time: Int64, rate: Double, market: Int) throws(TernError) {
    seats[market].maker.observeFunding(time: time, rate: rate)
    try venue.observe(funding: Rate(rate), at: time, market: market)
  }

  /// Puts another stack in place; positions, orders and risk stay as they are.
  func replace(market: Int, with seat: Seat) {
    var seat = seat
    seat.rules.adoptState(of: seats[market].rules)
    seats[market] = seat
  }

  /// Lets a candle happen at the venue, decides at its close, and has risk judge what follows.
  ///
  /// The orders that result wait in the outbox until `release`.
  func step(_ bar: Bar, telemetry: inout SessionTelemetry) throws(TernError) {
    let market = bar.market
    var watch = telemetry.startWatch()
    risk.advance(to: bar.candle.openTime, account: account)
    protections.renewPatience(market: market)
    try venue.begin(bar.candle, market: market)
    try drainVenue()
    turns[market] = nil
    let close = try Price(bar.candle.close)
    try account.mark(market: market, price: close)
    telemetry.lap(.venue, &watch)

    followDrawdown()
    risk.advance(to: bar.closeTime, account: account)
    risk.observe(account: account, at: bar.closeTime)
    risk.observe(close: bar.candle.close, market: market, at: bar.closeTime, afterGap: bar.isAfterGap)
    risk.hold(market: market, bar.isOnHold)
    recordTransitions()
    telemetry.lap(.risk, &watch)

    let decision = try seats[market].maker.decide(bar.candle, quote: bar.quote)
    decisions[market] = decision
    counters.count(decision)
    telemetry.lap(.decision, &watch)

    try act(on: decision, bar)
    if risk.state != .active { withdrawOpenings(at: bar.closeTime) }
    if risk.mustFlatten { try flattenAll(.flatten, at: bar.closeTime) }
    recordTransitions()
    let refusal = actions.refusal
    recorder.record(.decision, lane: index, time: bar.closeTime) { payload in
      SessionRecords.decision(
        decision, market: market, refusal: refusal, account: account, state: risk.state, into: &payload)
    }
    telemetry.lap(.position, &watch)
  }

  /// Counts whether the latest verdict is the champion's.
  func compare(with champion: TradingLane, market: Int) {
    if decisions[market]?.verdict == champion.decisions[market]?.verdict { agreements += 1 }
  }

  /// Sends what was approved.
  func release() {
    for order in outbox { venue.submit(order) }
    outbox.removeAll(keepingCapacity: true)
    for withdrawal in withdrawals { venue.cancel(withdrawal.order, at: withdrawal.time) }
    withdrawals.removeAll(keepingCapacity: true)
  }

  /// Closes a market's position because its data cannot be trusted.
  func leave(market: Int, at time: Int64) throws(TernError) {
    risk.hold(market: market, true)
    try close(market: market, .emergencyExit, at: time)
  }

  /// Stops openings in a market, or allows them again.
  func hold(market: Int, _ isOn: Bool) { risk.hold(market: market, isOn) }

  /// Carries out a person's command.
  func perform(_ command: OperatorCommand, at time: Int64) throws(TernError) {
    switch command {
    case .halt: risk.halt(at: time)
    case .shutdown: risk.flatten(at: time)
    case .rearm: _ = risk.rearm(account: account, at: time)
    }
    if risk.state != .active { withdrawOpenings(at: time) }
    if risk.mustFlatten { try flattenAll(.flatten, at: time) }
    recordTransitions()
  }

  /// How much may still be opened in a market, at its last price.
  func headroom(market: Int, direction: Direction) -> Headroom {
    risk.headroom(
      market: market, direction: direction, account: account, price: account.positions[market].mark)
  }

  private func act(on decision: Decision, _ bar: Bar) throws(TernError) {
    let market = bar.market
    var shown = decision
    // Candles before the start of trading teach, they do not trade.
    if !bar.mayOpen {
      shown.verdict = .neutral; shown.reason = decision.executes ? .warmingUp : decision.reason
    }
    try seats[market].rules.decide(
      shown, position: account.positions[market], stop: protections.exits(market: market).stop,
      equity: account.equity, terms: terms[market], candle: bar.candle, dataTrouble: bar.mustLeave,
      into: &actions)
    if let refusal = actions.refusal { counters.count(refusal) }
    for place in 0..<actions.count {
      switch actions[place] {
      case .intent(let intent):
        if intent.purpose.opens, isOpening(market) { continue }
        if intent.purpose.opens, account.positions[market].closingSide == intent.side {
          turns[market] = Turn(intent: intent, time: bar.closeTime)
          continue
        }
        if intent.closesPosition, isClosing(market) { continue }
        try propose(intent, at: bar.closeTime, isImmediate: false)
      case .moveStop(let price):
        if try protections.moveStop(market: market, to: price) {
          try settle(market, at: bar.closeTime, isImmediate: false)
        }
      }
    }
  }

  /// Whether an opening order of a market is under way.
  private func isOpening(_ market: Int) -> Bool {
    orders.place(market: market, purpose: .entry) != nil || orders.place(market: market, purpose: .add) != nil
  }

  /// Whether an order that ends a market's position at the next price is under way.
  private func isClosing(_ market: Int) -> Bool {
    for place in 0..<orders.count {
      let intent = orders[place].intent
      if intent.market == market, intent.closesPosition, intent.kind == .market { return true }
    }
    return false
  }

  private func close(market: Int, _ purpose: OrderPurpose, at time: Int64) throws(TernError) {
    guard let side = account.positions[market].closingSide, !isClosing(market) else { return }
    try propose(.close(market: market, side: side, purpose: purpose), at: time, isImmediate: false)
  }

  private func flattenAll(_ purpose: OrderPurpose, at time: Int64) throws(TernError) {
    for market in terms.indices { try close(market: market, purpose, at: time) }
  }

  /// Withdraws what would open or enlarge a position: in one market, whose position has ended, or in all.
  private func withdrawOpenings(at time: Int64, market: Int? = nil, isImmediate: Bool = false) {
    for place in 0..<orders.count {
      let intent = orders[place].intent
      guard intent.purpose.opens, market.map({ $0 == intent.market }) ?? true else { continue }
      withdraw(orders[place].order.identifier, at: time, isImmediate: isImmediate)
    }
  }

  /// Asks risk, records question and answer, and sends or queues what it approves.
  private func propose(_ intent: OrderIntent, at time: Int64, isImmediate: Bool) throws(TernError) {
    let verdict = risk.approve(
      intent, account: account, price: account.positions[intent.market].mark, at: time)
    recorder.record(.intent, lane: index, time: time) { SessionRecords.intent(intent, into: &$0) }
    recorder.record(.verdict, lane: index, time: time) { SessionRecords.verdict(verdict, into: &$0) }
    counters.count(verdict)
    observer?.judged(intent, verdict)
    switch verdict {
    case .approved(let order), .reduced(let order, _):
      try orders.insert(order)
      // Risk may put a stop nearer than it was wanted: that is where it belongs from now on.
      if order.intent.purpose == .protectiveStop, order.intent.price != intent.price {
        _ = try protections.moveStop(market: intent.market, to: order.intent.price)
      }
      if isImmediate { venue.submit(order) } else { outbox.append(order) }
    case .rejected(let reason):
      protections.refused(intent)
      notices.append(.refused(intent, reason), time: time, lane: index)
    }
  }

  private func followDrawdown() {
    if account.equity > peakEquity {
      peakEquity = account.equity
    } else {
      let fall = Double(peakEquity.units - account.equity.units) / Double(peakEquity.units)
      maximumDrawdown = max(maximumDrawdown, fall)
    }
  }

  /// Brings a market's exits to where they should be.
  private func settle(_ market: Int, at time: Int64, isImmediate: Bool) throws(TernError) {
    var steps = 0
    while let proposal = protections.proposal(
      market: market, position: account.positions[market], orders: orders)
    {
      steps += 1
      guard steps <= TradingLane.mostSteps else {
        throw TernError(
          .internalFailure, "a position's exits do not settle", key: terms[market].symbol,
          found: "\(steps) steps", expected: "at most \(TradingLane.mostSteps)")
      }
      switch proposal {
      case .submit(let intent): try propose(intent, at: time, isImmediate: isImmediate)
      case .cancel(let order): withdraw(order, at: time, isImmediate: isImmediate)
      }
    }
  }

  private func withdraw(_ order: OrderIdentifier, at time: Int64, isImmediate: Bool) {
    guard orders.markCancelling(order) else { return }
    recorder.record(.order, lane: index, time: time) {
      SessionRecords.order(.cancelling, order, into: &$0)
    }
    if isImmediate { venue.cancel(order, at: time) } else { withdrawals.append((order, time)) }
  }

  private func drainVenue() throws(TernError) {
    while let event = try venue.nextEvent() { try handle(event) }
  }

  private func handle(_ event: VenueEvent) throws(TernError) {
    switch event {
    case .accepted(let order, let time):
      recorder.record(.order, lane: index, time: time) { SessionRecords.order(.accepted, order, into: &$0) }
    case .rejected(let order, let time, let code):
      recorder.record(.order, lane: index, time: time) {
        SessionRecords.order(.rejected, order, code: code.rawValue, into: &$0)
      }
    case .cancelled(let order, let time, let code):
      recorder.record(.order, lane: index, time: time) {
        SessionRecords.order(.cancelled, order, code: code.rawValue, into: &$0)
      }
    case .filled(let fill, let remaining):
      recorder.record(.fill, lane: index, time: fill.time) {
        SessionRecords.fill(fill, remaining: remaining, into: &$0)
      }
    case .liquidated(let fill):
      recorder.record(.fill, lane: index, time: fill.time) {
        SessionRecords.fill(fill, remaining: .zero, into: &$0)
      }
      try book(fill, of: nil)
    case .funding(let market, let time, let rate, let price):
      let paid = try account.charge(market: market, rate: rate, price: price)
      recorder.record(.funding, lane: index, time: time) {
        SessionRecords.charge(market: market, rate: rate, price: price, paid: paid, into: &$0)
      }
    }
    guard case .changed(let ticket) = try orders.apply(event) else { return }
    defer { if ticket.state.isFinal { risk.observe(ended: ticket.order.identifier) } }
    switch event {
    case .accepted: protections.accepted(ticket.intent)
    case .rejected: protections.refused(ticket.intent)
    case .filled(let fill, _): try book(fill, of: ticket.order)
    default: break
    }
    try settle(ticket.intent.market, at: event.time, isImmediate: true)
  }

  private func book(_ fill: Fill, of order: ApprovedOrder?) throws(TernError) {
    observer?.executing(fill, order: order, account: account)
    counters.fills += 1
    notices.append(.fill(fill), time: fill.time, lane: index)
    let change = try account.apply(fill)
    risk.observe(fill: fill, account: account)
    try protections.observe(fill, of: order?.intent, position: account.positions[fill.market])
    if case .closed(let trade) = change {
      risk.observe(trade: trade)
      counters.count(trade)
      notices.append(.trade(trade), time: fill.time, lane: index)
      recorder.record(.trade, lane: index, time: fill.time) { SessionRecords.trade(trade, into: &$0) }
      observer?.closed(trade)
      withdrawOpenings(at: fill.time, market: fill.market, isImmediate: true)
      if let turn = turns[fill.market], turn.time == fill.time, order != nil {
        // What the ended position lost counts before the one against it may begin.
        risk.observe(account: account, at: fill.time)
        try propose(turn.intent, at: fill.time, isImmediate: true)
      }
      turns[fill.market] = nil
    }
    if order == nil { try settle(fill.market, at: fill.time, isImmediate: true) }
  }

  private func recordTransitions() {
    while let transition = risk.nextTransition() {
      counters.transitions += 1
      notices.append(.state(transition), time: transition.time, lane: index)
      recorder.record(.state, lane: index, time: transition.time) {
        SessionRecords.transition(transition, into: &$0)
      }
    }
  }
}

/// An accepted candle on its way through a lane.
struct Bar {
  var market: Int
  var candle: Candle
  var quote: Quote?
  var closeTime: Int64
  /// Whether candles are missing before it.
  var isAfterGap: Bool
  /// Whether nothing may be opened in the market.
  var isOnHold: Bool
  /// Whether what is held in the market must be closed.
  var mustLeave: Bool
  /// Whether trading has begun.
  var mayOpen: Bool
}

/// What a person can command.
public enum OperatorCommand: UInt8, Sendable, CaseIterable {
  /// No openings until a person re-arms.
  case halt = 1
  /// Close everything and stop until a person re-arms.
  case shutdown = 2
  /// Allow openings again.
  case rearm = 3

  /// `HALT`, `SHUTDOWN` or `REARM`.
  public var name: String {
    switch self {
    case .halt: return "HALT"
    case .shutdown: return "SHUTDOWN"
    case .rearm: return "REARM"
    }
  }
}
