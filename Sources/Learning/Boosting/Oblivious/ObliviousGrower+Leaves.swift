import Compute

extension ObliviousGrower {
  /// A gain below this is none: CatBoost's own limit.
  private static let leastGain = 1e-9
  /// Bytes of histograms of all leaves that are kept until the leaves are split.
  private static let keptBytes = 1 << 30

  /// What a tree grows on.
  private struct Ground {
    let partition: LevelPartition
    let l2: Double
    let index: CandidateIndex
    let request: Request
  }

  /// Grows a tree leaf by leaf: level after level, or the leaf with the largest gain first.
  ///
  /// A leaf is split by the test with the best score of its two children alone if that is better than the score of the
  /// leaf as it is; only leaves of `min_data_in_leaf` rows and more are. Combinations of categories are not tested.
  func growLeaves(_ lane: Lane, _ request: Request) -> TreeStructure {
    let ground = Ground(
      partition: lane.tail, l2: lane.l2, index: CandidateIndex(request.blocks), request: request)
    reserve(ground.index)
    growth.begin(outputs: outputs, bins: ground.index.bins)
    if configuration.growPolicy == .depthwise { growLevels(ground) } else { growBestFirst(ground) }
    return growth.structure
  }

  private func growLevels(_ ground: Ground) {
    // Siblings are scored before either is split where CatBoost takes the larger one as a difference: it may be that the
    // split of one is the first use of a statistic.
    let arePaired = outputs == 1 && configuration.rsm >= 1
    for depth in 0..<configuration.depth {
      ground.request.levelBegins(depth)
      let isDrawn = draw(
        ground.index.features.count,
        ObliviousStream.features.generator(
          configuration.randomSeed, step: ground.request.tree << 4 | depth))
      func split(_ proposal: LeafGrowth.Proposal?) {
        guard let proposal else { return }
        let right = self.split(proposal, ground, sums: depth + 1 < configuration.depth)
        growth.note(proposal.leaf, right)
      }
      var place = 0
      while place < growth.level.count {
        let first = propose(growth.level[place], ground, isDrawn: isDrawn)
        place += 1
        var second: LeafGrowth.Proposal?
        if arePaired, place < growth.level.count {
          second = propose(growth.level[place], ground, isDrawn: isDrawn)
          place += 1
        }
        split(first)
        split(second)
      }
      growth.descend()
    }
  }

  private func growBestFirst(_ ground: Ground) {
    func add(_ leaf: Int) {
      guard growth.depths[leaf] < configuration.depth else { return }
      // A draw of its own for each leaf.
      let isDrawn = draw(
        ground.index.features.count,
        ObliviousStream.features.generator(leafSeed(ground.request.tree, leaf), step: 0))
      if let proposal = propose(leaf, ground, isDrawn: isDrawn) { growth.add(proposal) }
    }
    add(0)
    while growth.leafCount < configuration.maxLeaves, let proposal = growth.takeBest() {
      let isLast = growth.leafCount + 1 == configuration.maxLeaves
      let right = split(proposal, ground, sums: !isLast)
      if isLast { break }
      add(proposal.leaf)
      add(right)
    }
  }

  /// A seed of its own for a leaf of a tree.
  private func leafSeed(_ tree: Int, _ leaf: Int) -> UInt64 {
    var random = ObliviousStream.leaf.generator(configuration.randomSeed, step: tree << 16 | leaf)
    return random.next()
  }

  /// The best test of a leaf, if there is one that gains.
  private func propose(_ leaf: Int, _ ground: Ground, isDrawn: Bool) -> LeafGrowth.Proposal? {
    let count = ground.partition.leaves[leaf].count
    guard count >= configuration.minDataInLeaf, count > 0, !ground.index.features.isEmpty else { return nil }
    let sums = growth.histograms.sums(leaf) ?? sum(leaf, ground)
    score(sums, ground)
    let draw = Draw(seed: leafSeed(ground.request.tree, leaf), step: 0)
    findBest(ground.index, isDrawn: isDrawn, ground.request, draw)
    let before = scoreWithoutSplit(sums, ground)
    guard let chosen = choose(ground.index, ground.request, draw),
      chosen.score - before >= ObliviousGrower.leastGain
    else {
      growth.histograms.release(leaf)
      return nil
    }
    if !keepsHistograms(ground) { growth.histograms.release(leaf) }
    let feature = ground.index.features[chosen.feature]
    let bin = bests.pointer[chosen.feature].bin
    return LeafGrowth.Proposal(
      leaf: leaf, gain: chosen.score - before,
      split: ObliviousSplit(
        source: feature.candidate.source, bin: bin, isEquality: feature.candidate.isEquality),
      test: LevelTest(
        ground.index.blocks[feature.block].block, place: feature.place, bin: bin,
        isEquality: feature.candidate.isEquality))
  }

  /// Splits a leaf and returns the number of the new one.
  ///
  /// - Parameter sums: whether the children's histograms are needed: that of the smaller one is summed, the other is the
  ///   difference from the parent's.
  private func split(_ proposal: LeafGrowth.Proposal, _ ground: Ground, sums: Bool) -> Int {
    let leaf = proposal.leaf
    ground.partition.split(leaf: leaf, proposal.test, pool: pool)
    ground.request.chosen(proposal.split)
    let right = growth.split(proposal)
    guard let parent = growth.histograms.sums(leaf) else { return right }
    guard sums, growth.depths[leaf] < configuration.depth else {
      growth.histograms.release(leaf)
      return right
    }
    let isLeftSmaller = ground.partition.leaves[leaf].count < ground.partition.leaves[right].count
    let (smaller, larger) = isLeftSmaller ? (leaf, right) : (right, leaf)
    growth.histograms.move(leaf, to: larger)
    let built = sum(smaller, ground)
    pool.parallelChunks(of: outputs * ground.index.bins, chunk: 4096, with: (parent, built)) {
      work, range, _ in
      HistogramKernel.subtract(work.1 + range.lowerBound, from: work.0 + range.lowerBound, bins: range.count)
    }
    return right
  }

  /// Whether histograms of all leaves may be kept.
  private func keepsHistograms(_ ground: Ground) -> Bool {
    let leaves =
      configuration.growPolicy == .lossguide ? configuration.maxLeaves : 1 << configuration.depth
    return leaves * ground.index.bins * 16 * outputs <= ObliviousGrower.keptBytes
  }

  /// Sums the histogram of a leaf, (outputs, bins).
  private func sum(_ leaf: Int, _ ground: Ground) -> LeafHistograms.Sums {
    let sums = growth.histograms.provide(leaf)
    let range = ground.partition.leaves[leaf]
    tasks.removeAll(keepingCapacity: true)
    append(ground.partition, range) { sums + $0 * ground.index.bins }
    run(ground.index)
    return sums
  }

  /// Fills the scores of all tests of one leaf.
  private func score(_ sums: LeafHistograms.Sums, _ ground: Ground) {
    pool.parallelFor(count: ground.index.features.count, with: (self, sums, ground)) { work, item, lane in
      work.0.score(work.1, work.2, item: item, lane: lane)
    }
  }

  private func score(_ sums: LeafHistograms.Sums, _ ground: Ground, item: Int, lane: Int) {
    let feature = ground.index.features[item]
    let bins = feature.candidate.bins
    let numerator = numerators.pointer + feature.offset
    let denominator = denominators.pointer + feature.offset
    numerator.update(repeating: 0, count: bins)
    denominator.update(repeating: 1e-100, count: bins)
    for output in 0..<outputs {
      SplitScores.add(
        SplitScores.Sums(sums + output * ground.index.bins + feature.offset),
        SplitScores.Grid(ground.partition.grids[output]), bins: bins,
        isEquality: feature.candidate.isEquality, l2: ground.l2, numerator: numerator,
        denominator: denominator, scratch: numbers[lane].pointer)
    }
    // A test that all rows fail or pass gains nothing, but of several outputs `scoreWithoutSplit` does not say so.
    if outputs > 1 { dropEmpty(feature, sums + feature.offset, numerator) }
  }

  /// Takes the tests of a feature out of the choice that leave one side without rows.
  private func dropEmpty(
    _ feature: CandidateIndex.Feature, _ sums: UnsafePointer<SIMD2<Int64>>,
    _ numerator: UnsafeMutablePointer<Double>
  ) {
    var total: Int64 = 0
    for bin in 0..<feature.candidate.bins { total += sums[bin].y }
    var below: Int64 = 0
    for split in 0..<feature.candidate.splits {
      below = feature.candidate.isEquality ? sums[split].y : below + sums[split].y
      if below == 0 || below == total { numerator[split] = -.infinity }
    }
  }

  /// The score of a leaf as it is; of several outputs CatBoost takes the sum of all derivatives and the weight once.
  private func scoreWithoutSplit(_ sums: LeafHistograms.Sums, _ ground: Ground) -> Double {
    var gradient = 0.0
    var weight = 0.0
    for output in 0..<outputs {
      var total = SIMD2<Int64>.zero
      let own = sums + output * ground.index.bins
      for bin in 0..<ground.index.features[0].candidate.bins { total &+= own[bin] }
      let grid = SplitScores.Grid(ground.partition.grids[output])
      gradient += Double(total.x) * grid.gradientStep
      weight = Double(total.y) * grid.hessianStep
    }
    let value = gradient / (weight + ground.l2)
    let score = value * gradient
    return configuration.scoreFunction == .cosine
      ? score / (1e-100 + value * value * weight).squareRoot() : score
  }
}
