import Testing

@testable import Fitting

@Suite("The batches of an epoch")
struct BatchPlanTests {
  @Test("hold every row once", arguments: [(1, 4), (2, 4), (4, 4), (5, 4), (9, 4), (10, 4), (13, 1)])
  func everyRow(rows: Int, size: Int) {
    let plan = BatchPlan(rows: rows, size: size, dropsLast: false, seed: 3, epoch: 2)
    #expect(plan.batches.flatMap { plan.order[$0] }.sorted() == (0..<Int32(rows)).map { $0 })
    // A single row has no variance: only a table of one row, or batches of one, may have such a batch.
    #expect(size == 1 || rows == 1 || plan.batches.allSatisfy { $0.count > 1 && $0.count <= size + 1 })
  }

  @Test("drop what does not fill the last one where that is asked for")
  func dropped() {
    #expect(BatchPlan.cut(10, size: 4, dropsLast: true) == [0..<4, 4..<8])
    #expect(BatchPlan.cut(3, size: 4, dropsLast: true) == [0..<3])
    #expect(BatchPlan.cut(9, size: 4, dropsLast: false) == [0..<4, 4..<9])
  }

  @Test("come in an order of their epoch and seed")
  func orders() {
    func order(_ seed: UInt64, _ epoch: Int) -> [Int32] {
      BatchPlan(rows: 50, size: 8, dropsLast: false, seed: seed, epoch: epoch).order
    }
    #expect(order(1, 0) == order(1, 0))
    #expect(order(1, 0) != order(1, 1))
    #expect(order(1, 0) != order(2, 0))
    #expect(order(1, 0) != (0..<50).map { Int32($0) })
  }
}
