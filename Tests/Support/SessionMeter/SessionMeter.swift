import AllocationCounter
import Diagnostics
import Feeds
import Files
import Glibc
import Market
import Orders
import Registry
import Service
import Sessions
import StackFixtures

/// Measures what a candle costs from its arrival to its group in the journal, with a stack of phase 1's size: prints
/// `KEY VALUE` lines.
///
///     SessionMeter DIRECTORY CANDLES
///
/// - `probe COUNT`: allocations of one array, which shows that the counter counts;
/// - `allocations CANDLES COUNT`: heap allocations while that many candles went through features, layers, risk,
///   position rules, venue and journal, after warm-up;
/// - `fills`, `trades`, `intents`: what happened meanwhile, so that it is known what the figures include;
/// - `p50_nanoseconds`, `p99_nanoseconds`: time on the clock for a candle, journal without waiting for the disk.
@main
enum SessionMeter {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let candles = Int(arguments[2]), candles > 0 else {
      print("usage: SessionMeter DIRECTORY CANDLES")
      exit(2)
    }
    do {
      try measure(arguments[1], candles)
    } catch {
      print(error)
      exit(70)
    }
  }

  private static func measure(_ directory: String, _ count: Int) throws {
    let before = tern_allocation_count()
    let array = [Int](repeating: Int(getpid()), count: 100)
    print("probe \(tern_allocation_count() - before + (array[0] < 0 ? 1 : 0))")

    let registry = "\(directory)/registry"
    var parts = try StackParts(features: nil, share: 1)
    // Random forests are seldom sure; the bars between must be ones with positions and trades.
    parts.description.confidence = 0.4
    try parts.register("meter", in: try ModelRegistry(directory: registry))
    let stacks = RegistryStacks(registry)
    let stack = try stacks.stack(reference: "meter@1")
    let warmUp = stack.schema.lookback + 2_000

    var market = SyntheticMarket.Configuration()
    market.days = (warmUp + count) / 1_440 + 2
    let feed = try SyntheticFeed(market)
    var configuration = SessionConfiguration(markets: [MarketTerms(symbol: feed.symbol)])
    configuration.position.partialProfits = [.init(at: Rate(units: 300_000), share: Rate(units: 50_000_000))]
    configuration.position.maximumAdds = 1
    configuration.position.breakEvenAt = Rate(units: 300_000)
    configuration.position.trailFrom = Rate(units: 400_000)
    configuration.position.onOpposite = .reverse
    // Losses of a random stack shall not end the trading that is measured.
    configuration.risk.maximumDailyTrades = 1_000
    configuration.risk.maximumConsecutiveLosses = 1_000
    configuration.risk.maximumDailyLoss = Rate(units: 99_000_000)
    configuration.risk.maximumDrawdown = Rate(units: 99_000_000)
    let session = try Session.recorded(
      header: SessionHeader(
        configuration: configuration, lanes: [.init(name: "champion", stacks: [stack.digest])],
        sources: [feed.digest]),
      stacks: stacks, time: 0, journal: "\(directory)/meter.journal", flushes: false)

    // The events lie in memory, so that nothing but the session is measured.
    var events: [MarketEvent] = []
    events.reserveCapacity((warmUp + count) * 2 + 10)
    var candles = 0
    var start = 0
    while candles < warmUp + count, let event = try feed.next() {
      events.append(event)
      if case .candle = event { candles += 1 }
      if candles <= warmUp { start = events.count }
    }
    for index in 0..<start { try session.observe(events[index], market: 0) }
    session.telemetry = SessionTelemetry()
    let counters = session.views[0].counters
    let intents = session.intentCount
    let allocated = tern_allocation_count()
    for index in start..<events.count { try session.observe(events[index], market: 0) }
    let allocations = tern_allocation_count() - allocated
    let after = session.views[0].counters
    let total = session.telemetry.latency(.total)
    print("allocations \(total.count) \(allocations)")
    print("fills \(after.fills - counters.fills)")
    print("trades \(after.trades - counters.trades)")
    print("intents \(session.intentCount - intents)")
    for stage in SessionStage.allCases {
      let latency = session.telemetry.latency(stage)
      print("\(stage.name)_nanoseconds \(latency.quantile(0.5)) \(latency.quantile(0.99))")
    }
    print("p50_nanoseconds \(total.quantile(0.5))")
    print("p99_nanoseconds \(total.quantile(0.99))")
  }
}
