import Diagnostics
import Foundation
import Monitoring
import Testing

extension StatusDocument {
  /// A document in which every field is known.
  static var sample: StatusDocument {
    var status = StatusDocument(
      program: Program(
        name: "tern-serve", version: "0.1.0", mode: "paper", pid: 4242, startedAt: 1_767_225_600_000),
      time: 1_767_312_000_000, state: "REDUCING",
      stack: Stack(
        name: "phase1", alias: "champion", digest: "sha256:9f2c4c1f0b7a", loadedAt: 1_767_225_600_100),
      feed: Feed(source: "btc.csv", speed: 60, barsDecided: 1_440, isFinished: false),
      account: Account(
        currency: "USDT", initialEquity: "10000.00", equity: "10123.25", peakEquity: "10200.00",
        realisedToday: "-12.40", unrealised: "35.10", fees: "41.02", funding: "-3.11"),
      risk: Risk(
        dayLoss: 0.0016, dayLossLimit: 0.02, drawdown: 0.0075, drawdownLimit: 0.05, tradesToday: 4,
        tradesLimit: 15,
        consecutiveLosses: 2, consecutiveLossesLimit: 8))
    status.stateReasons = ["VOLATILITY"]
    status.isReady = true
    status.warmingUp = ["BTCUSDT"]
    status.journal = Journal(path: "s.journal", records: 9_001, head: "00ff")
    var symbol = Symbol(symbol: "BTCUSDT")
    symbol.candle = Candle(
      openTime: 1_767_311_940_000, closeTime: 1_767_312_000_000, close: "87012.3", age: 900)
    symbol.regimes = [Probability("RANGING", 0.75), Probability("BREAKOUT", 0.25)]
    symbol.signals = [Probability("LONG", 0.7), Probability("SHORT", 0.1), Probability("NEUTRAL", 0.2)]
    symbol.verdict = Verdict(side: "LONG", confidence: 0.7, minimumConfidence: 0.65, expectedValue: 0.0012)
    symbol.position = Position(
      side: "LONG", quantity: "0.045", entryPrice: "86500.0", markPrice: "87012.3", stopPrice: "86067.5",
      takeProfitPrice: "87797.5", unrealised: "23.05", openedAt: 1_767_311_000_000)
    status.symbols = [symbol]
    status.equityPoints = [EquityPoint(time: 1, equity: 10_000), EquityPoint(time: 2, equity: 10_123.25)]
    status.events = [
      Event(
        time: 3, kind: "rejection", symbol: "BTCUSDT", code: "MARGIN", text: "margin would be 9 % of equity")
    ]
    status.stages = [Stage(name: "features", count: 1_440, p50: 3.5, p99: 9.25)]
    status.variants = [
      Variant(
        role: "shadow", digest: "sha256:11", barsDecided: 1_440, agreement: 0.93, trades: 5, winRate: nil,
        netReturn: -0.0011, maximumDrawdown: 0.01)
    ]
    return status
  }
}

@Suite struct StatusDocumentTests {
  @Test func survivesItsJSON() throws {
    let status = StatusDocument.sample
    #expect(try StatusDocument(json: try status.encoded()) == status)
  }

  @Test func speaksSnakeCase() throws {
    let object = try JSONSerialization.jsonObject(with: Data(try StatusDocument.sample.encoded()))
    func keys(_ value: Any) -> [String] {
      if let list = value as? [Any] { return list.flatMap(keys) }
      guard let mapping = value as? [String: Any] else { return [] }
      return mapping.flatMap { [$0.key] + keys($0.value) }
    }
    let names = keys(object)
    #expect(names.count > 80)
    #expect(names.allSatisfy { name in name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } })
  }

  /// Every name that the page reads from the document exists in it, or the page would show holes.
  @Test func holdsWhatThePageReads() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    let page = String(decoding: try StatusClient(port: UInt16(endpoint.port)).get("/").body, as: UTF8.self)
    let json = String(decoding: try StatusDocument.sample.encoded(), as: UTF8.self)
    let script = try #require(page.range(of: "function draw(s)")).lowerBound
    let pattern =
      /\b(?:s|a|r|v|p|x|e|c|candle|entry)(?:\.(?:program|stack|feed|journal))?\.([a-z]+_[a-z_0-9]+)\b/
    let names = Set(page[script...].matches(of: pattern).map { String($0.1) })
    #expect(names.count > 20)
    let optional: Set = [
      "readiness_reason", "volatility_ratio", "volatility_ratio_limit", "rolling_sharpe", "win_rate",
    ]
    for name in names.subtracting(optional) { #expect(json.contains("\"\(name)\":"), "\(name)") }
  }

  @Test func refusesAnotherLayoutAndNumbersThatAreNone() throws {
    var status = StatusDocument.sample
    status.format = 1
    let bytes = try status.encoded()
    let error = try #require(throws: TernError.self) { try StatusDocument(json: bytes) }
    #expect(error.key == "format")
    status.format = 2
    status.risk.drawdown = .nan
    #expect(throws: TernError.self) { try status.encoded() }
  }

  @Test func stagesComeFromHistograms() {
    let registry = MetricsRegistry()
    let histogram = registry.histogram("h", help: "H.")
    #expect(StatusDocument.Stage(name: "risk", histogram).p50 == nil)
    for _ in 0..<100 { histogram.observe(nanoseconds: 1_500) }
    let stage = StatusDocument.Stage(name: "risk", histogram)
    #expect(stage.count == 100)
    // The bucket from 1 µs to 2 µs holds all; its middle is the estimate.
    #expect(abs((stage.p50 ?? 0) - 1.5) < 1e-9)
  }
}
