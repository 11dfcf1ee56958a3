import Foundation
import Testing

/// What one row costs when nothing is remembered.
struct AllocationTests {
  /// Prints the processor time of a row; that a row allocates nothing after warm-up must hold.
  @Test func aRowAllocatesNothing() throws {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
      .appendingPathComponent("NetworkMeter")
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    print(text)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let probe = try #require(lines.first { $0[0] == "probe" })
    #expect(probe[1] != "0")
    let networks = lines.filter { $0[0] != "probe" }
    #expect(networks.count == 7)
    for line in networks { #expect(line[2] == "0" && line[4] == "finite", "\(line)") }
  }
}
