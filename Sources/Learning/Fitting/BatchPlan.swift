import Compute

/// Which rows of an epoch make which batch: a function of the seed and the epoch alone.
struct BatchPlan {
  /// The rows of the epoch in their order.
  let order: [Int32]
  /// Parts of `order`, one for each batch.
  let batches: [Range<Int>]

  /// Streams of the seed that are for the order of epochs: parameters and dropout draw from others.
  private static let stream: UInt64 = 1 << 48

  /// Puts rows in a random order and cuts them.
  ///
  /// A last batch of a single row joins the one before it: it has no statistics to be normalised with.
  init(rows: Int, size: Int, dropsLast: Bool, seed: UInt64, epoch: Int) {
    var order = (0..<Int32(rows)).map { $0 }
    var generator = Philox(seed: seed, stream: BatchPlan.stream + UInt64(epoch))
    generator.shuffle(&order)
    self.order = order
    batches = BatchPlan.cut(rows, size: size, dropsLast: dropsLast)
  }

  static func cut(_ rows: Int, size: Int, dropsLast: Bool) -> [Range<Int>] {
    var batches = stride(from: 0, to: rows, by: size).map { $0..<min($0 + size, rows) }
    guard batches.count > 1, let last = batches.last, last.count < size else { return batches }
    if dropsLast {
      batches.removeLast()
    } else if last.count == 1 {
      batches.removeLast(2)
      batches.append(last.lowerBound - size..<rows)
    }
    return batches
  }
}
