import Compute

/// Target statistics of all folds, and the target classes that they count.
final class StatisticsCatalogue {
  let dataset: ObliviousDataset
  /// Validation rows that Counter counts as well.
  let others: ObliviousDataset?
  /// The target's classes that statistics count.
  let targets: [TargetClasses]
  /// The folds whose bins share one budget.
  private let folds: [LearningFold]
  private let configuration: ObliviousConfiguration
  private let labels: ObliviousLabels
  private let pool: ThreadPool
  let budget: StatisticsBudget
  private let fillers: [StatisticFiller]
  private var features: [CategoryProjection: [StatisticFeature]] = [:]
  /// By the only column of a projection, -1 of combinations.
  private var layouts: [Int: StatisticLayout] = [:]
  private var indices: [CategoryProjection: (index: CategoryIndex, round: Int)] = [:]
  private var round = 0
  /// The combinations that the tree in work has tried, and the fold that it grows on.
  private var tried: [CategoryProjection: CombinationCandidate] = [:]
  private var fold: LearningFold

  /// Bytes of the combinations of rows that are kept from tree to tree.
  private static let indexBytes = 16 << 20

  init(
    dataset: ObliviousDataset, valid: ObliviousDataset?, labels: ObliviousLabels,
    configuration: ObliviousConfiguration, folds: [LearningFold], pool: ThreadPool
  ) {
    self.dataset = dataset
    others = configuration.counterCalcMethod == .full ? valid : nil
    self.labels = labels
    self.configuration = configuration
    self.folds = folds
    targets = labels.targets
    self.pool = pool
    fold = folds[0]
    budget = StatisticsBudget(rows: dataset.rows, limit: configuration.usedRamLimit)
    fillers =
      dataset.statisticColumns.isEmpty
      ? []
      : (0..<pool.threads).map { [others] _ in StatisticFiller(rows: dataset.rows, others: others?.rows ?? 0)
      }
  }

  /// Begins a tree on a fold.
  func begin(_ fold: LearningFold) {
    round += 1
    self.fold = fold
    tried = [:]
    if indices.count * dataset.rows * 4 > StatisticsCatalogue.indexBytes {
      indices = indices.filter {
        $0.key.complexity == 1 && $0.key.tests.isEmpty || $0.value.round == round - 1
      }
    }
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

  private func layout(of projection: CategoryProjection) -> StatisticLayout {
    let key = projection.complexity == 1 ? projection.columns.first ?? -1 : -1
    if let known = layouts[key] { return known }
    let made = StatisticLayout(features(of: projection))
    layouts[key] = made
    return made
  }

  /// The combinations of a projection.
  ///
  /// - Parameter isKept: whether they are wanted again soon.
  func index(_ projection: CategoryProjection, isKept: Bool = true) -> CategoryIndex {
    if let known = indices[projection]?.index {
      indices[projection]?.round = round
      return known
    }
    let made = CategoryIndex(rows: dataset.rows, others: others?.rows ?? 0)
    let scratch = fillers.first?.scratch ?? CategoryIndex.Scratch()
    var columns = projection.columns[...]
    if let (base, test) = withoutOneTest(projection.tests) {
      made.assign(base, test: test, dataset: dataset, others: others, scratch: scratch)
    } else if !projection.tests.isEmpty {
      made.assign(tests: projection.tests, dataset: dataset, others: others, scratch: scratch)
    } else if let column = columns.popFirst() {
      made.assign(column: column, dataset: dataset, others: others, scratch: scratch)
    }
    for column in columns {
      made.assign(made, column: column, dataset: dataset, others: others, scratch: scratch)
    }
    if isKept { indices[projection] = (made, round) }
    return made
  }

  /// What is known of all tests but one: a level of a tree adds one test to those of the level before.
  private func withoutOneTest(_ tests: [ObliviousSplit]) -> (index: CategoryIndex, test: ObliviousSplit)? {
    guard tests.count > 1 else { return nil }
    for (place, test) in tests.enumerated() {
      var others = tests
      others.remove(at: place)
      if let known = indices[CategoryProjection(columns: [], tests: others)]?.index { return (known, test) }
    }
    return nil
  }

  /// Number of combinations of values that a statistic tells apart.
  func categories(of feature: StatisticFeature) -> Int {
    let count = tried[feature.projection]?.categories ?? index(feature.projection).count
    return feature.kind == .counter ? count.counted : count.trained
  }

  /// The largest number of combinations of values that a statistic of some columns tells apart, at least 1.
  func most(_ projections: [CategoryProjection]) -> Int {
    projections.reduce(1) { max($0, most(index($1).count, layout(of: $1))) }
  }

  /// The largest number of combinations of values that a statistic of the candidates tells apart, at least 1.
  func most(_ candidates: [CombinationCandidate]) -> Int {
    candidates.reduce(1) { max($0, most($1.categories ?? CategoryIndex.Count(), $1.layout)) }
  }

  private func most(_ count: CategoryIndex.Count, _ layout: StatisticLayout) -> Int {
    layout.counters.isEmpty ? count.trained : count.counted
  }

  /// The bins of projections in folds, computed in parallel where they are not known.
  @discardableResult
  private func bins(_ wanted: [(projection: CategoryProjection, fold: LearningFold)]) -> [StatisticBins] {
    var missing: [(bins: StatisticBins, index: CategoryIndex, layout: StatisticLayout, fold: LearningFold)] =
      []
    let result = wanted.map { projection, fold in
      let bins = entry(projection, fold, isRequired: true) ?? StatisticBins(blocks: [])
      if !bins.isFilled {
        bins.isFilled = true
        missing.append((bins, index(projection), layout(of: projection), fold))
      }
      return bins
    }
    pool.parallelFor(count: missing.count) { item, lane in
      let own = missing[item]
      fillers[lane].fill(own.bins.blocks, own.layout, own.index, order: own.fold.rows, targets: targets)
      own.bins.categories = own.index.count
    }
    return result
  }

  /// The place for the bins of a projection in a fold; nil if there is no room and it is not required.
  private func entry(
    _ projection: CategoryProjection, _ fold: LearningFold, isRequired: Bool
  ) -> StatisticBins? {
    if let known = fold.statistics[projection] {
      known.round = round
      return known
    }
    guard
      let blocks = budget.take(layout(of: projection), isRequired: isRequired, from: folds, round: round)
    else { return nil }
    let made = StatisticBins(blocks: blocks)
    made.round = round
    fold.statistics[projection] = made
    return made
  }

  /// The candidate features of projections in the fold that the tree grows on.
  func candidates(_ projections: [CategoryProjection]) -> [CandidateBlock] {
    zip(projections, bins(projections.map { ($0, fold) })).flatMap { projection, bins in
      let features = features(of: projection)
      let width = layout(of: projection).width
      return bins.blocks.enumerated().map { number, block in
        CandidateBlock(
          block: block,
          candidates: features[number * width..<min((number + 1) * width, features.count)].map {
            CandidateBlock.Candidate(source: .statistic($0), bins: $0.borders + 1, isEquality: false)
          })
      }
    }
  }

  /// How rows are tested by splits in a fold.
  func tests(_ splits: [ObliviousSplit], fold: LearningFold) -> [LevelTest] {
    splits.map { test($0, fold: fold) }
  }

  /// How rows are tested by a split in a fold.
  func test(_ split: ObliviousSplit, fold: LearningFold) -> LevelTest {
    switch split.source {
    case .feature(let feature):
      return LevelTest(feature: feature, bin: split.bin, isEquality: split.isEquality, of: dataset)
    case .statistic(let feature):
      let bins = bins([(feature.projection, fold)])[0]
      let position = features(of: feature.projection).firstIndex(of: feature) ?? 0
      let width = layout(of: feature.projection).width
      return LevelTest(
        bins.blocks[position / width], place: position % width, bin: split.bin, isEquality: false)
    }
  }

  /// Makes sure that the bins that splits test are there in all folds.
  func prepare(_ splits: [ObliviousSplit]) {
    var wanted: [CategoryProjection] = []
    for case .statistic(let feature) in splits.map(\.source) where !wanted.contains(feature.projection) {
      wanted.append(feature.projection)
    }
    bins(folds.flatMap { fold in wanted.map { ($0, fold) } })
  }

  /// Combinations that the next level of a tree may test besides those of single columns: the tests of features
  /// so far, and every projection of a statistic so far, each with one more column.
  func combinations(after splits: [ObliviousSplit], complexity: Int) -> [CombinationCandidate] {
    if splits.isEmpty || complexity < 2 || dataset.statisticColumns.isEmpty { return [] }
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
    var result: [CombinationCandidate] = []
    var seen: Set<CategoryProjection> = []
    for base in bases {
      for column in dataset.statisticColumns {
        guard let next = base.adding(column), next.complexity <= complexity, seen.insert(next).inserted else {
          continue
        }
        result.append(combination(next, base: base, column: column))
      }
    }
    return result
  }

  private func combination(
    _ projection: CategoryProjection, base: CategoryProjection, column: Int
  ) -> CombinationCandidate {
    let candidate: CombinationCandidate
    if let known = tried[projection] {
      candidate = known
    } else {
      candidate = CombinationCandidate(
        projection: projection, base: base, column: column, layout: layout(of: projection),
        features: features(of: projection))
      tried[projection] = candidate
      candidate.bins = entry(projection, fold, isRequired: false)
    }
    // Threads only read what is here.
    if candidate.bins?.isFilled != true { _ = index(base) }
    return candidate
  }

  /// The blocks of a combination, computed by a thread if they are not there; they last until its next call.
  func blocks(_ candidate: CombinationCandidate, lane: Int) -> [BinBlock] {
    if let bins = candidate.bins, bins.isFilled {
      candidate.categories = bins.categories
      return bins.blocks
    }
    let filler = fillers[lane]
    let index: CategoryIndex
    if let known = indices[candidate.projection]?.index {
      index = known
    } else {
      guard let base = indices[candidate.base]?.index else { return [] }
      index = filler.index
      index.assign(
        base, column: candidate.column, dataset: dataset, others: others, scratch: filler.scratch)
    }
    candidate.categories = index.count
    guard let bins = candidate.bins else {
      filler.prepareSpare(candidate.layout)
      filler.fill(filler.spare, candidate.layout, index, order: fold.rows, targets: targets)
      return filler.spare
    }
    filler.fill(bins.blocks, candidate.layout, index, order: fold.rows, targets: targets)
    bins.categories = index.count
    bins.isFilled = true
    return bins.blocks
  }
}
