import Compute

/// Histograms of combinations that last from level to level of one tree.
struct CombinationHistograms {
  /// Bytes of them at most.
  static let limit = 32 << 20

  private var bytes = 0
  private var free: [Storage<SIMD2<Int64>>] = []
  /// The candidates that have one.
  private var owners: [CombinationCandidate] = []

  /// Gives a candidate room for its sums, if there is any.
  mutating func provide(_ candidate: CombinationCandidate, entries: Int) {
    if candidate.histogram != nil { return }
    if let last = free.last, last.count >= entries {
      candidate.histogram = free.removeLast()
    } else {
      bytes -= free.reduce(0) { $0 + $1.count * 16 }
      free = []
      guard bytes + entries * 16 <= CombinationHistograms.limit else { return }
      bytes += entries * 16
      candidate.histogram = Storage(entries, initial: .zero)
    }
    candidate.level = -1
    owners.append(candidate)
  }

  /// Takes the histograms of candidates that a level has not tried, or all.
  mutating func takeBack(before level: Int) {
    owners.removeAll { owner in
      guard owner.level < level, let histogram = owner.histogram else { return false }
      free.append(histogram)
      owner.histogram = nil
      owner.level = -1
      return true
    }
  }
}

extension ObliviousGrower {
  /// Sums and scores the combinations of a level.
  ///
  /// Most of them have been tried by the level before, whose sums are kept: as for features, only the smaller child of each
  /// leaf is summed. A thread computes the bins of a new combination and sums them at once, while they are in its cache.
  func combine(_ lanes: [Lane], _ index: CandidateIndex, _ request: Request, level: Int) {
    if index.combinations.isEmpty { return }
    let leaves = 1 << (configuration.depth - 1)
    for (number, candidate) in index.combinations.enumerated() where level + 1 < configuration.depth {
      let features = index.features(of: index.blocks.count + number)
      let bins = features.reduce(0) { $0 + index.features[$1].candidate.bins }
      let (entries, overflow) = (partitions.count * outputs * bins).multipliedReportingOverflow(by: leaves)
      if !overflow, entries > 0, entries < Int.max / 16 {
        combinationHistograms.provide(candidate, entries: entries)
      }
    }
    pool.parallelFor(count: index.combinations.count) { number, lane in
      let candidate = index.combinations[number]
      let features = index.features(of: index.blocks.count + number)
      let blocks = request.binsOf(candidate, lane)
      clearScores(index, features)
      guard let histogram = candidate.histogram else {
        stream(lanes, blocks, index, features, lane: lane)
        return
      }
      let origin = index.features[features.lowerBound].offset
      let last = index.features[features.upperBound - 1]
      let bins = last.offset + last.candidate.bins - origin
      for (partition, first) in partitions {
        for output in 0..<outputs {
          let own = histogram.pointer + (first + output) * leaves * bins
          sum(
            partition, output, index, blocks, features, bins: bins, into: own,
            level: level, isKnown: candidate.level == level - 1, lane: lane)
        }
      }
      candidate.level = level
      score(lanes, partitions, index, features, bins: bins, leaves: leaves, histogram.pointer, lane: lane)
    }
    combinationHistograms.takeBack(before: level)
  }

  /// The histograms of all leaves of a partition: (leaves, bins), the features of a combination one after another.
  private func sum(
    _ partition: LevelPartition, _ output: Int, _ index: CandidateIndex, _ blocks: [BinBlock],
    _ features: Range<Int>, bins: Int, into histogram: UnsafeMutablePointer<SIMD2<Int64>>, level: Int,
    isKnown: Bool, lane: Int
  ) {
    let origin = index.features[features.lowerBound].offset
    func build(_ leaf: Int, into target: UnsafeMutablePointer<SIMD2<Int64>>) {
      var first = features.lowerBound
      for block in blocks {
        let part = first..<min(first + ObliviousGrower.width(block), features.upperBound)
        self.build(partition, output, leaf, index, block, part, into: target - origin, lane: lane)
        first = part.upperBound
      }
    }
    guard isKnown, level > 0 else {
      for leaf in partition.leaves.indices where partition.leaves[leaf].count > 0 {
        build(leaf, into: histogram + leaf * bins)
      }
      return
    }
    let half = 1 << (level - 1)
    for leaf in 0..<half {
      let left = partition.leaves[leaf].count
      let right = partition.leaves[leaf + half].count
      if left + right == 0 { continue }
      let built = histogram + (leaf + half) * bins
      build(left < right ? leaf : leaf + half, into: built)
      HistogramKernel.separate(
        parent: histogram + leaf * bins, built: built, bins: bins, isLeftBuilt: left < right)
    }
  }

  /// Adds the scores of all splits of the features of a combination.
  private func score(
    _ lanes: [Lane], _ partitions: [(partition: LevelPartition, histogram: Int)], _ index: CandidateIndex,
    _ features: Range<Int>, bins: Int, leaves: Int, _ histogram: UnsafeMutablePointer<SIMD2<Int64>>, lane: Int
  ) {
    let origin = index.features[features.lowerBound].offset
    var number = 0
    for own in lanes {
      let tail = partitions[number].histogram
      let body = own.body == nil ? nil : partitions[number + 1].histogram
      number += body == nil ? 1 : 2
      for output in 0..<outputs {
        for leaf in own.tail.leaves.indices {
          for feature in features {
            let entry = index.features[feature]
            let place = leaf * bins + entry.offset - origin
            add(
              entry.candidate, tail: SplitScores.Sums(histogram + (tail + output) * leaves * bins + place),
              body: body.map { SplitScores.Sums(histogram + ($0 + output) * leaves * bins + place) }, own,
              leaf: leaf, output: output, numerator: numerators.pointer + entry.offset,
              denominator: denominators.pointer + entry.offset, lane: lane)
          }
        }
      }
    }
  }

  /// Takes back what the tree has used.
  func releaseHistograms() { combinationHistograms.takeBack(before: .max) }
}
