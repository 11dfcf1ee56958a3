import Accounts
import Diagnostics
import Market
import Orders
import Testing

@testable import Decision

@Suite struct ManagementTests {
  private func close(_ side: Side, _ purpose: OrderPurpose) -> [PositionAction] {
    [.intent(.close(market: 0, side: side, purpose: purpose))]
  }

  @Test func byDefaultAPositionIsLeftToItsExits() throws {
    var rules = try Desk.rules()
    for price in [99.6, 100, 101.4] {
      for signal in [Direction.neutral, .long, .short] {
        let actions = try rules.actions(
          Desk.decision(signal, regimes: SIMD8(0, 1, 0, 0, 0, 0, 0, 0)), try Desk.position(.long),
          Desk.candle(price), stop: try Price("99.5"))
        #expect(actions.isEmpty && actions.refusal == nil)
      }
    }
  }

  @Test func theHoldingTimeEndsAtTheFirstCloseThatReachesIt() throws {
    for (direction, side) in [(Direction.long, Side.sell), (.short, .buy)] {
      var rules = try Desk.rules()
      let position = try Desk.position(direction)
      let deadline = Desk.entryTime + 3_600_000
      let before = try rules.actions(
        Desk.decision(closeTime: deadline - 1), position, Desk.candle(100, closeTime: deadline - 1))
      #expect(before.isEmpty)
      let at = try rules.actions(
        Desk.decision(closeTime: deadline), position, Desk.candle(100, closeTime: deadline))
      #expect(at.list == close(side, .timeExit))
    }
  }

  @Test func troubledDataClosesAtOnceEvenWhereNoAmountCanBeFormed() throws {
    var rules = try Desk.rules { $0.trailFrom = Rate(units: 1) }
    let actions = try rules.actions(
      Desk.decision(), try Desk.position(.short), Desk.candle(1e300), dataTrouble: true)
    #expect(actions.list == close(.buy, .emergencyExit))
  }

  @Test(arguments: [
    (Direction.long, SIMD8<Float>(0, 0.5, 0.25, 0.125, 0, 0, 0.125, 0), true),
    (.long, SIMD8<Float>(0.75, 0, 0.25, 0, 0, 0, 0, 0), false),
    (.short, SIMD8<Float>(0.5, 0, 0.25, 0.125, 0, 0, 0.125, 0), true),
    (.short, SIMD8<Float>(0, 0.75, 0.25, 0, 0, 0, 0, 0), false),
    (.long, SIMD8<Float>(0, 0, 0.25, 0.75, 0, 0, 0, 0), true),
    (.short, SIMD8<Float>(0, 0, 0.25, 0.75, 0, 0, 0, 0), true),
    (.long, SIMD8<Float>(0, 0, 0.25, 0.74999, 0, 0, 0, 0), false),
  ])
  func aHostileRegimeClosesFromItsLimitOn(direction: Direction, regimes: SIMD8<Float>, closes: Bool) throws {
    var rules = try Desk.rules { $0.emergencyRegimeProbability = 0.75 }
    let actions = try rules.actions(
      Desk.decision(regimes: regimes), try Desk.position(direction), Desk.candle(100))
    let side = direction == .long ? Side.sell : .buy
    #expect(actions.list == (closes ? close(side, .emergencyExit) : []))
  }

  @Test func anOppositeSignalDoesWhatIsConfigured() throws {
    for (mode, count) in [(PositionRules.OnOpposite.ignore, 0), (.close, 1), (.reverse, 2)] {
      var rules = try Desk.rules { $0.onOpposite = mode }
      let position = try Desk.position(.long)
      let same = try rules.actions(Desk.decision(.long), position, Desk.candle(100))
      #expect(same.isEmpty)
      var unexecuted = Desk.decision(.short)
      unexecuted.reason = .belowConfidence
      #expect(try rules.actions(unexecuted, position, Desk.candle(100)).isEmpty)
      let actions = try rules.actions(Desk.decision(.short), position, Desk.candle(100))
      #expect(actions.count == count)
      if count > 0 { #expect(Array(actions.list.prefix(1)) == close(.sell, .signalExit)) }
      if count > 1 {
        guard case .intent(let entry) = actions[1] else { throw TernError(.data, "no entry") }
        let size = try Quantity("40")
        #expect(entry.purpose == .entry && entry.side == .sell && entry.quantity == size)
      }
    }
  }

  /// 10 held from 100: the gain of 0.5 % is reached at 100.5 and not one tick before.
  @Test func partialProfitsAreTakenOnceAndAtTheirGain() throws {
    for (direction, side, below, at, second) in [
      (Direction.long, Side.sell, 100.4, 100.5, 101.0), (.short, .buy, 99.6, 99.5, 99.0),
    ] {
      var rules = try Desk.rules {
        $0.partialProfits = [
          .init(at: Rate(units: 500_000), share: Rate(units: 33_333_333)),
          .init(at: Rate(units: 1_000_000), share: Rate(units: 50_000_000)),
        ]
      }
      let position = try Desk.position(direction)
      #expect(try rules.actions(position, Desk.candle(below)).isEmpty)
      // A third of 10 down to a step of 0.001.
      let first = try rules.actions(position, Desk.candle(at))
      #expect(first.list == [try partial(side, "3.333")])
      #expect(try rules.actions(position, Desk.candle(at)).isEmpty)
      #expect(try rules.actions(position, Desk.candle(second)).list == [try partial(side, "5")])
      #expect(try rules.actions(position, Desk.candle(second)).isEmpty)
    }
  }

  private func partial(_ side: Side, _ quantity: String) throws -> PositionAction {
    .intent(
      OrderIntent(
        market: 0, purpose: .partialTakeProfit, side: side, kind: .market, quantity: try Quantity(quantity)))
  }

  @Test func partsReachedTogetherAreOneOrderAndAWholePositionIsClosed() throws {
    var rules = try Desk.rules {
      $0.partialProfits = [
        .init(at: Rate(units: 500_000), share: Rate(units: 50_000_000)),
        .init(at: Rate(units: 1_000_000), share: Rate(units: 50_000_000)),
      ]
    }
    let actions = try rules.actions(try Desk.position(.long), Desk.candle(101))
    #expect(actions.list == close(.sell, .partialTakeProfit))
  }

  @Test func aReducedPositionIsNeverReducedByMoreThanIsLeft() throws {
    var rules = try Desk.rules {
      $0.partialProfits = [.init(at: Rate(units: 500_000), share: Rate(units: 50_000_000))]
    }
    var account = try Desk.account(.long)
    #expect(try rules.actions(account.positions[0], Desk.candle(100)).isEmpty)
    try Desk.buy(&account, .sell, "7", "100", time: 660_000)
    // Half of the initial 10 is more than the 3 that are left.
    let actions = try rules.actions(account.positions[0], Desk.candle(100.5))
    #expect(actions.list == close(.sell, .partialTakeProfit))
  }

  @Test func winnersAreEnlargedAtTheirGainAndAtMostSoOften() throws {
    var rules = try Desk.rules {
      $0.maximumAdds = 2
      $0.addAt = Rate(units: 500_000)
    }
    var account = try Desk.account(.long)
    func wanted(_ price: Double, _ signal: Direction = .long) throws -> [PositionAction] {
      try rules.actions(Desk.decision(signal), account.positions[0], Desk.candle(price)).list
    }
    let add = PositionAction.intent(
      OrderIntent(
        market: 0, purpose: .add, side: .buy, kind: .market, quantity: try Quantity("5"),
        protection: Protection(stopLoss: try Rate("0.005"), takeProfit: try Rate("0.015"))))
    #expect(try wanted(100.4) == [])
    #expect(try wanted(100.5, .neutral) == [])
    #expect(try wanted(100.5, .short) == [])
    #expect(try wanted(100.5) == [add])
    try Desk.buy(&account, .buy, "5", "100.5", time: 720_000)
    // The average entry is now 100.1666…, so 0.5 % are reached at 100.7 (100.6675 rounded up to a tick).
    #expect(try wanted(100.6) == [])
    #expect(try wanted(100.7) == [add])
    try Desk.buy(&account, .buy, "5", "100.7", time: 780_000)
    #expect(try wanted(103) == [])
  }

  @Test func nothingIsAddedByDefault() throws {
    var rules = try Desk.rules()
    #expect(try rules.actions(Desk.decision(.long), try Desk.position(.long), Desk.candle(101.4)).isEmpty)
  }

  /// The stop goes to the first tick at which the position ends without loss, fees and slippage counted.
  @Test func breakEvenCoversTheRoundTripAndNotATickMore() throws {
    for direction in [Direction.long, .short] {
      let isLong = direction == .long
      var rules = try Desk.rules { $0.breakEvenAt = Rate(units: 500_000) }
      let position = try Desk.position(direction)
      let stop = try Price(isLong ? "99.5" : "100.5")
      #expect(try rules.actions(position, Desk.candle(isLong ? 100.4 : 99.6), stop: stop).isEmpty)
      let actions = try rules.actions(position, Desk.candle(isLong ? 100.5 : 99.5), stop: stop)
      guard actions.count == 1, case .moveStop(let moved) = actions[0] else {
        throw TernError(.data, "no stop was moved")
      }
      // Filled worse by the slippage, it must not lose; one tick on the other side it must.
      for (offset, keeps) in [(Int64(0), true), (isLong ? -1 : 1, false)] {
        let trigger = Price(units: moved.units + offset * Desk.terms.rules.tickSize.units)
        let fill = try trigger.multiplied(
          by: Rate(units: Rate.scale + (isLong ? -10_000 : 10_000)), isLong ? .down : .up)
        var account = try Desk.account(direction)
        let change = try Desk.buy(
          &account, isLong ? .sell : .buy, "10", fill.description, time: 720_000)
        guard case .closed(let trade) = change else { throw TernError(.data, "it did not close") }
        #expect((trade.profit >= .zero) == keeps, "\(direction) \(trigger) \(trade.profit)")
      }
      // It is not moved twice, and it is moved later when it could not be at once.
      #expect(try rules.actions(position, Desk.candle(isLong ? 100.3 : 99.7), stop: moved).isEmpty)
      let again = try rules.actions(position, Desk.candle(isLong ? 100.3 : 99.7), stop: stop)
      #expect(again.list == [.moveStop(to: moved)])
      // A price that has fallen through it already leaves the old stop in place.
      #expect(try rules.actions(position, Desk.candle(isLong ? 100.1 : 99.9), stop: stop).isEmpty)
    }
  }

  @Test func theStopTrailsTheBestPriceAndOnlyTightens() throws {
    var rules = try Desk.rules {
      $0.trailFrom = Rate(units: 500_000)
      $0.trailDistance = Rate(units: 500_000)
    }
    let position = try Desk.position(.long)
    var stop = try Price("99.5")
    func wanted(_ candle: Candle) throws -> [PositionAction] {
      let list = try rules.actions(position, candle, stop: stop).list
      if case .moveStop(let to)? = list.first { stop = to }
      return list
    }
    #expect(try wanted(Desk.candle(100.2, high: 100.4)) == [])
    // Best 100.5, less 0.5 % is 99.9975, down to a tick.
    #expect(try wanted(Desk.candle(100.2, high: 100.5)) == [.moveStop(to: try Price("99.9"))])
    #expect(try wanted(Desk.candle(100.2, high: 100.5)) == [])
    #expect(try wanted(Desk.candle(101, high: 101)) == [.moveStop(to: try Price("100.4"))])
    #expect(try wanted(Desk.candle(100.5, high: 100.6)) == [])
    // The best price does not come back down, and a close at or beyond the trailing stop ends the position.
    #expect(try wanted(Desk.candle(100.4)) == close(.sell, .protectiveStop))
  }

  @Test func aShortTrailsItsLowestPrice() throws {
    var rules = try Desk.rules { $0.trailFrom = Rate(units: 500_000) }
    let position = try Desk.position(.short)
    let stop = try Price("100.5")
    #expect(try rules.actions(position, Desk.candle(99.8, low: 99.6), stop: stop).isEmpty)
    // Best 99.5, plus 0.5 % is 99.9975, up to a tick.
    let moved = try rules.actions(position, Desk.candle(99.8, low: 99.5), stop: stop)
    #expect(moved.list == [.moveStop(to: try Price("100"))])
  }

  @Test func whatCameBeforeTheEntryIsNoBestPrice() throws {
    var rules = try Desk.rules { $0.trailFrom = Rate(units: 500_000) }
    let position = try Desk.position(.long, time: 630_000)
    // The candle began before the entry, so only its close counts.
    #expect(try rules.actions(position, Desk.candle(100.2, high: 105)).isEmpty)
    #expect(rules.state.best == (try Price("100.2")))
  }

  @Test func aNewPositionIsNotTheOldOne() throws {
    var rules = try Desk.rules {
      $0.partialProfits = [.init(at: Rate(units: 500_000), share: Rate(units: 50_000_000))]
      $0.trailFrom = Rate(units: 2_000_000)
    }
    #expect(try rules.actions(try Desk.position(.long), Desk.candle(101, high: 101.9)).count == 1)
    let next = try Desk.position(.long, quantity: "20", price: "101", time: 700_000)
    let actions = try rules.actions(
      Desk.decision(closeTime: 760_000), next, Desk.candle(101.6, closeTime: 760_000))
    #expect(actions.list == [try partial(.sell, "10")])
    #expect(rules.state.best == (try Price("101.6")))
    _ = try rules.actions(Position(), Desk.candle(101.6, closeTime: 820_000))
    #expect(rules.state.initialQuantity == .zero && rules.state.best == .zero)
  }
}

extension PositionRules {
  fileprivate mutating func actions(
    _ position: Position, _ candle: Candle, stop: Price? = nil
  ) throws -> PositionActions {
    try actions(Desk.decision(), position, candle, stop: stop)
  }
}
