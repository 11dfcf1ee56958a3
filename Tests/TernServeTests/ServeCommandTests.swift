import Foundation
import Monitoring
import TestSupport
import Testing

/// Shows a document as a session would.
private struct Session: StatusSource {
  var bytes: [UInt8]
  func health() -> Health { .healthy }
  func readiness() -> Readiness { .ready }
  func metrics() -> [UInt8] { [] }
  func status() -> [UInt8] { bytes }
}

@Suite struct ServeCommandTests {
  private func document() -> StatusDocument {
    var status = StatusDocument(
      program: .init(name: "tern-serve", version: "0.1.0", mode: "paper", pid: 7, startedAt: 0), time: 60_000,
      state: "HALTED", stack: .init(name: "phase1", alias: "champion", digest: "sha256:ab", loadedAt: 0),
      feed: .init(source: "btc.csv", speed: nil, barsDecided: 12, isFinished: false),
      account: .init(
        currency: "USDT", initialEquity: "10000", equity: "9790.5", peakEquity: "10000",
        realisedToday: "-209.5",
        unrealised: "0", fees: "3", funding: "0"),
      risk: .init(
        dayLoss: 0.02095, dayLossLimit: 0.02, drawdown: 0.02095, drawdownLimit: 0.05, tradesToday: 3,
        tradesLimit: 15,
        consecutiveLosses: 3, consecutiveLossesLimit: 8))
    status.stateReasons = ["DAY_LOSS"]
    var symbol = StatusDocument.Symbol(symbol: "BTCUSDT")
    symbol.signals = [.init("LONG", 0.7)]
    symbol.verdict = .init(side: "LONG", confidence: 0.7, minimumConfidence: 0.65, reason: "HALTED")
    status.symbols = [symbol]
    status.stages = [.init(name: "features", count: 12, p50: 3.25, p99: nil)]
    return status
  }

  @Test func statusShowsARunningSession() throws {
    let status = document()
    let endpoint = try StatusEndpoint(source: Session(bytes: try status.encoded()))
    defer { endpoint.stop() }
    let text = try Programs.serve("status", "--port", "\(endpoint.port)")
    #expect(text.status == 0)
    for part in [
      "HALTED (DAY_LOSS)", "phase1@champion sha256:ab", "9790.5 USDT", "loss 2.10% of 2.00%", "BTCUSDT",
      "not executed: HALTED", "features", "3.3",
    ] {
      #expect(text.output.contains(part), "\(part) in \(text.output)")
    }
    let json = try Programs.serve("status", "--port", "\(endpoint.port)", "--json")
    #expect(try StatusDocument(json: Array(json.output.utf8)) == status)
  }

  @Test func statusFailsForTheTimeBeingWhenNothingAnswers() throws {
    let endpoint = try StatusEndpoint(source: Session(bytes: []))
    endpoint.stop()
    let result = try Programs.serve("status", "--port", "\(endpoint.port)", "--json")
    #expect(result.status == 75)
    #expect(result.output.contains("\"exit_code\" : 75"))
    #expect(result.error.contains("nothing answers"))
  }

  @Test func statusRefusesAnAnswerThatIsNoDocument() throws {
    let endpoint = try StatusEndpoint(source: Session(bytes: Array("{}".utf8)))
    defer { endpoint.stop() }
    #expect(try Programs.serve("status", "--port", "\(endpoint.port)").status == 65)
  }

  @Test func badUsageExitsWithTwo() throws {
    #expect(try Programs.serve("--help").status == 0)
    #expect(try Programs.serve("fly").status == 2)
    #expect(try Programs.serve("status").status == 2)
    #expect(try Programs.serve("status", "--port", "0").status == 2)
    #expect(try Programs.serve("status", "--port", "1", "--timeout", "nan").status == 2)
  }

  @Test func theProgramIsSlimAndTheCheckCanFail() throws {
    let check = Programs.repository.appendingPathComponent("scripts/check-serving")
    let slim = try Programs.run(check, [Programs.folder.appendingPathComponent("tern-serve").path])
    #expect(slim.status == 0, "\(slim.error)")
    #expect(slim.output.contains("bytes stripped"))
    let full = try Programs.run(check, [Programs.folder.appendingPathComponent("tern").path])
    #expect(full.status == 1)
    for part in ["needs libhdf5", "needs libswiftCore", "symbols of Boosting", "symbols of GRDB", "H5Fopen"] {
      #expect(full.error.contains(part), "\(part)")
    }
  }
}
