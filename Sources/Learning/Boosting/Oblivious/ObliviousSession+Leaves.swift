import Compute
import Trees

extension ObliviousSession {
  /// Writes the leaf of every position of a fold.
  func assignLeaves(_ structure: TreeStructure, fold: LearningFold) {
    let tests = catalogue.tests(structure.splits, fold: fold)
    let leaves = fold.leaves.pointer
    let children = structure.children
    fold.rows.withUnsafeBufferPointer { rows in
      pool.parallelChunks(of: rows.count, chunk: 4096) { range, _ in
        if structure.splitLeaves == nil {
          LevelTest.mark(tests, rows, range, in: leaves)
        } else {
          (leaves + range.lowerBound).update(repeating: 0, count: range.count)
          if !tests.isEmpty { walk(rows, range, tests: tests, children: children, leaves: leaves) }
        }
      }
    }
  }

  /// Follows the inner nodes of a tree from the first one down, row by row.
  private func walk(
    _ rows: UnsafeBufferPointer<Int32>, _ range: Range<Int>, tests: [LevelTest],
    children: [(left: Int, right: Int)], leaves: UnsafeMutablePointer<UInt16>
  ) {
    tests.withUnsafeBufferPointer { tests in
      children.withUnsafeBufferPointer { children in
        for position in range {
          let row = Int(rows[position])
          var item = 0
          while item >= 0 { item = tests[item].side(row) == 0 ? children[item].left : children[item].right }
          leaves[position] = UInt16(truncatingIfNeeded: -1 - item)
        }
      }
    }
  }

  /// Writes the leaf of every row of another table.
  func assignLeaves(
    _ structure: TreeStructure, table other: TrainingTable,
    statistics known: inout [StatisticFeature: [UInt8]], to fold: LearningFold
  ) {
    for case .statistic(let feature) in structure.splits.map(\.source) where known[feature] == nil {
      known[feature] = bins(feature, of: other)
    }
    let tests = structure.splits.map { OtherTest($0, session: self, table: other, statistics: known) }
    let children = structure.children
    let leaves = fold.leaves.pointer
    pool.parallelChunks(of: other.rows, chunk: 16_384) { range, _ in
      (leaves + range.lowerBound).update(repeating: 0, count: range.count)
      if structure.splitLeaves == nil {
        for (level, test) in tests.enumerated() {
          test.mark(range, bit: 1 << UInt16(truncatingIfNeeded: level), in: leaves)
        }
      } else if !tests.isEmpty {
        for row in range {
          var item = 0
          while item >= 0 { item = tests[item].passes(row) ? children[item].right : children[item].left }
          leaves[row] = UInt16(truncatingIfNeeded: -1 - item)
        }
      }
    }
  }

  /// The bins of a statistic for the rows of another table, from the counts of all training rows.
  func bins(_ feature: StatisticFeature, of other: TrainingTable) -> [UInt8] {
    var builder = StatisticsBuilder(session: self)
    builder.addTable(feature)
    builder.add(feature)
    let statistics = builder.statistics
    var result = [UInt8](repeating: 0, count: other.rows)
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelChunks(of: other.rows, chunk: 4096) { range, _ in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * other.features + 1) { row in
          guard let inputs = row.baseAddress else { return }
          let extended = inputs + other.features
          for i in range {
            for column in 0..<other.features { inputs[column] = other.columns[column][i] }
            statistics.extend(inputs, stride: 1, into: extended)
            target.pointer[i] = UInt8(StatisticFeature.bin(predicted: extended[other.features]))
          }
        }
      }
    }
    return result
  }
}
