import Foundation
import Monitoring
import Testing

/// What a run of a program gave.
private struct Result {
  var status: Int32
  var output: String
  var error: String
}

/// The folder of the programs of the same build as these tests.
private let programs: URL = {
  var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  while !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("tern-serve").path) {
    guard folder.path != "/" else { return folder }
    folder.deleteLastPathComponent()
  }
  return folder
}()

private let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent()
  .deletingLastPathComponent()

private func run(_ program: URL, _ arguments: [String]) throws -> Result {
  let process = Process()
  process.executableURL = program
  process.arguments = arguments
  let (output, error) = (Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = error
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  let complaint = error.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return Result(
    status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
    error: String(decoding: complaint, as: UTF8.self))
}

private func serve(_ arguments: String...) throws -> Result {
  try run(programs.appendingPathComponent("tern-serve"), arguments)
}

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
    let text = try serve("status", "--port", "\(endpoint.port)")
    #expect(text.status == 0)
    for part in [
      "HALTED (DAY_LOSS)", "phase1@champion sha256:ab", "9790.5 USDT", "loss 2.10% of 2.00%", "BTCUSDT",
      "not executed: HALTED", "features", "3.3",
    ] {
      #expect(text.output.contains(part), "\(part) in \(text.output)")
    }
    let json = try serve("status", "--port", "\(endpoint.port)", "--json")
    #expect(try StatusDocument(json: Array(json.output.utf8)) == status)
  }

  @Test func statusFailsForTheTimeBeingWhenNothingAnswers() throws {
    let endpoint = try StatusEndpoint(source: Session(bytes: []))
    endpoint.stop()
    let result = try serve("status", "--port", "\(endpoint.port)", "--json")
    #expect(result.status == 75)
    #expect(result.output.contains("\"exit_code\" : 75"))
    #expect(result.error.contains("nothing answers"))
  }

  @Test func statusRefusesAnAnswerThatIsNoDocument() throws {
    let endpoint = try StatusEndpoint(source: Session(bytes: Array("{}".utf8)))
    defer { endpoint.stop() }
    #expect(try serve("status", "--port", "\(endpoint.port)").status == 65)
  }

  @Test func badUsageExitsWithTwo() throws {
    #expect(try serve("--help").status == 0)
    #expect(try serve("fly").status == 2)
    #expect(try serve("status").status == 2)
    #expect(try serve("status", "--port", "0").status == 2)
    #expect(try serve("status", "--port", "1", "--timeout", "nan").status == 2)
  }

  @Test func theProgramIsSlimAndTheCheckCanFail() throws {
    let check = repository.appendingPathComponent("scripts/check-serving")
    let slim = try run(check, [programs.appendingPathComponent("tern-serve").path])
    #expect(slim.status == 0, "\(slim.error)")
    #expect(slim.output.contains("bytes stripped"))
    let full = try run(check, [programs.appendingPathComponent("tern").path])
    #expect(full.status == 1)
    for part in ["needs libhdf5", "needs libswiftCore", "symbols of Boosting", "symbols of GRDB", "H5Fopen"] {
      #expect(full.error.contains(part), "\(part)")
    }
  }
}
