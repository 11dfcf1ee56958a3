import Accounts
import Compute
import Diagnostics
import Foundation
import Market
import Orders
import Testing

@testable import Decision

/// Random rules over random prices, executed by an account: what must hold whatever is configured.
@Suite struct PositionPropertyTests {
  private static func configuration(_ random: inout Philox) -> PositionRules.Configuration {
    func rate(_ most: Int) -> Rate { Rate(units: Int64(1 + random.integer(below: most))) }
    func sometimes<Value>(_ value: () -> Value) -> Value? { random.integer(below: 2) == 0 ? value() : nil }
    var result = PositionRules.Configuration()
    result.confidenceScaling = random.integer(below: 2) == 0
    result.minimumSize = rate(100_000_000)
    result.fullConfidence = random.uniform()
    result.targetVolatility = sometimes { 0.0001 + random.uniform() * 0.01 }
    result.volatilityWindow = 2 + random.integer(below: 5)
    var at: Int64 = 0
    for _ in 0..<random.integer(below: 4) {
      at += rate(500_000).units
      result.partialProfits.append(.init(at: Rate(units: at), share: rate(33_000_000)))
    }
    result.maximumAdds = random.integer(below: 4)
    result.addAt = rate(500_000)
    result.addShare = rate(100_000_000)
    result.breakEvenAt = sometimes { rate(500_000) }
    result.trailFrom = sometimes { rate(500_000) }
    result.trailDistance = rate(500_000)
    result.emergencyRegimeProbability = sometimes { 0.01 + 0.99 * random.uniform() }
    result.onOpposite = PositionRules.OnOpposite.allCases[random.integer(below: 3)]
    return result
  }

  private static func decision(_ random: inout Philox, _ closeTime: Int64) -> Decision {
    let direction = Direction.allCases[random.integer(below: 3)]
    var decision = Desk.decision(
      direction, confidence: 0.65 + 0.35 * random.uniform(), closeTime: closeTime)
    decision.regimeProbabilities = .zero
    decision.regimeProbabilities[random.integer(below: 7)] = Float(random.uniform())
    return decision
  }

  @Test func exposureIsBoundedStopsTightenAndEqualInputsGiveEqualActions() throws {
    var random = Philox(seed: 77)
    var seen: [OrderPurpose: Int] = [:]
    var moves = 0
    for sequence in 0..<2_500 {
      let configuration = PositionPropertyTests.configuration(&random)
      var rules = try PositionRules(
        market: 0, plan: TradePlan(horizon: Interval(milliseconds: 1_200_000)),
        rule: try VerdictRule(plan: TradePlan(), takerFee: Rate(units: 50_000)),
        configuration: configuration)
      var account = Account(cash: Desk.equity, markets: 1)
      var stop: Price?
      var price = 100.0
      var allowed = Quantity.zero
      var entered = Quantity.zero
      for bar in 0..<50 {
        let previous = price
        price = max(1, (price * (1 + 0.004 * random.normal()) * 10).rounded() / 10)
        let time = Int64(bar + 1) * 60_000
        let candle = Desk.candle(
          price, high: max(price, previous) + 0.1, low: min(price, previous) - 0.1, closeTime: time)
        let decision = PositionPropertyTests.decision(&random, time)
        let position = account.positions[0]
        var twin = rules
        var actions = PositionActions()
        var repeated = PositionActions()
        let trouble = random.integer(below: 40) == 0
        try rules.decide(
          decision, position: position, stop: stop, equity: account.equity, terms: Desk.terms,
          candle: candle, dataTrouble: trouble, into: &actions)
        try twin.decide(
          decision, position: position, stop: stop, equity: account.equity, terms: Desk.terms,
          candle: candle, dataTrouble: trouble, into: &repeated)
        #expect(actions == repeated && twin == rules)
        for action in actions.list {
          switch action {
          case .moveStop(let to):
            moves += 1
            let isLong = position.direction == .long
            #expect(!position.isFlat && to > .zero && to.isMultiple(of: Desk.terms.rules.tickSize))
            if let stop { #expect(isLong ? to > stop : to < stop) }
            #expect(isLong ? to.doubleValue < price : to.doubleValue > price)
            stop = to
          case .intent(let intent):
            seen[intent.purpose, default: 0] += 1
            #expect(intent.kind == .market && intent.market == 0)
            #expect(intent.quantity.isMultiple(of: Desk.terms.rules.stepSize))
            if intent.purpose.opens {
              #expect(intent.quantity > .zero && !intent.closesPosition)
              if intent.purpose == .entry {
                #expect(account.positions[0].isFlat)
                entered = intent.quantity
                // What additions may bring is fixed when the position is opened.
                let share = try intent.quantity.multiplied(by: configuration.addShare, .down)
                allowed = try entered + share.multiplied(by: Int64(configuration.maximumAdds))
                stop = nil
              } else {
                #expect(intent.side == Side(opening: position.direction))
              }
            } else {
              #expect(intent.side == position.closingSide && intent.quantity <= position.size)
              #expect(intent.closesPosition == (intent.quantity == .zero))
            }
            let quantity = intent.closesPosition ? account.positions[0].size : intent.quantity
            _ = try account.apply(
              Fill(
                order: OrderIdentifier(UInt64(sequence)), market: 0, time: time, side: intent.side,
                price: try Price(price), quantity: quantity, fee: .zero, liquidity: .taker))
            #expect(account.positions[0].size <= allowed)
          }
        }
      }
    }
    for purpose in [
      OrderPurpose.entry, .add, .protectiveStop, .partialTakeProfit, .timeExit, .signalExit, .emergencyExit,
    ] { #expect(seen[purpose, default: 0] > 100, "\(seen)") }
    #expect(moves > 1_000)
  }

  /// Absurd numbers end in an error or in nothing, never in a trap, and leave no half of an answer.
  @Test func absurdInputsNeverTrap() throws {
    var random = Philox(seed: 78)
    let prices: [Double] = [0, -1, .nan, .infinity, 1e-300, 1e-8, 1e10, 9.2e10, 1e300, 100]
    let amounts: [Int64] = [.min, -1, 0, 1, 100_000, 1_000_000_000, .max / 2, .max]
    let times: [Int64] = [.min, -1, 0, 1, 660_000, .max - 1, .max]
    var threw = 0
    for _ in 0..<100_000 {
      var rules = try PositionRules(
        market: 0, plan: TradePlan(), rule: try VerdictRule(plan: TradePlan(), takerFee: Rate(units: 50_000)),
        configuration: PositionPropertyTests.configuration(&random))
      func pick<Value>(_ values: [Value]) -> Value { values[random.integer(below: values.count)] }
      var account = Account(cash: Money(units: pick(amounts)), markets: 1)
      if random.integer(below: 4) > 0 {
        let fill = Fill(
          order: OrderIdentifier(1), market: 0, time: pick(times), side: pick(Side.allCases),
          price: Price(units: max(1, pick(amounts))), quantity: Quantity(units: max(1, pick(amounts))),
          fee: .zero, liquidity: .taker)
        _ = try? account.apply(fill)
      }
      var actions = PositionActions()
      for _ in 0..<3 {
        let candle = Candle(
          openTime: pick(times), open: pick(prices), high: pick(prices), low: pick(prices),
          close: pick(prices), volume: 1)
        var decision = PositionPropertyTests.decision(&random, pick(times))
        decision.confidence = pick([0, 0.65, 1, .nan, .infinity])
        do {
          try rules.decide(
            decision, position: account.positions[0],
            stop: random.integer(below: 2) == 0 ? nil : Price(units: pick(amounts)),
            equity: Money(units: pick(amounts)), terms: Desk.terms, candle: candle, into: &actions)
        } catch {
          threw += 1
          #expect(actions.isEmpty)
        }
      }
    }
    #expect(threw > 100)
  }

  @Test func configurationsAreReadStrictly() throws {
    func read(_ text: String) throws -> PositionRules.Configuration {
      try JSONDecoder().decode(PositionRules.Configuration.self, from: Data(text.utf8))
    }
    #expect(try read("{}") == PositionRules.Configuration())
    var random = Philox(seed: 3)
    for _ in 0..<200 {
      let configuration = PositionPropertyTests.configuration(&random)
      try configuration.validate()
      let bytes = try JSONEncoder().encode(configuration)
      #expect(try JSONDecoder().decode(PositionRules.Configuration.self, from: bytes) == configuration)
    }
    for text in [
      #"{"on_oposite":"close"}"#, #"{"partial_profits":[{"at":0.01,"share":0.5,"shape":1}]}"#,
      #"{"partial_profits":[{"at":0.01}]}"#, #"{"trail_from":"x"}"#,
    ] { #expect(throws: TernError.self) { try read(text) } }
    for (text, key) in [
      (#"{"minimum_size":0}"#, "minimum_size"), (#"{"minimum_size":1.00000001}"#, "minimum_size"),
      (#"{"full_confidence":1.1}"#, "full_confidence"), (#"{"target_volatility":0}"#, "target_volatility"),
      (#"{"volatility_window":1}"#, "volatility_window"), (#"{"maximum_adds":-1}"#, "maximum_adds"),
      (#"{"add_at":0}"#, "add_at"), (#"{"add_share":2}"#, "add_share"),
      (#"{"break_even_at":1}"#, "break_even_at"), (#"{"trail_from":0}"#, "trail_from"),
      (#"{"trail_distance":1}"#, "trail_distance"),
      (#"{"emergency_regime_probability":0}"#, "emergency_regime_probability"),
      (#"{"partial_profits":[{"at":0.01,"share":0.6},{"at":0.02,"share":0.41}]}"#, "partial_profits"),
      (#"{"partial_profits":[{"at":0.02,"share":0.6},{"at":0.02,"share":0.4}]}"#, "partial_profits.1.at"),
    ] {
      let error = try #require(throws: TernError.self) { try read(text).validate() }
      #expect(error.kind == .configuration && error.key == key)
    }
  }
}
