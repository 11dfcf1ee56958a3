import Networks
import Tensors

extension TabularBatch {
  /// Copies some rows of a table together, into memory that nothing else refers to.
  init(_ table: FitRows, rows: some Collection<Int32>) {
    let (columns, categorical) = (table.inputs.numeric, table.inputs.cardinalities.count)
    var numeric: Tensor?
    var categories: IndexTensor?
    if columns > 0 {
      let tensor = Tensor(uninitialised: Shape(rows.count, columns))
      TabularBatch.copy(table.numeric, rows, columns, to: tensor.pointer)
      numeric = tensor
    }
    if categorical > 0 {
      let tensor = IndexTensor(Storage(capacity: rows.count * categorical), Shape(rows.count, categorical))
      TabularBatch.copy(table.categories, rows, categorical, to: tensor.pointer)
      categories = tensor
    }
    self.init(numeric: numeric, categories: categories)
  }

  private static func copy<Element>(
    _ source: [Element], _ rows: some Collection<Int32>, _ width: Int,
    to target: UnsafeMutablePointer<Element>
  ) {
    source.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      for (place, row) in rows.enumerated() {
        (target + place * width).update(from: base + Int(row) * width, count: width)
      }
    }
  }
}

/// The rows of one step with their targets and weights. Nothing else refers to their memory until the step takes it over, so
/// a batch may be put together on one thread and used on another.
struct Batch: @unchecked Sendable {
  let rows: TabularBatch
  let targets: Tensor
  /// The targets as class numbers, where they are classes.
  let labels: IndexTensor?
  let weights: Tensor?
  let count: Int

  init(_ table: FitTable, rows: ArraySlice<Int32>, hasLabels: Bool) {
    count = rows.count
    self.rows = TabularBatch(table.rows, rows: rows)
    targets = Tensor(rows.map { table.targets[Int($0)] }, Shape(rows.count))
    labels = hasLabels ? IndexTensor(rows.map { Int32(table.targets[Int($0)]) }, Shape(rows.count)) : nil
    weights = table.weights.map { weights in Tensor(rows.map { weights[Int($0)] }, Shape(rows.count)) }
  }
}
