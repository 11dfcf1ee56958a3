import Files
import Foundation
import Registry
import StackFixtures
import TestSupport
import Testing

/// The program itself, killed at any moment, goes on as if it had not been.
@Suite struct KilledProgramTests {
  /// Kills of a test: a few, or two hundred when TERN_PROOF says `full`.
  private var kills: Int { ProcessInfo.processInfo.environment["TERN_PROOF"] == "full" ? 200 : 10 }

  /// A registry with a stack that trades often, and a configuration with two days of a generated market.
  private func prepare(_ folder: String) throws -> [String] {
    let registry = try ModelRegistry(directory: folder + "/registry")
    var parts = try StackParts(features: 3, share: 0.05)
    // Random forests are seldom sure, and here they shall trade.
    parts.description.confidence = 0.4
    _ = try parts.register("demo", in: registry)
    let configuration = """
      registry: \(folder)/registry
      stack: demo@1
      markets:
        - synthetic: {days: 2, seed: 11}
      position:
        partial_profits: [{at: 0.002, share: 0.5}]
        maximum_adds: 1
        add_at: 0.0015
        trail_from: 0.003
      risk: {maximum_daily_trades: 500, maximum_consecutive_losses: 500}
      speed: 0
      journal: {flush: true}
      """
    try configuration.write(toFile: folder + "/serve.yaml", atomically: true, encoding: .utf8)
    return ["paper", "--config", folder + "/serve.yaml", "--json", "--journal"]
  }

  /// Starts a session and kills it after a random moment.
  /// - Parameter longest: the moment's upper bound, seconds.
  /// - Returns: what it printed if it came to its end before; nil when it was killed.
  private func runAndKill(_ arguments: [String], longest: Double) throws -> [String: Any]? {
    let process = Process()
    process.executableURL = Programs.program("tern-serve")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    usleep(UInt32.random(in: 0..<UInt32(longest * 1e6)))
    kill(process.processIdentifier, SIGKILL)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationReason == .exit else { return nil }
    #expect(process.terminationStatus == 0)
    return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
  }

  /// Kills a session again and again until it has come to its end.
  /// - Returns: how often it was killed, and what the last run printed.
  private func killUntilItEnds(
    _ arguments: [String], longest: Double, after: () throws -> Void = {}
  ) throws -> (kills: Int, summary: [String: Any]) {
    var kills = 0
    var longest = longest
    while true {
      if let summary = try runAndKill(arguments, longest: longest) { return (kills, summary) }
      kills += 1
      // Taking up takes longer the more there is; on a busy machine a kill must not always come before the end of it.
      longest *= 1.02
      try after()
    }
  }

  @Test func killedAtAnyMomentItDecidesNothingTwiceAndForgetsNothing() throws {
    let scratch = try ScratchDirectory()
    let arguments = try prepare(scratch.path)
    let whole = scratch.path + "/whole.journal"
    let begun = Date()
    #expect(try Programs.run(Programs.program("tern-serve"), arguments + [whole]).status == 0)
    let longest = 0.5 * -begun.timeIntervalSinceNow
    let expected = try AtomicFile.read(whole)
    #expect(expected.count > 500_000)
    var kills = 0
    var sessions = 0
    while kills < self.kills {
      sessions += 1
      let path = "\(scratch.path)/\(sessions).journal"
      kills += try killUntilItEnds(arguments + [path], longest: longest).kills
      #expect(try AtomicFile.read(path) == expected, "session \(sessions)")
    }
    let certificate = try Programs.serve(
      "replay", "--certify", "\(scratch.path)/1.journal", "--registry", scratch.path + "/registry")
    #expect(certificate.status == 0, "\(certificate.error)")
    print("killed \(kills) times in \(sessions) sessions")
  }

  /// A record as `tern-serve journal --json` prints it.
  private struct Record: Decodable {
    var kind: String
    var fields: [String: String]
  }

  @Test func aHaltOutlivesEveryKill() throws {
    let scratch = try ScratchDirectory()
    let arguments = try prepare(scratch.path)
    var kills = 0
    var sessions = 0
    while kills < self.kills {
      sessions += 1
      let path = "\(scratch.path)/\(sessions).journal"
      // Until there is something that can be halted.
      while try AtomicFile.exists(path) == false || AtomicFile.read(path).count < 10_000 {
        _ = try runAndKill(arguments + [path], longest: 0.2)
      }
      let halt = try Programs.serve(
        "operate", "halt", "--journal", path, "--registry", scratch.path + "/registry", "--person", "tester",
        "--reason", "test")
      #expect(halt.status == 0, "\(halt.error)")
      let (killed, summary) = try killUntilItEnds(arguments + [path], longest: 0.2)
      kills += killed
      let lanes = try #require(summary["lanes"] as? [[String: Any]])
      #expect(lanes[0]["state"] as? String == "HALTED")
      #expect(try openingsAfterTheHalt(path).isEmpty)
    }
  }

  /// What was approved after the operator's record and would open or enlarge a position.
  private func openingsAfterTheHalt(_ path: String) throws -> [Record] {
    let text = try Programs.serve("journal", path, "--json").output
    let records = try text.split(separator: "\n").map { line in
      try JSONDecoder().decode(Record.self, from: Data(line.utf8))
    }
    let halt = try #require(records.firstIndex { $0.kind == "operator" })
    var openings: [Record] = []
    for index in records.indices.dropFirst(halt + 1) where records[index].kind == "verdict" {
      let intent = records[index - 1]
      #expect(intent.kind == "intent")
      let opens = ["ENTRY", "ADD"].contains(intent.fields["purpose"] ?? "")
      if opens, records[index].fields["outcome"] != "REJECTED" { openings.append(intent) }
    }
    return openings
  }
}
