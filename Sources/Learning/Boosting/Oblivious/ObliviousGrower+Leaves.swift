import Compute

extension ObliviousGrower {
  /// A gain below this is none: CatBoost's own limit.
  private static let leastGain = 1e-9
  /// Bytes of histograms of all leaves that are kept until the leaves are split.
  private static let keptBytes = 1 << 30

  /// The best test of a leaf.
  private struct Proposal {
    var leaf: Int
    var gain: Double
    var split: ObliviousSplit
    var test: LevelTest
  }

  /// A tree of which every leaf has a test of its own, while it grows.
  private struct Growth {
    let partition: LevelPartition
    let l2: Double
    let index: CandidateIndex
    let request: Request
    var structure = TreeStructure(splits: [], splitLeaves: [])
    /// Level of each leaf.
    var depths = [0]
    /// (leaves)(outputs) of (bins), empty where none is kept.
    var histograms: [[Storage<SIMD2<Int64>>]] = [[]]
  }

  /// Grows a tree leaf by leaf: level after level, or the leaf with the largest gain first.
  ///
  /// A leaf is split by the test with the best score of its two children alone if that is better than the score of the
  /// leaf as it is; only leaves of `min_data_in_leaf` rows and more are. Combinations of categories are not tested.
  func growLeaves(_ lane: Lane, _ request: Request) -> TreeStructure {
    var growth = Growth(
      partition: lane.tail, l2: lane.l2, index: CandidateIndex(request.blocks), request: request)
    reserve(growth.index)
    if configuration.growPolicy == .depthwise {
      growLevels(&growth)
    } else {
      growBestFirst(&growth)
    }
    return growth.structure
  }

  private func growLevels(_ growth: inout Growth) {
    // Siblings are scored before either is split where CatBoost takes the larger one as a difference: it may be that the
    // split of one is the first use of a statistic.
    let pair = outputs == 1 && configuration.rsm >= 1 ? 2 : 1
    var level = [0]
    for depth in 0..<configuration.depth {
      growth.request.levelBegins(depth)
      let isDrawn = drawn(growth.index.features.count, step: growth.request.tree << 4 | depth)
      var next: [Int] = []
      for first in stride(from: 0, to: level.count, by: pair) {
        let proposals = level[first..<min(first + pair, level.count)].compactMap {
          propose($0, &growth, isDrawn: isDrawn)
        }
        for proposal in proposals {
          let right = split(proposal, &growth, sums: depth + 1 < configuration.depth)
          next += [proposal.leaf, right]
        }
      }
      level = next
    }
  }

  private func growBestFirst(_ growth: inout Growth) {
    // The best one stands last.
    var proposals: [Proposal] = []
    func add(_ leaf: Int) {
      guard growth.depths[leaf] < configuration.depth else { return }
      // A draw of its own for each leaf.
      let isDrawn =
        configuration.rsm >= 1
        ? nil : drawn(growth.index.features.count, seed: leafSeed(growth.request.tree, leaf))
      guard let proposal = propose(leaf, &growth, isDrawn: isDrawn) else { return }
      var (low, high) = (0, proposals.count)
      while low < high {
        let middle = (low + high) / 2
        if precedes(proposal, proposals[middle]) { low = middle + 1 } else { high = middle }
      }
      proposals.insert(proposal, at: low)
    }
    add(0)
    while growth.structure.leafCount < configuration.maxLeaves, let proposal = proposals.popLast() {
      let isLast = growth.structure.leafCount + 1 == configuration.maxLeaves
      let right = split(proposal, &growth, sums: !isLast)
      if isLast { break }
      add(proposal.leaf)
      add(right)
    }
  }

  /// Larger gains come first, and of equal ones the leaf that was there first.
  private func precedes(_ a: Proposal, _ b: Proposal) -> Bool {
    a.gain != b.gain ? a.gain > b.gain : a.leaf < b.leaf
  }

  /// A seed of its own for a leaf of a tree.
  private func leafSeed(_ tree: Int, _ leaf: Int) -> UInt64 {
    var random = ObliviousStream.leaf.generator(configuration.randomSeed, step: tree << 16 | leaf)
    return random.next()
  }

  private func drawn(_ count: Int, seed: UInt64) -> [Bool] {
    var random = ObliviousStream.features.generator(seed, step: 0)
    return (0..<count).map { _ in random.uniform() < configuration.rsm }
  }

  /// The best test of a leaf, if there is one that gains.
  private func propose(_ leaf: Int, _ growth: inout Growth, isDrawn: [Bool]?) -> Proposal? {
    guard growth.partition.leaves[leaf].count >= configuration.minDataInLeaf,
      growth.partition.leaves[leaf].count > 0, !growth.index.features.isEmpty
    else { return nil }
    if growth.histograms[leaf].isEmpty {
      growth.histograms[leaf] = storages(growth)
      sum([leaf], growth)
    }
    let histograms = growth.histograms[leaf]
    score(histograms, growth)
    let seed = leafSeed(growth.request.tree, leaf)
    let draw = Draw(seed: seed, step: 0)
    findBest(growth.index, isDrawn: isDrawn, growth.request, draw)
    let before = scoreWithoutSplit(histograms, growth)
    guard let chosen = choose(growth.index, growth.request, draw),
      chosen.score - before >= ObliviousGrower.leastGain
    else {
      growth.histograms[leaf] = []
      return nil
    }
    if !keepsHistograms(growth) { growth.histograms[leaf] = [] }
    let feature = growth.index.features[chosen.feature]
    let bin = bests.pointer[chosen.feature].bin
    return Proposal(
      leaf: leaf, gain: chosen.score - before,
      split: ObliviousSplit(
        source: feature.candidate.source, bin: bin, isEquality: feature.candidate.isEquality),
      test: LevelTest(
        growth.index.blocks[feature.block].block, place: feature.place, bin: bin,
        isEquality: feature.candidate.isEquality))
  }

  /// Splits a leaf and returns the number of the new one.
  ///
  /// - Parameter sums: whether the children's histograms are needed: that of the smaller one is summed, the other is the
  ///   difference from the parent's.
  private func split(_ proposal: Proposal, _ growth: inout Growth, sums: Bool) -> Int {
    let leaf = proposal.leaf
    growth.partition.split(leaf: leaf, proposal.test, pool: pool)
    growth.structure.append(proposal.split, leaf: leaf)
    growth.request.chosen(proposal.split)
    growth.depths[leaf] += 1
    growth.depths.append(growth.depths[leaf])
    let right = growth.depths.count - 1
    let parent = growth.histograms[leaf]
    growth.histograms[leaf] = []
    growth.histograms.append([])
    let isDeepest = growth.depths[leaf] >= configuration.depth
    if !sums || isDeepest || parent.isEmpty { return right }
    let isLeftSmaller = growth.partition.leaves[leaf].count < growth.partition.leaves[right].count
    let (smaller, larger) = isLeftSmaller ? (leaf, right) : (right, leaf)
    growth.histograms[smaller] = storages(growth)
    sum([smaller], growth)
    for (own, built) in zip(parent, growth.histograms[smaller]) {
      pool.parallelChunks(of: growth.index.bins, chunk: 4096) { range, _ in
        for bin in range { own.pointer[bin] &-= built.pointer[bin] }
      }
    }
    growth.histograms[larger] = parent
    return right
  }

  private func storages(_ growth: Growth) -> [Storage<SIMD2<Int64>>] {
    (0..<outputs).map { _ in Storage(growth.index.bins, initial: .zero) }
  }

  /// Whether histograms of all leaves may be kept.
  private func keepsHistograms(_ growth: Growth) -> Bool {
    let leaves =
      configuration.growPolicy == .lossguide ? configuration.maxLeaves : 1 << configuration.depth
    return leaves * growth.index.bins * 16 * outputs <= ObliviousGrower.keptBytes
  }

  /// Sums the histograms of leaves into their storages.
  private func sum(_ leaves: [Int], _ growth: Growth) {
    tasks.removeAll(keepingCapacity: true)
    for leaf in leaves {
      let range = growth.partition.leaves[leaf]
      for output in 0..<outputs {
        let grid = growth.partition.grids[output]
        tasks.append(
          SumTask(
            rows: UnsafePointer(growth.partition.rows + range.begin),
            values: UnsafePointer(growth.partition.values(output) + range.begin), count: range.count,
            tile: min(grid.tileRows, max(2048, (range.count + 7) / 8)), isWide: grid.isWide,
            target: growth.histograms[leaf][output].pointer))
      }
    }
    run(growth.index)
  }

  /// Fills the scores of all tests of one leaf.
  private func score(_ histograms: [Storage<SIMD2<Int64>>], _ growth: Growth) {
    pool.parallelFor(count: growth.index.features.count) { item, lane in
      let feature = growth.index.features[item]
      let numerator = numerators.pointer + feature.offset
      let denominator = denominators.pointer + feature.offset
      numerator.update(repeating: 0, count: feature.candidate.bins)
      denominator.update(repeating: 1e-100, count: feature.candidate.bins)
      for output in 0..<outputs {
        SplitScores.add(
          histograms[output].pointer + feature.offset, SplitScores.Grid(growth.partition.grids[output]),
          bins: feature.candidate.bins, isEquality: feature.candidate.isEquality, l2: growth.l2,
          numerator: numerator, denominator: denominator, scratch: numbers[lane].pointer)
      }
      // A test that all rows fail or pass gains nothing, but of several outputs `scoreWithoutSplit` does not say so.
      if outputs > 1 { dropEmpty(feature, histograms[0].pointer + feature.offset, numerator) }
    }
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
  private func scoreWithoutSplit(_ histograms: [Storage<SIMD2<Int64>>], _ growth: Growth) -> Double {
    var gradient = 0.0
    var weight = 0.0
    for output in 0..<outputs {
      var total = SIMD2<Int64>.zero
      for bin in 0..<growth.index.features[0].candidate.bins { total &+= histograms[output].pointer[bin] }
      let grid = SplitScores.Grid(growth.partition.grids[output])
      gradient += Double(total.x) * grid.gradientStep
      weight = Double(total.y) * grid.hessianStep
    }
    let value = gradient / (weight + growth.l2)
    let score = value * gradient
    return configuration.scoreFunction == .cosine
      ? score / (1e-100 + value * value * weight).squareRoot() : score
  }
}
