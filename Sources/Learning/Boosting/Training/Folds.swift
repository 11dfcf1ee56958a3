import Compute
import Diagnostics

/// One division of a table's rows for cross-validation.
public struct Fold: Sendable, Equatable {
  /// Rows to learn from, increasing.
  public let train: [Int32]
  /// Rows to evaluate, increasing, none of them in `train`.
  public let valid: [Int32]
}

/// How rows are divided.
public enum FoldMode: String, Codable, Sendable, CaseIterable {
  /// Each row is evaluated once, by a model of the other folds. Queries stay whole; classes are spread evenly.
  case kfold
  /// Blocks in the table's order: block i + 1 is evaluated by a model of the blocks before it, so that nothing is learned from
  /// the future. The first block is never evaluated.
  case time
}

extension Fold {
  /// Divides the rows of a table into `count` folds.
  ///
  /// - Parameters:
  ///   - table: its queries stay whole; its labels are classes if `isStratified`.
  ///   - isStratified: whether each class is dealt out evenly; not together with queries.
  ///   - seed: of the shuffle.
  /// - Throws: `TernError(.configuration)` for fewer than two folds or more than there are rows or queries.
  public static func folds(
    of table: TrainingTable, count: Int, mode: FoldMode, isStratified: Bool, seed: UInt64
  ) throws(TernError) -> [Fold] {
    try table.validate()
    let units = units(of: table)
    let parts = mode == .time ? count + 1 : count
    guard count >= 2, parts <= units.count else {
      throw TernError(
        .configuration, "cannot divide the rows", key: "cv", found: "\(count) folds",
        expected: "2 ... \(mode == .time ? units.count - 1 : units.count)")
    }
    var part = [Int](repeating: 0, count: table.rows)
    if mode == .time {
      for (index, unit) in units.enumerated() {
        for row in unit { part[row] = index * parts / units.count }
      }
    } else {
      let isByClass = isStratified && table.queries == nil
      for (index, unit) in shuffled(units, labels: isByClass ? table.labels : nil, seed: seed).enumerated() {
        for row in unit { part[row] = index % parts }
      }
    }
    let rows = 0..<Int32(table.rows)
    if mode == .time {
      return (1..<parts).map { own in
        Fold(train: rows.filter { part[Int($0)] < own }, valid: rows.filter { part[Int($0)] == own })
      }
    }
    return (0..<parts).map { own in
      Fold(train: rows.filter { part[Int($0)] != own }, valid: rows.filter { part[Int($0)] == own })
    }
  }

  /// What may not be torn apart: queries, or single rows.
  private static func units(of table: TrainingTable) -> [Range<Int>] {
    guard let queries = table.queries else { return (0..<table.rows).map { $0..<$0 + 1 } }
    let groups = QueryGroups(queries: queries)
    return (0..<groups.count).map { groups.offsets[$0]..<groups.offsets[$0 + 1] }
  }

  /// Units in random order; with labels, class after class, so that dealing them out in turn spreads each class.
  private static func shuffled(_ units: [Range<Int>], labels: [Float]?, seed: UInt64) -> [Range<Int>] {
    var random = RandomStream.folds.generator(seed: seed, step: 0)
    var result = units
    random.shuffle(&result)
    guard let labels else { return result }
    let order = result.indices.sorted { a, b in
      let (first, second) = (labels[result[a].lowerBound], labels[result[b].lowerBound])
      return first != second ? first < second : a < b
    }
    return order.map { result[$0] }
  }
}
