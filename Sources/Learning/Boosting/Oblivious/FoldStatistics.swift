import Compute
import Synchronization

/// The target statistics of one permutation: a row's value comes from the rows before it.
///
/// Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features" (NeurIPS 2018), section 3.2.
struct FoldStatistics {
  /// Bins of the features of one projection, in the order of `StatisticsCatalogue.features(of:)`.
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

  /// Computes the bins of the features of one projection along a permutation.
  ///
  /// - Parameters:
  ///   - order: row of each position.
  ///   - targets: the target's classes that features count.
  static func blocks(
    _ index: CategoryIndex, _ features: [StatisticFeature], order: [Int32], targets: [TargetClasses]
  ) -> [WordBlock] {
    let result = (0..<(features.count + WordBlock.width - 1) / WordBlock.width).map { _ in
      WordBlock(rows: order.count)
    }
    for place in targets.indices {
      let own = features.enumerated().filter { $1.kind != .counter && $1.classes == place }
      if own.isEmpty { continue }
      fill(index, own.map { ($0, $1.binning) }, order: order, targets[place], result)
    }
    for (number, feature) in features.enumerated() where feature.kind == .counter {
      let binning = feature.binning
      index.ids.withUnsafeBufferPointer { ids in
        for row in 0..<ids.count {
          let count = ids[row] >= 0 ? index.totals[Int(ids[row])] : 0
          put(binning.bin(good: Float(count), total: index.largestTotal), number, row, result)
        }
      }
    }
    return result
  }

  /// Computes the features that count the same classes of the target.
  private static func fill(
    _ index: CategoryIndex, _ features: [(number: Int, binning: StatisticFeature.Binning)], order: [Int32],
    _ target: TargetClasses, _ blocks: [WordBlock]
  ) {
    let classCount = target.count
    let hasMean = features.contains { $0.binning.kind == .mean }
    var counts = [Int32](repeating: 0, count: index.count * classCount)
    // Sums are formed in single precision, as CatBoost's are.
    var sums = [Float](repeating: 0, count: hasMean ? index.count : 0)
    var above = [Int32](repeating: 0, count: classCount + 1)
    for row in order {
      let row = Int(row)
      let id = Int(index.ids[row])
      // A row without a combination has no counts and is counted nowhere.
      let base = max(id, 0) * classCount
      above[classCount] = 0
      for k in (0..<classCount).reversed() { above[k] = above[k + 1] + (id >= 0 ? counts[base + k] : 0) }
      let total = above[0]
      for (number, binning) in features {
        let good: Float
        switch binning.kind {
        case .borders(let border): good = Float(above[border + 1])
        case .buckets(let own): good = Float(above[own] - above[own + 1])
        case .mean: good = id >= 0 ? sums[id] : 0
        case .counter: continue
        }
        put(binning.bin(good: good, total: total), number, row, blocks)
      }
      guard id >= 0 else { continue }
      counts[base + Int(target.rows[row])] += 1
      if hasMean { sums[id] += Float(target.rows[row]) / Float(classCount - 1) }
    }
  }

  @inline(__always)
  private static func put(_ bin: UInt64, _ feature: Int, _ row: Int, _ blocks: [WordBlock]) {
    blocks[feature / WordBlock.width].words.pointer[row] |= bin << UInt64(8 * (feature % WordBlock.width))
  }
}

/// Target statistics of all folds, and the target classes that they count.
final class StatisticsCatalogue {
  let dataset: ObliviousDataset
  /// The target's classes that statistics count.
  let targets: [TargetClasses]
  private let configuration: ObliviousConfiguration
  private let labels: ObliviousLabels
  private let pool: ThreadPool
  private var features: [CategoryProjection: [StatisticFeature]] = [:]
  private var indices: [CategoryProjection: CategoryIndex] = [:]

  init(
    dataset: ObliviousDataset, labels: ObliviousLabels, configuration: ObliviousConfiguration,
    pool: ThreadPool
  ) {
    self.dataset = dataset
    self.labels = labels
    self.configuration = configuration
    targets = labels.targets
    self.pool = pool
  }

  /// The features of a projection.
  func features(of projection: CategoryProjection) -> [StatisticFeature] {
    if let known = features[projection] { return known }
    let descriptions: [StatisticDescription]
    if projection.complexity == 1, let column = projection.columns.first {
      descriptions = configuration.perFeatureCtr[column] ?? configuration.simpleCtr
    } else {
      descriptions = configuration.combinationsCtr
    }
    let made = StatisticFeature.all(of: projection, descriptions) { description in
      let place = labels.target(configuration.cut(of: description))
      return (place, targets[place].count)
    }
    if features.count > 4096 { features = features.filter { $0.key.complexity == 1 } }
    features[projection] = made
    return made
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
      let wanted = missing.map { features(of: $0) }
      let made = Mutex<[Int: (CategoryIndex, [WordBlock])]>([:])
      pool.parallelFor(count: missing.count) { item, _ in
        let index = known[item] ?? CategoryIndex(missing[item], dataset: dataset)
        let blocks = FoldStatistics.blocks(index, wanted[item], order: fold.rows, targets: targets)
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
      let features = features(of: projection)
      return (fold.statistics.blocks[projection] ?? []).enumerated().map { number, block in
        let own = features[
          number * WordBlock.width..<min((number + 1) * WordBlock.width, features.count)]
        return CandidateBlock(
          block: block,
          candidates: own.map {
            CandidateBlock.Candidate(
              source: .statistic($0), bins: $0.borders + 1, isEquality: false)
          })
      }
    }
  }

  /// Where the bins of a statistic are in a fold.
  func place(_ feature: StatisticFeature, fold: LearningFold) -> (block: WordBlock, shift: UInt64) {
    if fold.statistics.blocks[feature.projection] == nil { _ = candidates([feature.projection], fold: fold) }
    let position = features(of: feature.projection).firstIndex(of: feature) ?? 0
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
