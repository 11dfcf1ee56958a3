import Compute

/// What the blocks of one evaluation share: plain pointers, so that a parallel item touches no reference counts.
private struct Evaluation: @unchecked Sendable {
  let own: UnsafeMutablePointer<SIMD2<Int64>>
  let ownFlags: UnsafeMutablePointer<UInt8>
  /// The parent's histogram, which becomes the sibling's.
  let parent: UnsafeMutablePointer<SIMD2<Int64>>?
  let parentFlags: UnsafeMutablePointer<UInt8>?
  let ownSums: NodeSums
  let siblingSums: NodeSums?
  /// Tree nodes of the two.
  let ownNode: Int
  let siblingNode: Int
  /// Row numbers and packed derivatives of the node.
  let rowNumbers: UnsafeMutablePointer<Int32>
  let values: UnsafeMutablePointer<Int64>
  let rows: Int
  let tile: Int
  var tiles: Int { (rows + tile - 1) / tile }
}

/// All that the items of an evaluation need.
private struct EvaluationRegion {
  let grower: TreeGrower
  let work: Evaluation
  let growth: TreeGrowth
  let ownMask: [Bool]?
  let siblingMask: [Bool]?

  @inline(__always)
  func search(_ block: Int, lane: Int) {
    grower.search(block, work, lane: lane, growth: growth, ownMask: ownMask, siblingMask: siblingMask)
  }
}

extension TreeGrower {
  /// Sums the histogram of `node` and finds its best split; if a sibling is given, turns the parent's
  /// histogram into the sibling's and finds its best split too.
  func evaluate(
    built node: inout OpenNode, sibling: UnsafeMutablePointer<OpenNode>?, parent: Histogram?,
    growth: TreeGrowth
  ) {
    guard let histogram = node.histogram else { return }
    let rows = node.sums.rows
    let tile = min(growth.quantisation.tileRows, max(2048, (rows + 7) / 8))
    let work = Evaluation(
      own: histogram.sums.pointer, ownFlags: histogram.splittable.pointer, parent: parent?.sums.pointer,
      parentFlags: parent?.splittable.pointer, ownSums: node.sums, siblingSums: sibling?.pointee.sums,
      ownNode: node.tree, siblingNode: sibling?.pointee.tree ?? 0,
      rowNumbers: partition.rows(node.copy) + node.begin, values: partition.values(node.copy) + node.begin,
      rows: rows, tile: tile)
    let ownMask = mask(node, growth: growth)
    let siblingMask = sibling.flatMap { mask($0.pointee, growth: growth) }
    let blocks = dataset.blocks
    let region = EvaluationRegion(
      grower: self, work: work, growth: growth, ownMask: ownMask, siblingMask: siblingMask)
    if work.tiles > 1 {
      pool.parallelFor(count: blocks, with: region) { region, block, _ in
        region.grower.clear(block, region.work)
      }
      pool.parallelFor(count: blocks * work.tiles, with: region) { region, item, lane in
        let work = region.work
        let blocks = region.grower.dataset.blocks
        let start = item / blocks * work.tile
        region.grower.sum(
          item % blocks, start..<min(start + work.tile, work.rows), work, lane: lane, growth: region.growth,
          isShared: true)
      }
      pool.parallelFor(count: blocks, with: region) { region, block, lane in
        region.search(block, lane: lane)
      }
    } else {
      pool.parallelFor(count: blocks, with: region) { region, block, lane in
        let work = region.work
        region.grower.clear(block, work)
        region.grower.sum(block, 0..<work.rows, work, lane: lane, growth: region.growth, isShared: false)
        region.search(block, lane: lane)
      }
    }
    node.best = reduce(candidates[0], growth: growth)
    if let sibling { sibling.pointee.best = reduce(candidates[1], growth: growth) }
  }

  /// The features a node may use, nil if all of the tree's.
  private func mask(_ node: OpenNode, growth: TreeGrowth) -> [Bool]? {
    let allowed = interactions.allowed(path: node.path)
    if growth.sampling.isPlain { return allowed }
    var drawn = [Bool](repeating: false, count: dataset.features)
    for feature in growth.sampling.nodeFeatures(node: node.tree, depth: node.depth) {
      drawn[Int(feature)] = allowed.map { $0[Int(feature)] } ?? true
    }
    return drawn
  }

  /// How a feature is searched in a node.
  private func rule(_ feature: Int, node: Int, growth: TreeGrowth) -> FeatureRule {
    var rule = FeatureRule(feature: feature, direction: directions[feature])
    if configuration.growth.extraTrees {
      let bins = dataset.bins[feature]
      var random = Philox(
        seed: configuration.seed,
        stream: RandomStream.thresholds.rawValue | UInt64(growth.number) << 20 | UInt64(node),
        counter: UInt64(feature) << 8)
      rule.only = random.integer(below: max(1, bins.isCategorical ? bins.codes.count : bins.bins - 2))
    }
    return rule
  }

  fileprivate func clear(_ block: Int, _ work: Evaluation) {
    guard let first = blockFeatures[block].first, let last = blockFeatures[block].last else { return }
    let begin = offsets[first]
    (work.own + begin).update(repeating: .zero, count: offsets[last] + dataset.bins[last].bins - begin)
  }

  /// Adds the rows of a range of the node to the node's histogram, for the features of one block.
  fileprivate func sum(
    _ block: Int, _ range: Range<Int>, _ work: Evaluation, lane: Int, growth: TreeGrowth, isShared: Bool
  ) {
    guard blockFeatures[block].contains(where: { growth.isUsed[$0] }) else { return }
    let words = dataset.words.pointer + block * dataset.rows
    let rows = work.rowNumbers + range.lowerBound
    let values = work.values + range.lowerBound
    let wide = scratch[lane].pointer
    if growth.quantisation.isWide {
      let columns = dataset.layout.blocks[block]
      let isDirect = !isShared && blockFeatures[block].count == columns.count
      withUnsafeTemporaryAllocation(
        of: UnsafeMutablePointer<SIMD2<Int64>>.self, capacity: BinnedDataset.blockFeatures
      ) { targets in
        guard let base = targets.baseAddress else { return }
        for place in 0..<columns.count {
          // Without bundles a column is a feature, in the order of the block.
          let target = isDirect ? work.own + offsets[blockFeatures[block][place]] : wide + 256 * place
          (base + place).initialize(to: target)
        }
        HistogramKernel.addWide(
          words: words, rows: rows, values: values, count: range.count, targets: base, columns: columns.count)
      }
      if isDirect { return }
      locked(block, isShared) {
        flush(block) { column, target, bins in
          HistogramKernel.flushWide(wide + column, into: work.own + target, bins: bins)
        }
      }
      for column in 0..<columns.count { wide[256 * column] = .zero }
      return
    }
    wide.withMemoryRebound(to: Int64.self, capacity: HistogramKernel.scratchCount * 2) { packed in
      HistogramKernel.addPacked(words: words, rows: rows, values: values, count: range.count, scratch: packed)
      locked(block, isShared) {
        flush(block) { column, target, bins in
          HistogramKernel.flushPacked(packed + column, into: work.own + target, bins: bins)
        }
      }
      for column in 0..<BinnedDataset.blockFeatures { packed[256 * column] = 0 }
    }
  }

  /// Goes through the runs of bytes that are runs of a feature's bins: `move(place in the scratch, place in the
  /// histogram, length)`.
  @inline(__always)
  private func flush(_ block: Int, _ move: (_ column: Int, _ target: Int, _ bins: Int) -> Void) {
    for (column, members) in zip(0..., dataset.layout.columns[dataset.layout.blocks[block]]) {
      for feature in members {
        let place = dataset.layout.places[feature]
        let bins = dataset.bins[feature].bins
        guard place.isBundled else {
          move(256 * column, offsets[feature], bins)
          continue
        }
        let below = place.frequentBin
        move(256 * column + place.firstCode, offsets[feature], below)
        move(256 * column + place.firstCode + below, offsets[feature] + below + 1, bins - 1 - below)
      }
    }
  }

  /// Gives a bundled feature's most frequent bin what its others leave of the node.
  private func complete(_ feature: Int, _ work: Evaluation) {
    let place = dataset.layout.places[feature]
    guard place.isBundled else { return }
    let own = work.own + offsets[feature]
    var rest = SIMD2(work.ownSums.gradient, work.ownSums.hessian)
    for b in 0..<dataset.bins[feature].bins where b != place.frequentBin { rest &-= own[b] }
    own[place.frequentBin] = rest
  }

  @inline(__always)
  private func locked(_ block: Int, _ isShared: Bool, _ body: () -> Void) {
    if isShared { locks[block].mutex.withLock { _ in body() } } else { body() }
  }

  /// Subtracts the built histogram from the parent's where a sibling waits, and searches both.
  fileprivate func search(
    _ block: Int, _ work: Evaluation, lane: Int, growth: TreeGrowth, ownMask: [Bool]?, siblingMask: [Bool]?
  ) {
    let scan = scans[lane]
    for feature in blockFeatures[block] {
      complete(feature, work)
      candidates[0].pointer[feature] = SplitCandidate()
      candidates[1].pointer[feature] = SplitCandidate()
      guard growth.isUsed[feature] else { continue }
      let bins = dataset.bins[feature]
      let inherited = work.parentFlags.map { $0[feature] != 0 } ?? true
      let own = work.own + offsets[feature]
      var isSplittable = inherited
      if inherited, ownMask.map({ $0[feature] }) ?? true {
        candidates[0].pointer[feature] = growth.search.best(
          sums: own, bins: bins, node: work.ownSums, rule: rule(feature, node: work.ownNode, growth: growth),
          scan: scan, isSplittable: &isSplittable)
      }
      work.ownFlags[feature] = isSplittable ? 1 : 0
      guard let siblingSums = work.siblingSums, let parent = work.parent else { continue }
      let other = parent + offsets[feature]
      HistogramKernel.subtract(own, from: other, bins: bins.bins)
      isSplittable = inherited
      if inherited, siblingMask.map({ $0[feature] }) ?? true {
        candidates[1].pointer[feature] = growth.search.best(
          sums: other, bins: bins, node: siblingSums,
          rule: rule(feature, node: work.siblingNode, growth: growth), scan: scan,
          isSplittable: &isSplittable)
      }
      work.parentFlags?[feature] = isSplittable ? 1 : 0
    }
  }

  /// The best candidate; the lower feature wins a tie.
  private func reduce(_ candidates: Storage<SplitCandidate>, growth: TreeGrowth) -> SplitCandidate {
    var best = SplitCandidate()
    for feature in growth.sampling.treeFeatures {
      let candidate = candidates.pointer[Int(feature)]
      if candidate.exists, candidate.gain > best.gain { best = candidate }
    }
    return best
  }
}
