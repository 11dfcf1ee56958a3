import Compute
import Trees

extension ObliviousSession {
  /// Positions whose leaves a thread finds at a time.
  private static let leafChunk = 4096

  /// Writes the leaf of every position of folds.
  ///
  /// A level that tests a feature decides a row in all permutations alike, so that those levels are taken once, in the order of the
  /// table, and only statistics are looked up along each permutation.
  func assignLeaves(_ structure: TreeStructure, folds: [LearningFold]) {
    guard structure.splitLeaves == nil, folds.count > 1 else {
      for fold in folds { assignLeaves(structure, fold: fold) }
      return
    }
    var features: [(bit: UInt16, test: LevelTest)] = []
    var statistics: [[(bit: Int, test: LevelTest)]] = folds.map { _ in [] }
    for (level, split) in structure.splits.enumerated() {
      if case .feature = split.source {
        features.append((1 &<< UInt16(level), catalogue.test(split, fold: folds[0])))
      } else {
        for (number, fold) in folds.enumerated() {
          statistics[number].append((level, catalogue.test(split, fold: fold)))
        }
      }
    }
    let known = rowLeaves.pointer
    let chunk = ObliviousSession.leafChunk
    pool.parallelChunks(of: dataset.rows, chunk: chunk) { range, _ in
      (known + range.lowerBound).update(repeating: 0, count: range.count)
      for (bit, test) in features { test.mark(range, bit: bit, in: known) }
    }
    let chunks = (dataset.rows + chunk - 1) / chunk
    pool.parallelFor(count: folds.count * chunks) { item, _ in
      let (fold, begin) = (folds[item / chunks], item % chunks * chunk)
      fold.rows.withUnsafeBufferPointer { rows in
        LevelTest.mark(
          statistics[item / chunks], rows, begin..<min(begin + chunk, rows.count), known: known,
          in: fold.leaves.pointer)
      }
    }
  }

  /// Writes the leaf of every position of a fold.
  func assignLeaves(_ structure: TreeStructure, fold: LearningFold) {
    assignLeaves(structure, tests: catalogue.tests(structure.splits, fold: fold), fold: fold)
  }

  /// Writes the leaf of every validation row.
  func assignLeaves(_ structure: TreeStructure, valid rows: inout FollowedRows) {
    let tests = structure.splits.map { split in
      switch split.source {
      case .feature(let feature):
        return LevelTest(feature: feature, bin: split.bin, isEquality: split.isEquality, of: rows.dataset)
      case .statistic(let feature):
        let known = rows.statistics[feature] ?? bins(feature, of: rows.table)
        rows.statistics[feature] = known
        return LevelTest(known, bin: split.bin)
      }
    }
    assignLeaves(structure, tests: tests, fold: rows.fold)
  }

  private func assignLeaves(_ structure: TreeStructure, tests: [LevelTest], fold: LearningFold) {
    let leaves = fold.leaves.pointer
    let children = structure.children
    fold.rows.withUnsafeBufferPointer { rows in
      pool.parallelChunks(of: rows.count, chunk: ObliviousSession.leafChunk) { range, _ in
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

  /// The bins of a statistic for the rows of another table, from the counts of all rows that are counted.
  func bins(_ feature: StatisticFeature, of other: TrainingTable) -> Storage<UInt8> {
    var builder = StatisticsBuilder(session: self)
    builder.addTable(feature)
    builder.add(feature)
    let statistics = builder.statistics
    let result = Storage<UInt8>(other.rows, initial: 0)
    pool.parallelChunks(of: other.rows, chunk: 4096) { range, _ in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * other.features + 1) { row in
        guard let inputs = row.baseAddress else { return }
        let extended = inputs + other.features
        for i in range {
          for column in 0..<other.features { inputs[column] = other.columns[column][i] }
          statistics.extend(inputs, stride: 1, into: extended)
          result.pointer[i] = UInt8(StatisticFeature.bin(predicted: extended[other.features]))
        }
      }
    }
    return result
  }
}
