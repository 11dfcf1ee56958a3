import Compute
import Synchronization

/// The target statistics of one permutation: a row's value comes from the rows before it.
///
/// Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features" (NeurIPS 2018), section 3.2.
struct FoldStatistics {
  /// Bins of the features of one projection, in the order of `StatisticFeature.all`.
  var blocks: [CategoryProjection: [WordBlock]] = [:]
  /// Bytes that `blocks` takes.
  var bytes = 0

  /// Bytes of bins that are kept from tree to tree.
  static let limit = 256 << 20

  /// Drops the bins of combinations when there are too many.
  mutating func trim(rows: Int) {
    guard bytes > FoldStatistics.limit else { return }
    blocks = blocks.filter { $0.key.complexity == 1 }
    bytes = blocks.values.reduce(0) { $0 + $1.count * rows * 8 }
  }

  /// Computes the bins of one projection along a permutation.
  ///
  /// - Parameters:
  ///   - order: row of each position.
  ///   - classes: target class of each row, 0 ..< `classCount`.
  static func blocks(
    _ index: CategoryIndex, order: [Int32], classes: [UInt8], classCount: Int
  ) -> [WordBlock] {
    let features = 3 * (classCount - 1) + 1
    let result = (0..<(features + WordBlock.width - 1) / WordBlock.width).map { _ in
      WordBlock(rows: order.count)
    }
    var counts = [Int32](repeating: 0, count: index.count * classCount)
    counts.withUnsafeMutableBufferPointer { counts in
      classes.withUnsafeBufferPointer { classes in
        index.ids.withUnsafeBufferPointer { ids in
          order.withUnsafeBufferPointer { order in
            for row in order {
              let row = Int(row)
              let id = Int(ids[row])
              // A row without a combination has no counts and is counted nowhere.
              let base = max(id, 0) * classCount
              var total: Int32 = 0
              if id >= 0 { for k in 0..<classCount { total += counts[base + k] } }
              var above = total
              var feature = 0
              for border in 0..<classCount - 1 {
                above -= id >= 0 ? counts[base + border] : 0
                for prior: Float in [0, 0.5, 1] {
                  put(StatisticFeature.bin(count: above, total: total, prior: prior), feature, row, result)
                  feature += 1
                }
              }
              put(
                StatisticFeature.bin(
                  count: id >= 0 ? index.totals[id] : 0, total: index.largestTotal, prior: 0), feature, row,
                result)
              if id >= 0 { counts[base + Int(classes[row])] += 1 }
            }
          }
        }
      }
    }
    return result
  }

  @inline(__always)
  private static func put(_ bin: UInt64, _ feature: Int, _ row: Int, _ blocks: [WordBlock]) {
    blocks[feature / WordBlock.width].words.pointer[row] |= bin << UInt64(8 * (feature % WordBlock.width))
  }
}

/// Target statistics of all folds, and the target classes that they count.
final class StatisticsCatalogue {
  let dataset: ObliviousDataset
  /// Target class of each row.
  let classes: [UInt8]
  let classCount: Int
  private let pool: ThreadPool
  private var indices: [CategoryProjection: CategoryIndex] = [:]

  init(dataset: ObliviousDataset, classes: [UInt8], classCount: Int, pool: ThreadPool) {
    self.dataset = dataset
    self.classes = classes
    self.classCount = classCount
    self.pool = pool
  }

  /// The combinations of a projection; those of single columns are kept.
  func index(_ projection: CategoryProjection) -> CategoryIndex {
    if let known = indices[projection] { return known }
    let made = CategoryIndex(projection, dataset: dataset)
    remember(made, projection)
    return made
  }

  private func remember(_ index: CategoryIndex, _ projection: CategoryProjection) {
    if indices.count * dataset.rows * 4 > FoldStatistics.limit {
      indices = indices.filter { $0.key.complexity == 1 }
    }
    indices[projection] = index
  }

  /// The candidate features of projections in a fold, computed in parallel where they are not known.
  func candidates(_ projections: [CategoryProjection], fold: LearningFold) -> [CandidateBlock] {
    let missing = projections.filter { fold.statistics.blocks[$0] == nil }
    if !missing.isEmpty {
      let known = missing.map { indices[$0] }
      let made = Mutex<[Int: (CategoryIndex, [WordBlock])]>([:])
      pool.parallelFor(count: missing.count) { item, _ in
        let index = known[item] ?? CategoryIndex(missing[item], dataset: dataset)
        let blocks = FoldStatistics.blocks(
          index, order: fold.rows, classes: classes, classCount: classCount)
        made.withLock { $0[item] = (index, blocks) }
      }
      made.withLock { made in
        for (item, projection) in missing.enumerated() {
          guard let (index, blocks) = made[item] else { continue }
          remember(index, projection)
          fold.statistics.blocks[projection] = blocks
          fold.statistics.bytes += blocks.count * dataset.rows * 8
        }
      }
    }
    return projections.flatMap { projection -> [CandidateBlock] in
      let features = StatisticFeature.all(of: projection, classes: classCount)
      return (fold.statistics.blocks[projection] ?? []).enumerated().map { number, block in
        let own = features[
          number * WordBlock.width..<min((number + 1) * WordBlock.width, features.count)]
        return CandidateBlock(
          block: block,
          candidates: own.map {
            CandidateBlock.Candidate(
              source: .statistic($0), bins: StatisticFeature.borders + 1, isEquality: false)
          })
      }
    }
  }

  /// Where the bins of a statistic are in a fold.
  func place(_ feature: StatisticFeature, fold: LearningFold) -> (block: WordBlock, shift: UInt64) {
    if fold.statistics.blocks[feature.projection] == nil { _ = candidates([feature.projection], fold: fold) }
    let position =
      StatisticFeature.all(of: feature.projection, classes: classCount).firstIndex(of: feature) ?? 0
    let blocks = fold.statistics.blocks[feature.projection] ?? []
    return (blocks[position / WordBlock.width], UInt64(8 * (position % WordBlock.width)))
  }

  /// Projections that the next level of a tree may test besides those of single columns: the tests of features
  /// so far, and every projection of a statistic so far, each with one more column.
  func combinations(after splits: [ObliviousSplit], complexity: Int) -> [CategoryProjection] {
    if splits.isEmpty || complexity < 2 { return [] }
    var bases: [CategoryProjection] = []
    var tests: [ObliviousSplit] = []
    for split in splits {
      switch split.source {
      case .feature(let feature):
        // Prediction compares numbers, so a combination cannot hold a test that missing values pass.
        if dataset.features[feature].missingPasses { continue }
        tests.append(split)
      case .statistic(let feature):
        if !bases.contains(feature.projection) { bases.append(feature.projection) }
      }
    }
    if !tests.isEmpty {
      bases.insert(CategoryProjection(columns: [], tests: CategoryProjection.ordered(tests)), at: 0)
    }
    var result: [CategoryProjection] = []
    for base in bases {
      for column in dataset.statisticColumns {
        guard let next = base.adding(column), next.complexity <= complexity, !result.contains(next) else {
          continue
        }
        result.append(next)
      }
    }
    return result
  }
}
