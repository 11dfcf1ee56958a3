import Accounts
import AllocationCounter
import Decision
import DecisionFixtures
import Diagnostics
import Features
import Glibc
import Market
import Orders

/// Measures what a decision costs with a stack of phase 1's size: prints `KEY VALUE` lines.
///
/// - `probe COUNT`: allocations of one array, which shows that the counter counts;
/// - `allocations BARS COUNT`: heap allocations while that many candles were decided, by all layers and the position
///   rules, after warm-up;
/// - `features_nanoseconds`, `regime_nanoseconds`, `signal_nanoseconds`, `decide_nanoseconds`: user CPU time for each
///   candle, the best of several rounds.
@main
enum DecisionMeter {
  static func main() {
    do throws(TernError) {
      try measure()
    } catch {
      print(error)
      exit(error.kind.rawValue)
    }
  }

  private static var userSeconds: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) * 1e-6
  }

  private static func measure() throws(TernError) {
    let before = tern_allocation_count()
    let array = [Int](repeating: Int(getpid()), count: 100)
    print("probe \(tern_allocation_count() - before + (array[0] < 0 ? 1 : 0))")

    let market = try SmallMarket.days(14)
    let names = try FeatureCatalogue.schema(for: .minute)
    let matrix = try FeatureBuilder.build(market, schema: names)
    let stack = try RandomStack(matrix: matrix)
    let candles = (0..<market.candles.count).map { market.candles[$0] }
    let warm = min(candles.count / 2, names.warmUp + 100)
    print("features \(names.count) warm_up \(names.warmUp) candles \(candles.count)")
    try decisions(stack, candles, warm: warm)
    try parts(stack, candles, warm: warm)
  }

  private static func decisions(_ stack: RandomStack, _ candles: [Candle], warm: Int) throws(TernError) {
    let decider = try stack.decider()
    var configuration = PositionRules.Configuration()
    configuration.partialProfits = [.init(at: Rate(units: 500_000), share: Rate(units: 50_000_000))]
    configuration.trailFrom = Rate(units: 300_000)
    configuration.breakEvenAt = Rate(units: 200_000)
    configuration.emergencyRegimeProbability = 0.9
    configuration.targetVolatility = 0.01
    var rules = try PositionRules(
      market: 0, plan: TradePlan(), rule: decider.rule, configuration: configuration)
    let terms = MarketTerms(symbol: "SYNTHUSDT")
    let flat = Position()
    var actions = PositionActions()
    var known = 0
    var executed = 0
    var best = Double.infinity
    for index in 0..<warm {
      let decision = try decider.decide(candles[index])
      try rules.decide(
        decision, position: flat, stop: nil, equity: Money(units: 1_000_000_000_000), terms: terms,
        candle: candles[index], into: &actions)
    }
    let before = tern_allocation_count()
    let part = 1_000
    var index = warm
    while index + part <= candles.count {
      let start = userSeconds
      for at in index..<index + part {
        let decision = try decider.decide(candles[at])
        try rules.decide(
          decision, position: flat, stop: nil, equity: Money(units: 1_000_000_000_000), terms: terms,
          candle: candles[at], into: &actions)
        if decision.reason != .warmingUp { known += 1 }
        executed += actions.count
      }
      best = min(best, (userSeconds - start) / Double(part))
      index += part
    }
    let allocations = tern_allocation_count() - before
    print("allocations \(index - warm) \(allocations)")
    print("known \(known) executed \(executed)")
    print("decide_nanoseconds \(Int(best * 1e9))")
  }

  private static func parts(_ stack: RandomStack, _ candles: [Candle], warm: Int) throws(TernError) {
    let engine = try FeatureEngine(schema: stack.schema)
    let width = stack.schema.count + 7
    let row = UnsafeMutablePointer<Float>.allocate(capacity: width)
    row.initialize(repeating: 0.14, count: width)
    defer { row.deallocate() }
    let outputs = UnsafeMutablePointer<Float>.allocate(capacity: 7)
    outputs.initialize(repeating: 0, count: 7)
    defer { outputs.deallocate() }
    for index in 0..<warm { try engine.update(candles[index], into: row) }
    var best = (features: Double.infinity, regime: Double.infinity, signal: Double.infinity)
    let part = 500
    var index = warm
    var rows: [Float] = []
    while index + part <= candles.count {
      let start = userSeconds
      for at in index..<index + part { try engine.update(candles[at], into: row) }
      best.features = min(best.features, (userSeconds - start) / Double(part))
      rows.append(contentsOf: UnsafeBufferPointer(start: row, count: width))
      index += part
    }
    let count = rows.count / width
    var sum: Float = 0
    rows.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      for _ in 0..<20 {
        for (isRegime, forest) in [(true, stack.regime), (false, stack.signal)] {
          let start = userSeconds
          for _ in 0..<20 {
            for at in 0..<count {
              forest.predict(row: base + at * width, into: outputs)
              sum += outputs[0]
            }
          }
          let seconds = (userSeconds - start) / Double(20 * count)
          if isRegime { best.regime = min(best.regime, seconds) } else { best.signal = min(best.signal, seconds) }
        }
      }
    }
    precondition(sum > 0)
    print("features_nanoseconds \(Int(best.features * 1e9))")
    print("regime_nanoseconds \(Int(best.regime * 1e9))")
    print("signal_nanoseconds \(Int(best.signal * 1e9))")
  }
}
