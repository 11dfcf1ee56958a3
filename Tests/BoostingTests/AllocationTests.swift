import TestSupport
import Testing

/// Training's buffers live as long as the training.
@Suite("Allocations of training")
struct AllocationTests {
  /// A round of trees with many splits asks for the heap as often as one of trees with few. That is measured by a process of its
  /// own, whose allocation functions count.
  @Test
  func splitsAllocateNothing() throws {
    let (text, status) = try SupportProgram("BoostingMeter", []).wait()
    #expect(status == 0)
    let lines = text.map { $0.split(separator: " ").map(String.init) }
    #expect(try #require(lines.first { $0[0] == "probe" })[1] != "0")
    for name in ["depth_wise", "leaf_wise", "oblivious", "level_by_level", "best_first"] {
      let line = try #require(lines.first { $0[0] == name })
      let numbers = line.dropFirst().compactMap { Int($0) }
      #expect(numbers.count == 4 && numbers[0] > 0 && numbers[3] > 2 * numbers[1], "\(line)")
      #expect(numbers[0] == numbers[2], "\(line)")
    }
  }
}
