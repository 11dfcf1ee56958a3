import Decision
import Diagnostics
import Feeds
import Files
import Journal
import Market
import Orders
import Risk
import Simulation
import Stacks
import TestSupport

@testable import Sessions

/// Decides whatever its seed and the candle's time say: the same again when it is asked again.
final class RandomMaker: DecisionMaker {
  let rule: VerdictRule
  private let seed: UInt64
  private let eagerness: UInt64

  init(plan: TradePlan, seed: UInt64, eagerness: UInt64) throws {
    rule = try VerdictRule(plan: plan, takerFee: Rate(units: 50_000))
    self.seed = seed
    self.eagerness = eagerness
  }

  func observeFunding(time: Int64, rate: Double) {}
  func reset() {}

  func decide(_ candle: Candle, quote: Quote?) throws(TernError) -> Decision {
    var random = SplitMix(state: seed ^ UInt64(bitPattern: candle.openTime))
    var decision = Decision(
      openTime: candle.openTime, closeTime: candle.openTime + 60_000, featureDigest: random.next(),
      reason: .warmingUp)
    guard random.next() % 20 > 0 else { return decision }
    decision.regimeProbabilities = .init(repeating: 0.1)
    decision.regimeProbabilities[Int(random.next() % 7)] = Float(random.next() % 1000) / 1000
    decision.regime = .trendingUp
    decision.direction =
      random.next() % 10 < eagerness ? (random.next() % 2 == 0 ? .long : .short) : .neutral
    let confidences = [0.65, 0.65.nextDown, 1, 0.85, 0.5, 0, .nan]
    let choice = random.next() % 12
    decision.confidence =
      choice < 7 ? confidences[Int(choice)] : 0.6 + Double(random.next() % 4_000) / 10_000
    rule.judge(&decision)
    return decision
  }
}

/// No stack is known.
struct NoStacks: StackSource {
  func stack(_ digest: Digest) throws(TernError) -> LoadedStack {
    throw TernError(.data, "there is no stack", found: "\(digest)")
  }
}

/// What may happen to a session.
enum RandomInput {
  case event(MarketEvent, market: Int)
  case silence(Int64)
  case command(OperatorCommand)
}

/// A random session: its configuration, its inputs, and who decides, all of it from one number.
struct RandomSession {
  let header: SessionHeader
  let start: Int64
  let inputs: [RandomInput]
  private let seed: UInt64
  private let eagerness: UInt64
  private let plan: TradePlan

  init(seed: UInt64, length: Int) throws {
    var random = SplitMix(state: seed)
    self.seed = seed
    eagerness = [2, 5, 8, 10][Int(random.next() % 4)]
    var plan = TradePlan()
    plan.horizon = Interval(milliseconds: Int64([2, 5, 20, 60][Int(random.next() % 4)]) * 60_000)
    plan.confidence = 0.65
    self.plan = plan
    let day: Int64 = 1_700_006_400_000
    start = day + (random.next() % 2 == 0 ? 86_400_000 - 60_000 * 25 : 36_000_000)
    header = SessionHeader(
      configuration: try RandomSession.configuration(&random), lanes: [.init(name: "champion", stacks: [])],
      sources: [])
    var market = RandomMarkets(start: start)
    var inputs: [RandomInput] = []
    for _ in 0..<length { inputs.append(market.next(&random)) }
    self.inputs = inputs
  }

  func makers() throws -> [[SeatedMaker]] {
    [
      try (0..<2).map {
        SeatedMaker(
          maker: try RandomMaker(plan: plan, seed: seed &* 31 &+ UInt64($0), eagerness: eagerness), plan: plan
        )
      }
    ]
  }

  func session(_ recorder: Recorder) throws -> Session {
    try Session(header: header, makers: try makers(), time: start, recorder: recorder)
  }

  static func feed(_ input: RandomInput, to session: Session) throws(TernError) {
    switch input {
    case .event(let event, let market): try session.observe(event, market: market)
    case .silence(let now): try session.observeSilence(now: now)
    case .command(let command): try session.perform(command, by: "tester", reason: "random")
    }
  }

  private static func configuration(_ random: inout SplitMix) throws -> SessionConfiguration {
    func one<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }
    func rate(_ percents: [Double]) -> Rate { Rate(units: Int64(one(percents) * 1e6)) }
    var configuration = SessionConfiguration(
      markets: [
        MarketTerms(symbol: "AAAUSDT"),
        MarketTerms(
          symbol: "BBBUSDT",
          rules: SymbolRules(
            tickSize: Price(units: 1_000_000), stepSize: Quantity(units: 1_000_000), minNotional: .zero)),
      ])
    configuration.position = PositionRules.Configuration(
      confidenceScaling: one([true, false]), targetVolatility: one([nil, 0.001]),
      partialProfits: one([
        [], [.init(at: Rate(units: 200_000), share: Rate(units: 50_000_000))],
        [
          .init(at: Rate(units: 100_000), share: Rate(units: 30_000_000)),
          .init(at: Rate(units: 600_000), share: Rate(units: 70_000_000)),
        ],
      ]),
      maximumAdds: one([0, 1, 3]), addAt: rate([0.1, 0.3]), addShare: rate([10, 50, 100]),
      breakEvenAt: one([nil, Rate(units: 200_000)]), trailFrom: one([nil, Rate(units: 150_000)]),
      trailDistance: rate([0.05, 0.3]), emergencyRegimeProbability: one([nil, 0.9]),
      onOpposite: one([.ignore, .close, .reverse]))
    configuration.venue = SimulatedVenue.Configuration(
      slippage: rate([0, 0.01, 0.05]), stopSlippage: rate([0, 0.01, 0.5]),
      takeProfitLiquidity: one([.maker, .taker]), volumeShare: rate([0, 0.1, 10, 100]),
      latency: one([0, 0, 1, 60_000, 150_000]))
    configuration.venue.maximumOpenOrders = one([200, 200, 200, 8])
    if one([true, false]) {
      configuration.risk.volatilityShortBars = 4
      configuration.risk.volatilityNormalBars = 16
      configuration.risk.volatilityMinimumBars = 6
    }
    if one([true, false, false]) {
      configuration.risk.maximumDailyTrades = 3
      configuration.risk.maximumConsecutiveLosses = 2
    }
    if one([true, false, false]) { configuration.risk.maximumOpenPositions = 1 }
    return configuration
  }
}

/// Two random markets, with everything that a feed may get wrong.
struct RandomMarkets {
  private var clock: Int64
  private var closes = [30_000.0, 12.5]
  private var last: [Candle?] = [nil, nil]
  private var fundings: [Int64] = [0, 0]

  init(start: Int64) { clock = start }

  mutating func next(_ random: inout SplitMix) -> RandomInput {
    let market = Int(random.next() % 2)
    switch random.next() % 100 {
    case 0..<3:
      guard clock > fundings[market] else { return .silence(clock) }
      fundings[market] = clock
      let rate = (Double(random.next() % 2_000) - 1_000) / 100_000
      return .event(.funding(time: clock, rate: rate), market: market)
    case 3..<5: return .silence(clock + Int64(random.next() % 900_000))
    case 5..<7:
      let command = [OperatorCommand.halt, .shutdown, .rearm, .rearm][Int(random.next() % 4)]
      return .command(command)
    case 7..<17: return .event(.candle(unsound(market, &random)), market: market)
    case 17..<20:
      let close = closes[market]
      return .event(
        .quote(
          Quote(time: clock, bidPrice: close, bidQuantity: 1, askPrice: close * 1.0001, askQuantity: 1)),
        market: market)
    case 20..<22: clock += 60_000 * Int64(1 + random.next() % 12)
    case 22: clock += 60_000 * 1_500
    default: break
    }
    return .event(.candle(sound(market, &random)), market: market)
  }

  /// The market's next candle; where both have had one for this minute, the next minute begins.
  private mutating func sound(_ market: Int, _ random: inout SplitMix) -> Candle {
    if let before = last[market], before.openTime >= clock { clock = before.openTime + 60_000 }
    let open = closes[market] * (random.next() % 8 == 0 ? 1 + noise(0.003, &random) : 1)
    let reach = [0.0003, 0.001, 0.001, 0.004, 0.03][Int(random.next() % 5)]
    let close = open * (1 + noise(reach, &random))
    let spread = abs(noise(reach, &random))
    let volume = [0.0, .nan, 0.3, 50, 1_000, 1e6, 1e6, 1e6][Int(random.next() % 8)]
    let candle = Candle(
      openTime: clock, open: open, high: max(open, close) * (1 + spread),
      low: min(open, close) * (1 - spread),
      close: close, volume: volume)
    closes[market] = close
    last[market] = candle
    return candle
  }

  private func unsound(_ market: Int, _ random: inout SplitMix) -> Candle {
    var candle =
      last[market]
      ?? Candle(openTime: clock, open: 100, high: 100, low: 100, close: 100, volume: 1)
    switch random.next() % 9 {
    case 0: break
    case 1: candle.close = candle.low
    case 2: candle.openTime -= 60_000 * Int64(1 + random.next() % 5)
    case 3: candle.openTime += 61_000
    case 4: candle.high = .nan
    case 5: (candle.openTime, candle.low) = (clock + 60_000, -1)
    case 6:
      let factor = [0.01, 2, 100, 1e7, 1e12, 1e-12, 1e300][Int(random.next() % 7)]
      candle.openTime = clock + 60_000 * Int64(random.next() % 3)
      (candle.open, candle.high) = (candle.open * factor, candle.high * factor)
      (candle.low, candle.close) = (candle.low * factor, candle.close * factor)
    case 7: candle.openTime = [.max, .min, -1, .max - .max % 60_000, 1 << 60][Int(random.next() % 5)]
    default: candle.openTime += 60_000 * 100_000
    }
    return candle
  }

  private func noise(_ reach: Double, _ random: inout SplitMix) -> Double {
    reach * (Double(random.next() % 20_001) / 10_000 - 1)
  }
}
