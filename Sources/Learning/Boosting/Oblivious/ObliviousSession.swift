import Compute
import Diagnostics
import Glibc
import Trees

/// One CatBoost-style training run: round after round of derivatives, samples, tests, leaf values and metrics.
final class ObliviousSession: BoostingRun {
  /// The configuration with every open parameter decided.
  private(set) var configuration: ObliviousConfiguration
  /// Rounds done.
  private(set) var round = 0
  /// The last metrics, for a progress line.
  private(set) var remark = ""
  /// Whether the last round said that no more rounds make sense.
  private(set) var isStopped = false

  let pool: ThreadPool
  let table: TrainingTable
  let dataset: ObliviousDataset
  let labels: ObliviousLabels
  let loss: ObliviousLoss
  let catalogue: StatisticsCatalogue
  private let grower: ObliviousGrower
  private let estimation: LeafEstimation
  private let bootstrap: RowBootstrap
  /// Folds that structures are found on; the last leaf values come from `averaging`, which may be one of them.
  let folds: [LearningFold]
  let averaging: LearningFold
  /// Lanes of the largest fold, loaded anew for every tree.
  private let lanes: [ObliviousGrower.Lane]
  /// The leaf of every row, as far as features decide it alone.
  let rowLeaves: Storage<UInt16>
  private(set) var trees: [ObliviousTree] = []
  /// The first statistic of each projection and kind that a tree has tested, in the order of their use.
  private(set) var usedStatistics: [StatisticFeature] = []
  /// Folds that trees have been found on.
  private var drawnFolds: Set<Int> = []
  var metrics: ObliviousMetrics
  private let valid: TrainingTable?
  let start: ObliviousStart
  /// Of the rows; computed when it is asked for.
  private(set) lazy var fingerprint: UInt64 = {
    var result = RowFingerprint()
    for table in [table, valid].compactMap({ $0 }) { result.add(table) }
    result.add(start.train ?? [])
    return result.value
  }()

  private var isSymmetric: Bool { configuration.growPolicy == .symmetricTree }
  private var isOrdered: Bool { configuration.boostingType == .ordered }
  private var rate: Double { configuration.learningRate ?? 0.03 }

  init(
    configuration given: ObliviousConfiguration, train: TrainingTable, valid: TrainingTable?,
    pool: ThreadPool, options: BoostingOptions = BoostingOptions()
  ) throws(TernError) {
    try ObliviousSession.check(train, valid)
    var configuration = given.resolved(
      for: TrainingFacts(
        rows: train.rows, features: train.features, hasValidation: valid != nil,
        hasStart: options.initialForest != nil || train.baseMargins != nil))
    let labels = try ObliviousLabels(table: train, configuration: configuration)
    if configuration.lossFunction == .multiClass { configuration.classesCount = labels.outputs }
    let start = try ObliviousStart(
      options.initialForest, train: train, valid: valid, configuration: configuration,
      outputs: labels.outputs, pool: pool)
    for column in configuration.perFeatureCtr.keys.sorted()
    where !train.columns.indices.contains(column) || train.kinds[column].vocabulary == nil {
      throw TernError(
        .configuration, "names no column of categories", key: "per_feature_ctr", found: "\(column)",
        expected: "the number of a column of text, from 0")
    }
    let dataset = try ObliviousDataset(table: train, configuration: configuration, pool: pool)
    guard !dataset.features.isEmpty || !dataset.statisticColumns.isEmpty else {
      throw TernError(.data, "every feature is constant", expected: "a feature with two values")
    }
    let rows = valid.map { ObliviousDataset(rowsOf: $0, as: dataset, pool: pool) }
    let loss = ObliviousLoss(kind: configuration.lossFunction, outputs: labels.outputs)
    let hasStatistics = !dataset.statisticColumns.isEmpty
    let folds = ObliviousSession.folds(
      configuration, train, labels, start: start.train, hasStatistics: hasStatistics)
    let whole = folds.last.map { $0 } ?? folds[0]
    averaging = whole
    rowLeaves = Storage(folds.count == 1 ? 0 : train.rows, initial: 0)
    self.folds = folds.count == 1 ? folds : Array(folds.dropLast())
    // A tree that is no symmetric one begins with a single leaf, and more are added as they are needed.
    let leaves = configuration.growPolicy == .symmetricTree ? 1 << configuration.depth : 1
    let isOrdered = configuration.boostingType == .ordered
    let penalty = configuration.l2LeafReg ?? 3
    lanes = self.folds[0].segments.map { segment in
      ObliviousGrower.Lane(
        tail: LevelPartition(
          capacity: isOrdered ? segment.tail - segment.body : segment.tail, outputs: labels.outputs,
          leaves: leaves),
        body: isOrdered
          ? LevelPartition(capacity: segment.body, outputs: labels.outputs, leaves: leaves) : nil,
        l2: penalty)
    }
    grower = ObliviousGrower(configuration: configuration, outputs: labels.outputs, pool: pool)
    estimation = LeafEstimation(configuration: configuration, loss: loss, pool: pool)
    bootstrap = RowBootstrap(configuration: configuration, outputs: labels.outputs, pool: pool)
    catalogue = StatisticsCatalogue(
      dataset: dataset, valid: rows, labels: labels, configuration: configuration,
      folds: folds.count == 1 ? folds : self.folds + [whole], pool: pool)
    metrics = try ObliviousMetrics(
      configuration: configuration, loss: loss, base: labels.base, train: train, valid: valid,
      dataset: rows, start: start.valid)
    self.configuration = configuration
    self.pool = pool
    self.table = train
    self.valid = valid
    self.start = start
    self.dataset = dataset
    self.labels = labels
    self.loss = loss
    if let snapshot = options.snapshot { try restore(snapshot) }
  }

  private static func check(_ train: TrainingTable, _ valid: TrainingTable?) throws(TernError) {
    try train.validate()
    if train.queries != nil || valid?.queries != nil {
      throw TernError(.data, "queries are unknown to this style", key: "query")
    }
    guard let valid else { return }
    try valid.validate()
    guard valid.featureNames == train.featureNames, valid.kinds == train.kinds else {
      throw TernError(
        .data, "the validation table has other columns than the training table",
        found: "\(valid.features) columns", expected: train.featureNames.joined(separator: ", "))
    }
  }

  /// The folds that structures are found on and, last, the one of the final leaf values.
  ///
  /// Without permutations (Plain boosting without target statistics) one fold is both.
  private static func folds(
    _ configuration: ObliviousConfiguration, _ table: TrainingTable, _ labels: ObliviousLabels,
    start: [Double]?, hasStatistics: Bool
  ) -> [LearningFold] {
    let rows = table.rows
    let isOrdered = configuration.boostingType == .ordered
    let whole = [(body: rows, tail: rows)]
    // Neighbours of the table may be alike, and a permutation keeps neighbours together.
    var shuffled = Array(0..<Int32(rows))
    if isOrdered || hasStatistics {
      var random = ObliviousStream.permutation.generator(
        configuration.randomSeed, step: configuration.permutationCount)
      random.shuffle(&shuffled)
    }
    func fold(_ number: Int, _ segments: [(body: Int, tail: Int)], isShuffled: Bool) -> LearningFold {
      var random = ObliviousStream.permutation.generator(configuration.randomSeed, step: number)
      let order =
        isShuffled && !configuration.hasTime
        ? LearningFold.permutation(of: shuffled, block: configuration.foldPermutationBlock, random: &random)
        : Array(0..<Int32(rows))
      return LearningFold(
        rows: order, labels: table.labels, weights: labels.weights, base: labels.base, start: start,
        segments: segments)
    }
    guard isOrdered || hasStatistics else { return [fold(0, whole, isShuffled: false)] }
    let segments =
      isOrdered
      ? LearningFold.orderedSegments(count: rows, multiplier: configuration.foldLenMultiplier) : whole
    // Rows in order of time have one permutation.
    let count = configuration.hasTime ? 2 : configuration.permutationCount
    let learning = (1..<count).map { fold($0, segments, isShuffled: true) }
    return learning + [fold(0, whole, isShuffled: hasStatistics)]
  }

  /// The number of the next round, those of an initial forest included, so that going on draws what stopping left.
  private var absoluteRound: Int { start.rounds + round }

  /// Trains one round; false when no more rounds make sense.
  /// - Throws: `TernError(.data)` if training diverged.
  func boost() throws(TernError) -> Bool {
    let number = foldNumber(round: absoluteRound)
    let fold = folds[number]
    // The averaging fold's gradients are up to date since its loss was measured.
    if round == 0 || fold !== averaging {
      for segment in fold.segments { fold.updateGradients(segment, loss: loss, pool: pool) }
    }
    let noise = configuration.randomStrength * deviation(fold) * modelShare()
    guard noise.isFinite else { throw diverged() }
    load(fold)
    guard lanes.allSatisfy({ $0.tail.isFinite && ($0.body?.isFinite ?? true) }) else { throw diverged() }
    let structure =
      isSymmetric
      ? TreeStructure(levels: grower.grow(scaledLanes(fold), request(fold, number, noise: noise)))
      : grower.growLeaves(scaledLanes(fold)[0], request(fold, number, noise: noise))
    drawnFolds.insert(number)
    let tree = try update(structure)
    trees.append(tree)
    round += 1
    let mean = averaging.updateGradients(averaging.segments[0], loss: loss, pool: pool)
    let isOver = metrics.record(
      round: round - 1, trainLoss: mean, margins: averaging, tree: tree, session: self)
    remark = metrics.remark
    // A tree without a test, for want of drawn features or by unlucky noise, is not the last one.
    isStopped = isOver
    return !isStopped
  }

  /// The fold that the structure of a round is found on.
  private func foldNumber(round: Int) -> Int {
    if folds.count == 1 { return 0 }
    var random = ObliviousStream.fold.generator(configuration.randomSeed, step: round)
    return random.integer(below: folds.count)
  }

  /// Goes on after trees whose margins the folds hold already.
  func resume(trees: [ObliviousTree], used: [StatisticFeature], isStopped: Bool) {
    self.trees = trees
    self.isStopped = isStopped
    round = trees.count
    usedStatistics = used
    drawnFolds = Set((start.rounds..<absoluteRound).map(foldNumber))
    averaging.updateGradients(averaging.segments[0], loss: loss, pool: pool)
  }

  /// The metrics of the last round.
  var latest: [BoostingResult.Series] { metrics.series.map(\.last) }

  private func diverged() -> TernError {
    TernError(
      .data, "training diverged: a gradient is not a finite number", key: "learning_rate",
      found: "\(rate)", expected: "a smaller value, or smaller labels and weights")
  }

  /// √ mean g² over the rows that score splits.
  private func deviation(_ fold: LearningFold) -> Double {
    if configuration.randomStrength == 0 { return 0 }
    var sum = 0.0
    var count = 0
    for segment in fold.segments {
      let range = isOrdered ? segment.body..<segment.tail : 0..<segment.tail
      for output in 0..<loss.outputs {
        let own = segment.gradients.pointer + output * segment.tail
        var part = SIMD8<Double>.zero
        var row = range.lowerBound
        while row + 8 <= range.upperBound {
          let g = SIMD8<Double>(UnsafeRawPointer(own + row).loadUnaligned(as: SIMD8<Float>.self))
          part.addProduct(g, g)
          row += 8
        }
        while row < range.upperBound {
          part[0] += Double(own[row]) * Double(own[row])
          row += 1
        }
        sum += part.sum()
      }
      count += range.count
    }
    return (sum / Double(max(count, 1))).squareRoot()
  }

  /// m / (1 + m), m = exp(ln n - trees · learning rate): how much the model still has to learn.
  private func modelShare() -> Double {
    let left = Double(table.rows) * exp(-Double(absoluteRound) * rate)
    return left / (1 + left)
  }

  /// Loads the rows of a fold into the lanes.
  private func load(_ fold: LearningFold) {
    let sample = sampleWeights(fold)
    for (lane, segment) in zip(lanes, fold.segments) {
      lane.tail.load(
        isOrdered ? segment.body..<segment.tail : 0..<segment.tail, rows: fold.rows,
        gradients: segment.gradients.pointer, stride: segment.tail, weights: fold.weights, sample: sample,
        pool: pool)
      lane.body?.load(
        0..<segment.body, rows: fold.rows, gradients: segment.gradients.pointer, stride: segment.tail,
        weights: fold.weights, sample: nil, pool: pool)
    }
  }

  private func sampleWeights(_ fold: LearningFold) -> [Float]? {
    let segments = fold.segments
    let last = trees.last?.values ?? []
    if segments.count == 1 {
      let segment = segments[0]
      return bootstrap.weights(count: fold.count, tree: absoluteRound, lastLeaves: last) {
        segment.gradients.pointer[$1 * segment.tail + $0]
      }
    }
    // A row's gradient is that of the segment whose tail it is in.
    var owner = [UInt16](repeating: 0, count: fold.count)
    for (number, segment) in segments.enumerated().dropFirst() {
      for position in segment.body..<segment.tail { owner[position] = UInt16(number) }
    }
    let owners = owner
    return bootstrap.weights(count: fold.count, tree: absoluteRound, lastLeaves: last) {
      let segment = segments[Int(owners[$0])]
      return segment.gradients.pointer[$1 * segment.tail + $0]
    }
  }

  private func scaledLanes(_ fold: LearningFold) -> [ObliviousGrower.Lane] {
    zip(lanes, fold.segments).map { lane, segment in
      var lane = lane
      lane.l2 *= segment.bodyWeight / Double(max(segment.body, 1))
      return lane
    }
  }

  private func request(_ fold: LearningFold, _ number: Int, noise: Double) -> ObliviousGrower.Request {
    let single = dataset.statisticColumns.map { CategoryProjection(columns: [$0]) }
    catalogue.begin(fold)
    let statistics = catalogue.candidates(single)
    // The first level of CatBoost's depth-wise trees knows categories only where an earlier tree has counted them.
    let isCounted = configuration.growPolicy != .depthwise || drawnFolds.contains(number)
    var largest = isCounted ? catalogue.most(single) : 1
    return ObliviousGrower.Request(
      tree: absoluteRound, blocks: featureBlocks() + statistics, noise: noise,
      extra: { splits in
        self.catalogue.combinations(after: splits, complexity: self.configuration.maxCtrComplexity ?? 4)
      },
      binsOf: { self.catalogue.blocks($0, lane: $1) },
      tried: { largest = max(largest, self.catalogue.most($0)) },
      test: { self.catalogue.test($0, fold: fold) },
      factor: { self.factor($0, largest: largest) },
      levelBegins: { if $0 > 0 { largest = self.catalogue.most(single) } },
      chosen: { split in
        guard case .statistic(let feature) = split.source, !self.isUsed(feature) else { return }
        self.usedStatistics.append(feature)
      },
      leafCounts: { splits in
        self.assignLeaves(TreeStructure(levels: splits), fold: fold)
        var counts = [Int](repeating: 0, count: 1 << splits.count)
        for position in 0..<fold.count { counts[Int(fold.leaves.pointer[position])] += 1 }
        return counts
      })
  }

  /// CatBoost's penalty on statistics that the model does not hold yet: (1 + categories / most)^-model_size_reg.
  private func factor(_ source: ObliviousSplit.Source, largest: Int) -> Double {
    guard case .statistic(let feature) = source, configuration.modelSizeReg > 0 else { return 1 }
    if isUsed(feature) { return 1 }
    let share = Double(catalogue.categories(of: feature)) / Double(largest)
    return pow(1 + share, -configuration.modelSizeReg)
  }

  private func isUsed(_ feature: StatisticFeature) -> Bool {
    usedStatistics.contains { $0.projection == feature.projection && $0.kind.type == feature.kind.type }
  }

  private func featureBlocks() -> [CandidateBlock] {
    dataset.blocks.enumerated().map { number, block in
      let range = number * WordBlock.width..<min((number + 1) * WordBlock.width, dataset.features.count)
      return CandidateBlock(
        block: .wide(block),
        candidates: range.map { feature in
          CandidateBlock.Candidate(
            source: .feature(feature), bins: dataset.features[feature].bins,
            isEquality: dataset.features[feature].isEquality,
            noiseGroup: dataset.noiseGroups.isEmpty ? nil : dataset.noiseGroups[feature])
        })
    }
  }

  /// Finds the leaf values of a structure on every fold, moves all margins, and returns the tree.
  private func update(_ structure: TreeStructure) throws(TernError) -> ObliviousTree {
    let leafCount = structure.leafCount
    catalogue.prepare(structure.splits)
    let others = folds.filter { $0 !== averaging }
    assignLeaves(structure, folds: others + [averaging])
    for fold in others {
      for segment in fold.segments {
        let values = estimation.values(fold: fold, segment: segment, leafCount: leafCount)
        fold.add(values, leafCount: leafCount, rate: rate, to: segment, pool: pool)
      }
    }
    let values = estimation.values(fold: averaging, segment: averaging.segments[0], leafCount: leafCount)
    guard values.allSatisfy(\.isFinite) else { throw diverged() }
    averaging.add(values, leafCount: leafCount, rate: rate, to: averaging.segments[0], pool: pool)
    var weights = [Double](repeating: 0, count: leafCount)
    var counts = [Int32](repeating: 0, count: leafCount)
    for position in 0..<averaging.count { counts[Int(averaging.leaves.pointer[position])] += 1 }
    if let rowWeights = averaging.weights {
      for (position, weight) in rowWeights.enumerated() {
        weights[Int(averaging.leaves.pointer[position])] += Double(weight)
      }
    } else {
      weights = counts.map { Double($0) }
    }
    return ObliviousTree(
      structure: structure, values: values.map { $0 * rate }, weights: weights, counts: counts)
  }

  /// The forest so far.
  func forest() throws(TernError) -> Forest { try forest(trees: trees) }

  /// What the rounds so far give.
  func result() throws(TernError) -> ObliviousResult {
    let kept =
      configuration.useBestModel == true
      ? min(round, max(metrics.bestRound + 1, configuration.bestModelMinTrees)) : round
    return ObliviousResult(
      forest: try forest(trees: trees.prefix(kept)), configuration: configuration, history: metrics.series,
      bestIteration: start.rounds + metrics.bestRound, bestScore: metrics.bestScore, roundsTrained: round,
      initialRounds: start.rounds)
  }
}
