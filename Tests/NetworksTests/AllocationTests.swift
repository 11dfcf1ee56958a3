import TestSupport
import Testing

/// What one row costs when nothing is remembered.
struct AllocationTests {
  /// Prints the processor time of a row; that a row allocates nothing after warm-up must hold.
  @Test func aRowAllocatesNothing() throws {
    let (text, status) = try SupportProgram("NetworkMeter", []).wait()
    #expect(status == 0)
    print(text.joined(separator: "\n"))
    let lines = text.map { $0.split(separator: " ").map(String.init) }
    let probe = try #require(lines.first { $0[0] == "probe" })
    #expect(probe[1] != "0")
    let networks = lines.filter { $0[0] != "probe" }
    #expect(networks.count == 9)
    for line in networks { #expect(line[2] == "0" && line[4] == "finite", "\(line)") }
  }
}
