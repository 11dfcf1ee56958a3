import Foundation
import TestSupport
import Testing

/// What a candle costs as a whole.
@Suite struct MeterTests {
  /// Prints the durations of all stages; that nothing is allocated must hold.
  @Test func aCandleAllocatesNothingFromArrivalToJournal() throws {
    let scratch = try ScratchDirectory()
    let (lines, status) = try SupportProgram(
      "SessionMeter", [scratch.path, "\(proofCount(6_000, full: 100_000))"]
    ).wait()
    #expect(status == 0)
    print(lines.joined(separator: "\n"))
    var values: [String: [Int]] = [:]
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      values[words[0]] = words.dropFirst().compactMap(Int.init)
    }
    #expect(try #require(values["probe"])[0] > 0)
    let allocations = try #require(values["allocations"])
    #expect(allocations[0] >= 5_000 && allocations[1] == 0, "\(allocations)")
    for key in ["fills", "trades", "intents"] { #expect(try #require(values[key])[0] > 50, "\(key)") }
  }
}
