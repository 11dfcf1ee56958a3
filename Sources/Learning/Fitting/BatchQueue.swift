import Diagnostics
import Threads

/// The batches of an epoch in order, the next one put together while the step before it runs.
final class BatchQueue {
  private let table: FitTable
  private let order: BatchOrder
  private let rows: [Int32]
  private let hasLabels: Bool
  private var upcoming: Background<Batch>?
  private var position: Int

  init(_ table: FitTable, _ order: BatchOrder, epoch: Int, from position: Int, hasLabels: Bool) {
    self.table = table
    self.order = order
    rows = order.rows(ofEpoch: epoch)
    self.position = position
    self.hasLabels = hasLabels
    prepare()
  }

  /// The next batch; nil at the end of the epoch.
  func next() throws(TernError) -> Batch? {
    guard let batch = try upcoming?.value() else { return nil }
    position += 1
    prepare()
    return batch
  }

  private func prepare() {
    guard position < order.batchCount else {
      upcoming = nil
      return
    }
    let (table, hasLabels, rows) = (table, hasLabels, rows[order.places(ofBatch: position)])
    upcoming = Background { () throws(TernError) in Batch(table, rows: rows, hasLabels: hasLabels) }
  }
}
