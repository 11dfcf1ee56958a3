import Compute

/// Bins of the statistics of one projection along one permutation.
final class StatisticBins {
  let blocks: [BinBlock]
  /// Number of combinations of values.
  var categories = CategoryIndex.Count()
  /// Whether the bins have been computed.
  var isFilled = false
  /// The round that asked for them last.
  var round = 0

  init(blocks: [BinBlock]) { self.blocks = blocks }
}

/// The room for bins that may be kept from tree to tree, of all permutations together.
///
/// What has not been asked for longest goes first, combinations with tests of a tree before those of columns alone:
/// another tree hardly has the same tests. Blocks that are given up are used again.
final class StatisticsBudget {
  private let rows: Int
  private let limit: Int
  /// Bytes of all blocks in use, and of those to be used again.
  private(set) var bytes = 0
  private var free: (narrow: [BinBlock], wide: [BinBlock]) = ([], [])

  private static let least = 48 << 20
  private static let bytesPerRow = 256

  /// Takes the bytes that may be kept; nil for 48 MiB or 256 a row, if these are more.
  init(rows: Int, limit: Int?) {
    self.rows = rows
    self.limit = limit ?? max(StatisticsBudget.least, rows * StatisticsBudget.bytesPerRow)
  }

  /// Blocks for a layout, nil if there is no room and they are not `required`.
  ///
  /// - Parameters:
  ///   - folds: where bins may be given up.
  ///   - round: bins that this round has asked for are not given up.
  func take(_ layout: StatisticLayout, isRequired: Bool, from folds: [LearningFold], round: Int)
    -> [BinBlock]?
  {
    let own = BinBlock.bytes(rows: rows, isNarrow: layout.isNarrow)
    func reused() -> Int { layout.isNarrow ? free.narrow.count : free.wide.count }
    func fits() -> Bool { bytes + max(0, layout.blocks - reused()) * own <= limit }
    if !fits() { giveUp(folds, round: round) }
    if !fits() { drop() }
    guard fits() || isRequired else { return nil }
    return (0..<layout.blocks).map { _ in
      if let block = layout.isNarrow ? free.narrow.popLast() : free.wide.popLast() { return block }
      bytes += own
      return BinBlock(rows: rows, isNarrow: layout.isNarrow)
    }
  }

  /// Gives up an eighth of the room.
  private func giveUp(_ folds: [LearningFold], round: Int) {
    var known: [(fold: Int, projection: CategoryProjection, round: Int)] = []
    for (number, fold) in folds.enumerated() {
      for (projection, bins) in fold.statistics where bins.round < round {
        known.append((number, projection, bins.round))
      }
    }
    // The order decides what is computed again, never a result.
    known.sort { a, b in
      a.projection.tests.isEmpty == b.projection.tests.isEmpty
        ? a.round < b.round : !a.projection.tests.isEmpty
    }
    var given = 0
    for item in known where given <= max(limit / 8, bytes - limit) {
      guard let bins = folds[item.fold].statistics.removeValue(forKey: item.projection) else { continue }
      for block in bins.blocks {
        switch block {
        case .narrow:
          free.narrow.append(block)
          given += BinBlock.bytes(rows: rows, isNarrow: true)
        case .wide:
          free.wide.append(block)
          given += BinBlock.bytes(rows: rows, isNarrow: false)
        }
      }
    }
  }

  /// Frees the blocks that nothing uses.
  private func drop() {
    bytes -= free.narrow.count * BinBlock.bytes(rows: rows, isNarrow: true)
    bytes -= free.wide.count * BinBlock.bytes(rows: rows, isNarrow: false)
    free = ([], [])
  }
}
