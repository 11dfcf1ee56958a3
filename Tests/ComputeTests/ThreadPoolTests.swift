import Compute
import Synchronization
import Testing

@Suite("Thread pool")
struct ThreadPoolTests {
  final class Counters: @unchecked Sendable {
    let values: UnsafeMutablePointer<Int>
    let count: Int

    init(_ count: Int) {
      self.count = count
      values = .allocate(capacity: count)
      values.initialize(repeating: 0, count: count)
    }

    deinit { values.deallocate() }
  }

  @Test(arguments: [1, 2, 3, 8])
  func everyItemRunsOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let counters = Counters(997)
    for _ in 0..<300 {
      pool.parallelFor(count: 997) { item, lane in
        counters.values[item] += lane < threads ? 1 : 1000
      }
    }
    #expect((0..<997).allSatisfy { counters.values[$0] == 300 })
  }

  @Test
  func lanesAreExclusive() {
    let pool = ThreadPool(threads: 4)
    let busy = (0..<4).map { _ in Box() }
    let clashes = Atomic<Int>(0)
    pool.parallelFor(count: 20_000) { _, lane in
      if busy[lane].flag.exchange(true, ordering: .sequentiallyConsistent) {
        clashes.wrappingAdd(1, ordering: .relaxed)
      }
      busy[lane].flag.store(false, ordering: .sequentiallyConsistent)
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  final class Box: Sendable {
    let flag = Atomic<Bool>(false)
  }

  @Test
  func nestedRegionsRunInline() {
    let pool = ThreadPool(threads: 3)
    let counters = Counters(400)
    pool.parallelFor(count: 20) { outer, _ in
      pool.parallelFor(count: 20) { inner, _ in counters.values[outer * 20 + inner] += 1 }
    }
    #expect((0..<400).allSatisfy { counters.values[$0] == 1 })
  }

  @Test
  func chunksCoverTheRangeWhateverTheThreads() {
    for threads in [1, 3] {
      let counters = Counters(1003)
      ThreadPool(threads: threads).parallelChunks(of: 1003, chunk: 100) { range, _ in
        for i in range { counters.values[i] += range.lowerBound + 1 }
      }
      #expect((0..<1003).allSatisfy { counters.values[$0] == $0 / 100 * 100 + 1 })
    }
    ThreadPool(threads: 2).parallelChunks(of: 0, chunk: 10) { _, _ in Issue.record("no rows, no chunk") }
  }

  @Test
  func poolsComeAndGo() {
    for _ in 0..<200 {
      let pool = ThreadPool(threads: 3)
      let counters = Counters(3)
      pool.parallelFor(count: 3) { item, _ in counters.values[item] = 1 }
      #expect(counters.values[0] + counters.values[1] + counters.values[2] == 3)
    }
  }
}
