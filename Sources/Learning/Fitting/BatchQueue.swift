import Diagnostics
import Threads

/// The batches of an epoch in order, the next one put together while the step before it runs.
final class BatchQueue {
  private let table: FitTable
  private let plan: BatchPlan
  private let hasLabels: Bool
  private var upcoming: Background<Batch>?
  private var position: Int

  init(_ table: FitTable, _ plan: BatchPlan, from position: Int, hasLabels: Bool) {
    self.table = table
    self.plan = plan
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
    guard position < plan.batches.count else {
      upcoming = nil
      return
    }
    let (table, hasLabels, rows) = (table, hasLabels, plan.order[plan.batches[position]])
    upcoming = Background { () throws(TernError) in Batch(table, rows: rows, hasLabels: hasLabels) }
  }
}
