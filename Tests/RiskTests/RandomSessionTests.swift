import Chronology
import Compute
import Foundation
import Market
import Orders
import Testing

@testable import Accounts
@testable import Risk

/// Properties that hold whatever happens in whatever order.
@Suite struct RandomSessionTests {
  /// One random session: an account, its risk, and the naive rules beside them.
  private struct Session {
    var random: Philox
    var book: RandomBook
    var naive: NaiveRules
    var transitions: [RiskTransition] = []
    var approvals = 0
    var cuts = 0
    var refusals: Set<RiskReason> = []
    var failure: String?
    let checks: Bool

    init(stream: UInt64, checks: Bool) throws {
      random = Philox(seed: 77, stream: stream)
      book = try RandomBook(&random)
      naive = NaiveRules(book)
      self.checks = checks
    }

    mutating func play(_ events: Int) throws {
      for number in 0..<events where failure == nil {
        let before = book.risk.state
        let day = book.risk.status.day
        let command = try event()
        while let next = book.risk.nextTransition() { transitions.append(next) }
        guard checks else { continue }
        try check(before, isNewDay: book.risk.status.day > day, command: command)
        if let text = failure { failure = "event \(number): \(text)" }
      }
    }

    /// - Returns: Whether a person re-armed.
    private mutating func event() throws -> Bool {
      let market = random.integer(below: book.terms.count)
      switch random.integer(below: 16) {
      case 0...3: try mark(market)
      case 4...6: try ask(opening(market, isGarbage: false))
      case 7: try ask(opening(market, isGarbage: true))
      case 8: try ask(reduction(market))
      case 9, 10: try fillOpening()
      case 11:
        guard let order = naive.underWay[market]?.order else { break }
        book.risk.observe(ended: order.identifier)
        naive.underWay[market] = nil
      case 12, 13: try close(market, isLiquidation: random.integer(below: 4) == 0)
      case 14:
        let step = [60_000, 3_600_000, Timestamp.day, 3 * Timestamp.day][random.integer(below: 4)]
        book.time += step
        if random.integer(below: 2) == 0 { book.time -= book.time % Timestamp.day }
        book.time = max(book.time, naive.day * Timestamp.day)
        book.risk.advance(to: book.time, account: book.account)
        naive.roll(book.time, book.account)
      default:
        switch random.integer(below: 8) {
        case 0:
          book.risk.halt(at: book.time)
          naive.personHalt = true
        case 1:
          book.risk.flatten(at: book.time)
          naive.isShutDown = true
        case 2...4:
          let wanted = (naive.personHalt || naive.isShutDown) && book.account.equity.units > 0
          if wanted, naive.isShutDown {
            (naive.peak, naive.seen) = (book.account.equity, book.account.equity)
          }
          if wanted { (naive.personHalt, naive.isShutDown) = (false, false) }
          if book.risk.rearm(account: book.account, at: book.time) != wanted { failure = "re-arming" }
          return true
        default:
          let isHeld = random.integer(below: 2) == 0
          book.risk.hold(market: market, isHeld)
          if isHeld { naive.held.insert(market) } else { naive.held.remove(market) }
        }
      }
      return false
    }

    private mutating func mark(_ market: Int) throws {
      let tick = book.terms[market].rules.tickSize.units
      let reach = [10, 10, 10, 200, 2_000][random.integer(below: 5)]
      let change = Double(random.integer(below: 2 * reach + 1) - reach) / 1e4
      let exact = Double(book.prices[market].units) * (1 + change) / Double(tick)
      book.prices[market] = Price(units: max(1, Int64(exact.rounded())) * tick)
      try book.account.mark(market: market, price: book.prices[market])
      book.risk.observe(account: book.account, at: book.time)
      naive.mark(book.time, book.account)
      book.risk.observe(
        close: book.prices[market].doubleValue, market: market, at: book.time,
        afterGap: random.integer(below: 10) == 0)
    }

    private mutating func opening(_ market: Int, isGarbage: Bool) -> OrderIntent {
      let rules = book.terms[market].rules
      let steps = Int128(book.account.equity.units) * Int128(random.integer(below: 600)) * 1_000_000
      let quantity = steps / Int128(book.prices[market].units) / Int128(rules.stepSize.units)
      var intent = OrderIntent(
        market: market, purpose: random.integer(below: 2) == 0 ? .entry : .add,
        side: random.integer(below: 2) == 0 ? .buy : .sell, kind: .market,
        quantity: Quantity(units: Int64(max(quantity, 1)) * rules.stepSize.units),
        protection: Protection(stopLoss: Rate(units: 500_000), takeProfit: Rate(units: 1_500_000)))
      // Most ask on the side that can be, or little would be approved.
      if let closing = book.account.positions[market].closingSide, random.integer(below: 4) > 0 {
        intent.side = closing.opposite
      }
      if random.integer(below: 4) == 0 {
        intent.kind = random.integer(below: 2) == 0 ? .limit : .stopMarket
        let ticks = book.prices[market].units / rules.tickSize.units
        intent.price = Price(
          units: max(1, ticks + Int64(random.integer(below: 21)) - 10) * rules.tickSize.units)
      }
      guard isGarbage else { return intent }
      let odd = [Int64.min, -1, 0, 1, 7, 123_456_789, Int64.max][random.integer(below: 7)]
      switch random.integer(below: 7) {
      case 0: intent.quantity = Quantity(units: odd)
      case 1: intent.price = Price(units: odd)
      case 2: intent.market = [-1, book.terms.count, Int.max, Int.min][random.integer(below: 4)]
      case 3: intent.protection.stopLoss = Rate(units: odd)
      case 4: intent.protection.takeProfit = Rate(units: odd)
      case 5: intent.closesPosition = true
      default:
        intent.kind = [.market, .limit, .stopMarket][random.integer(below: 3)]
        intent.purpose = OrderPurpose.allCases[random.integer(below: 9)]
        intent.price = Price(units: odd)
        intent.quantity = Quantity(units: odd)
      }
      return intent
    }

    private mutating func reduction(_ market: Int) -> OrderIntent {
      let position = book.account.positions[market]
      let rules = book.terms[market].rules
      var intent = OrderIntent(
        market: market, purpose: .partialTakeProfit, side: position.closingSide ?? .sell, kind: .market,
        quantity: Quantity(units: rules.stepSize.units * Int64(1 + random.integer(below: 1_000))))
      if random.integer(below: 2) == 0 {
        intent.kind = .stopMarket
        intent.purpose = .protectiveStop
        let ticks = book.prices[market].units / rules.tickSize.units
        intent.price = Price(
          units: max(1, ticks - Int64(ticks) / 100 * Int64(random.integer(below: 5) - 2))
            * rules.tickSize.units)
      }
      return intent
    }

    private mutating func ask(_ intent: OrderIntent) throws {
      let isKnown = book.terms.indices.contains(intent.market)
      let price = isKnown ? book.prices[intent.market] : Price(units: 1)
      let isVolatile = book.risk.mustFlatten && !naive.isShutDown
      let number = book.risk.status.approvedOrders
      let verdict = book.risk.approve(intent, account: book.account, price: price, at: book.time)
      naive.roll(book.time, book.account)
      guard let order = verdict.order else {
        if let reason = verdict.reason { refusals.insert(reason) }
        return
      }
      if order.identifier.number != number + 1 { failure = "numbering" }
      approvals += 1
      if verdict.reason != nil { cuts += 1 }
      if intent.purpose.opens, intent.price.units > 1 << 60 {
        // An execution at the edge of the range of prices is beyond what an account can value.
        book.risk.observe(ended: order.identifier)
      } else if intent.purpose.opens {
        if checks {
          failure = try naive.broken(by: order, book.account, book.prices, volatile: isVolatile)
          if order.intent.quantity > intent.quantity { failure = "more than asked" }
        }
        naive.underWay[intent.market] = (order, order.intent.quantity, price)
      } else if checks {
        let position = book.account.positions[intent.market]
        if intent.side != position.closingSide { failure = "a reduction that enlarges" }
        if order.intent.quantity > position.size { failure = "a reduction beyond what is held" }
      }
    }

    private mutating func fillOpening() throws {
      for market in book.terms.indices {
        guard let open = naive.underWay[market] else { continue }
        let side = open.order.intent.side
        if book.account.positions[market].closingSide == side { continue }
        let step = book.terms[market].rules.stepSize.units
        let steps = open.left.units / step
        let part =
          random.integer(below: 2) == 0 ? steps : 1 + Int64(random.integer(below: Int(min(steps, 1 << 40))))
        let quantity = Quantity(units: part * step)
        let prices = try naive.fillPrices(open.order.intent, last: open.price)
        let price =
          open.order.intent.kind == .limit
          ? open.order.intent.price
          : max(prices[random.integer(below: 2)], book.terms[market].rules.tickSize)
        if book.account.positions[market].isFlat { naive.trades += 1 }
        try execute(market, side, price, quantity, order: open.order.identifier)
        let left = try open.left - quantity
        naive.underWay[market] = left.units > 0 ? (open.order, left, open.price) : nil
        return
      }
    }

    private mutating func close(_ market: Int, isLiquidation: Bool) throws {
      let position = book.account.positions[market]
      guard let side = position.closingSide else { return }
      var order = OrderIdentifier(0)
      if !isLiquidation {
        let verdict = book.risk.approve(
          .close(market: market, side: side, purpose: .signalExit), account: book.account,
          price: book.prices[market], at: book.time)
        naive.roll(book.time, book.account)
        guard case .approved(let approved) = verdict else {
          failure = "a close was refused: \(verdict)"
          return
        }
        order = approved.identifier
      }
      try execute(market, side, book.prices[market], position.size, order: order)
    }

    private mutating func execute(
      _ market: Int, _ side: Side, _ price: Price, _ quantity: Quantity, order: OrderIdentifier
    ) throws {
      let fill = Fill(
        order: order, market: market, time: book.time, side: side, price: price, quantity: quantity,
        fee: try book.terms[market].fee(price, quantity, .taker), liquidity: .taker)
      let change = try book.account.apply(fill)
      book.risk.observe(fill: fill, account: book.account)
      if case .closed(let trade) = change {
        book.risk.observe(trade: trade)
        naive.end(trade)
      }
      try book.account.mark(market: market, price: book.prices[market])
      book.risk.observe(account: book.account, at: book.time)
      naive.mark(book.time, book.account)
    }

    private mutating func check(_ before: RiskState, isNewDay: Bool, command: Bool) throws {
      let after = book.risk.state
      let isVolatile = book.risk.mustFlatten && !naive.isShutDown
      let expected = max(naive.state, isVolatile ? .reducing : .active)
      if after != expected { failure = "\(after.name) instead of \(expected.name)" }
      if before == .shutdown, after != .shutdown, !command { failure = "a shutdown disappeared" }
      if before == .halted, after < .halted, !command, !isNewDay { failure = "a halt disappeared" }
      if book.risk.status.dailyTrades != naive.trades { failure = "trades of the day" }
      var copy = book.risk
      for market in book.terms.indices {
        guard let side = book.account.positions[market].closingSide else { continue }
        let verdict = copy.approve(
          .close(market: market, side: side, purpose: .flatten), account: book.account, price: .zero,
          at: book.time)
        if verdict.reason != nil { failure = "a position cannot be closed: \(verdict)" }
      }
    }
  }

  @Test func whateverHappensNoLimitIsBroken() throws {
    var approvals = 0
    var cuts = 0
    var reasons: Set<RiskReason> = []
    var refusals: Set<RiskReason> = []
    for stream in 0..<100_000 {
      var session = try Session(stream: UInt64(stream), checks: true)
      try session.play(24)
      if let failure = session.failure {
        Issue.record("stream \(stream): \(failure)")
        return
      }
      var state = RiskState.active
      for transition in session.transitions {
        if transition.from != state || (transition.to == state) != (transition.reason == .sharpeReview) {
          Issue.record("stream \(stream): \(transition) after \(state.name)")
          return
        }
        state = transition.to
        reasons.insert(transition.reason)
      }
      if state != session.book.risk.state { Issue.record("stream \(stream): transitions end elsewhere") }
      // The same calls again give an equal manager.
      if stream % 4 == 0 {
        var again = try Session(stream: UInt64(stream), checks: false)
        try again.play(24)
        if again.book.risk != session.book.risk || again.transitions != session.transitions {
          Issue.record("stream \(stream): a repetition differs")
          return
        }
      }
      approvals += session.approvals
      cuts += session.cuts
      refusals.formUnion(session.refusals)
    }
    print("risk: 100000 sessions of 24 events, \(approvals) orders approved, of them \(cuts) cut")
    // The sessions reach every reason there is for a change, and every refusal but the few that their terms exclude.
    #expect(reasons == Set(RiskReason.allCases.filter { $0.rawValue < 20 }))
    #expect(approvals > 100_000 && cuts > 10_000)
    let unreached = Set(RiskReason.allCases.filter { $0.rawValue >= 20 }).subtracting(refusals)
    #expect(
      unreached.isSubset(of: [.noPrice, .leverageLimit, .moreThanHeld, .insufficientEquity, .accountMargin]))
  }

  /// State that is copied or grows would move in memory; the loop's calls leave it where it was made.
  @Test func theDecisionPathKeepsItsMemoryAndIsFast() throws {
    let terms = [try plainTerms(fee: "0.0005"), try plainTerms(fee: "0.0005")]
    var account = Account(cash: try Money("10000"), markets: 2)
    var risk = try RiskManager(limits: RiskLimits(), terms: terms, equity: try Money("10000"), time: 0)
    let price = try Price("100")
    let open = OrderIntent(
      market: 0, purpose: .entry, side: .buy, kind: .market, quantity: try Quantity("50"),
      protection: Protection(stopLoss: try Rate("0.005"), takeProfit: try Rate("0.015")))
    let before = risk.addresses
    var best = Double.infinity
    var approved = 0
    for round in 0..<5 {
      let start = threadSeconds()
      for bar in 0..<20_000 {
        let time = Int64(round * 20_000 + bar) * 60_000
        for market in 0..<2 {
          try account.mark(market: market, price: price)
          risk.observe(close: bar % 2 == 0 ? 100 : 100.1, market: market, at: time, afterGap: false)
        }
        risk.observe(account: account, at: time)
        let verdict = risk.approve(open, account: account, price: price, at: time)
        if let order = verdict.order {
          approved += 1
          risk.observe(ended: order.identifier)
        }
        while risk.nextTransition() != nil {}
      }
      best = min(best, (threadSeconds() - start) / 20_000 * 1e9)
    }
    #expect(approved == 100_000)
    #expect(risk.addresses == before)
    print("risk: \(Int(best)) ns for marks, closes and one approval cut to size, 2 markets")
  }
}

/// Processor time of this thread, which other work on the machine does not lengthen.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

extension RiskManager {
  /// Where the state that grows with markets and windows lies.
  fileprivate var addresses: [UInt] {
    func address<Element>(_ array: [Element]) -> UInt {
      array.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }
    return [
      address(holds), address(pending), address(volatility.ring), address(volatility.windows),
      address(returns.ring),
      address(transitions.slots),
    ]
  }
}
