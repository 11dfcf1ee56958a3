import Compute

/// Which rows each step of an epoch sees: a function of seed and epoch alone, so resuming needs no more than a step's number.
public struct BatchOrder: Sendable, Equatable {
  /// What becomes of rows that do not fill a batch.
  public enum Tail: String, Codable, Sendable, CaseIterable {
    /// A smaller batch of their own.
    case keep
    /// Not seen in this epoch.
    case drop
    /// Part of the batch before, where they are fewer than half a batch.
    case merge
  }

  /// Number of rows.
  public let rowCount: Int
  /// Rows of a full batch.
  public let batchSize: Int
  /// What becomes of the rest.
  public let tail: Tail
  private let seed: UInt64
  private let isShuffled: Bool

  /// Streams of the seed that belong to the order of epochs: parameters draw from the first ones.
  private static let firstStream: UInt64 = 1 << 48

  /// An order of rows.
  /// - Parameter isShuffled: whether each epoch has an order of its own, else that of the table.
  public init(rowCount: Int, batchSize: Int, seed: UInt64, tail: Tail = .keep, isShuffled: Bool = true) {
    precondition(rowCount >= 0 && rowCount <= Int(Int32.max), "fewer than 2^31 rows")
    precondition(batchSize >= 1, "a batch has at least one row")
    self.rowCount = rowCount
    self.batchSize = batchSize
    self.seed = seed
    self.tail = tail
    self.isShuffled = isShuffled
  }

  /// Steps of an epoch: at least one where there are rows.
  public var batchCount: Int {
    let full = rowCount / batchSize
    let rest = rowCount % batchSize
    // A table smaller than a batch is one.
    if full == 0 || rest == 0 { return full + (rest > 0 ? 1 : 0) }
    switch tail {
    case .keep: return full + 1
    case .drop: return full
    case .merge: return 2 * rest < batchSize ? full : full + 1
    }
  }

  /// The places of a step in the order of its epoch.
  public func places(ofBatch batch: Int) -> Range<Int> {
    precondition(batch >= 0 && batch < batchCount, "there is no such batch")
    let start = batch * batchSize
    let isLast = batch == batchCount - 1
    return start..<(isLast && tail != .drop ? rowCount : min(start + batchSize, rowCount))
  }

  /// The rows of an epoch in the order in which they are seen.
  public func rows(ofEpoch epoch: Int) -> [Int32] {
    var rows = Array(0..<Int32(rowCount))
    if isShuffled {
      var random = Philox(seed: seed, stream: BatchOrder.firstStream + UInt64(epoch))
      random.shuffle(&rows)
    }
    return rows
  }
}
