import Compute

/// One leaf of one partition and output whose histogram is to be summed.
struct SumTask {
  var rows: UnsafePointer<Int32>
  var values: UnsafePointer<Int64>
  var count: Int
  /// Rows that a packed half holds, and whether it does at all.
  var tile: Int
  var isWide: Bool
  var target: UnsafeMutablePointer<SIMD2<Int64>>
  /// Two further outputs of the same rows, whose 31-bit values are summed together with these; nil for none.
  var further: FurtherOutputs?

  /// Number of its outputs.
  var outputs: Int { further == nil ? 1 : 3 }

  /// The task of one of its outputs.
  subscript(output: Int) -> SumTask {
    guard let further else { return self }
    var single = self
    single.further = nil
    if output > 0 {
      single.values = output == 1 ? further.values.0 : further.values.1
      single.target = output == 1 ? further.targets.0 : further.targets.1
    }
    return single
  }
}

/// What a task sums beside its own output: values with the same weights.
struct FurtherOutputs {
  var values: (UnsafePointer<Int64>, UnsafePointer<Int64>)
  var targets: (UnsafeMutablePointer<SIMD2<Int64>>, UnsafeMutablePointer<SIMD2<Int64>>)
}

extension ObliviousGrower {
  /// Notes the partitions of lanes.
  func notePartitions(_ lanes: [Lane]) {
    partitions.removeAll(keepingCapacity: true)
    for lane in lanes {
      partitions.append((lane.tail, partitions.count * outputs))
      if let body = lane.body { partitions.append((body, partitions.count * outputs)) }
    }
  }

  /// Sums the histograms of the smaller children of all leaves of the level before (of the root at level 0).
  ///
  /// The child's histogram is put where the right child's belongs; `score` puts both in their places.
  func sum(_ lanes: [Lane], _ index: CandidateIndex, level: Int) {
    tasks.removeAll(keepingCapacity: true)
    let half = level == 0 ? 0 : 1 << (level - 1)
    for (partition, first) in partitions {
      for leaf in 0..<max(half, 1) {
        let left = partition.leaves[leaf]
        let chosen: LevelPartition.Leaf
        if level == 0 {
          chosen = left
        } else {
          let right = partition.leaves[leaf + half]
          if left.count + right.count == 0 { continue }
          chosen = left.count < right.count ? left : right
        }
        append(partition, chosen) { histograms[first + $0].pointer + (leaf + half) * index.bins }
      }
    }
    run(index)
  }

  /// Appends the tasks of a leaf's outputs, three of them together where they are wide.
  func append(
    _ partition: LevelPartition, _ leaf: LevelPartition.Leaf,
    target: (_ output: Int) -> UnsafeMutablePointer<SIMD2<Int64>>
  ) {
    func values(_ output: Int) -> UnsafePointer<Int64> {
      UnsafePointer(partition.values(output) + leaf.begin)
    }
    var output = 0
    while output < outputs {
      let grid = partition.grids[output]
      var task = SumTask(
        rows: UnsafePointer(partition.rows + leaf.begin), values: values(output), count: leaf.count,
        tile: min(grid.tileRows, max(2048, (leaf.count + 7) / 8)), isWide: grid.isWide, target: target(output)
      )
      if output + 2 < outputs, (output...output + 2).allSatisfy({ partition.grids[$0].isWide }) {
        task.further = FurtherOutputs(
          values: (values(output + 1), values(output + 2)), targets: (target(output + 1), target(output + 2)))
        output += 2
      }
      tasks.append(task)
      output += 1
    }
  }

  /// Runs the tasks: one item for each task, block and tile.
  func run(_ index: CandidateIndex) {
    let blocks = index.blocks.count
    if blocks == 0 { return }
    items.removeAll(keepingCapacity: true)
    for (number, task) in tasks.enumerated() {
      var begin = 0
      repeat {
        items.append((number, begin))
        begin += task.tile
      } while begin < task.count
    }
    pool.parallelFor(count: tasks.count, with: (self, index.bins)) { work, number, _ in
      let task = work.0.tasks[number]
      if task.count > task.tile || task.count == 0 {
        for output in 0..<task.outputs {
          task[output].target.update(repeating: .zero, count: work.1)
        }
      }
    }
    pool.parallelFor(count: items.count * blocks, with: (self, index)) { work, item, lane in
      work.0.run(work.1, item: item, lane: lane)
    }
  }

  /// Sums one tile of one task for one block.
  private func run(_ index: CandidateIndex, item: Int, lane: Int) {
    let blocks = index.blocks.count
    let (number, begin) = items[item / blocks]
    let task = tasks[number]
    if task.count == 0 { return }
    let block = item % blocks
    if let further = task.further, case .wide(let words) = index.blocks[block].block {
      runTogether(index, block, words, task, further, number, begin: begin, lane: lane)
      return
    }
    for output in 0..<task.outputs {
      run(index, block, task[output], number, begin: begin, lane: lane)
    }
  }

  /// Sums a tile of one output.
  @inline(__always)
  private func run(
    _ index: CandidateIndex, _ block: Int, _ task: SumTask, _ number: Int, begin: Int, lane: Int
  ) {
    let count = min(task.tile, task.count - begin)
    let features = index.features(of: block)
    fill(
      index.blocks[block].block, features: features.count, isBinary: index.isBinary(features), task,
      begin: begin, count: count, lane: lane)
    locked(task, number, block) { isAdding in flush(index, block, task, lane: lane, isAdding: isAdding) }
  }

  /// Sums a tile of three outputs, whose weights are summed once.
  private func runTogether(
    _ index: CandidateIndex, _ block: Int, _ words: WordBlock, _ task: SumTask, _ further: FurtherOutputs,
    _ number: Int, begin: Int, lane: Int
  ) {
    let count = min(task.tile, task.count - begin)
    let features = index.features(of: block)
    let scratch = threefold[lane].pointer
    HistogramKernel.addThree(
      words: UnsafePointer(words.words.pointer), rows: task.rows + begin,
      values: (task.values + begin, further.values.0 + begin, further.values.1 + begin), count: count,
      features: features.count, isBinary: index.isBinary(features), scratch: scratch)
    locked(task, number, block) { isAdding in
      for feature in features {
        let own = index.features[feature]
        HistogramKernel.flushThree(
          scratch + 256 * own.place,
          into: (task.target + own.offset, further.targets.0 + own.offset, further.targets.1 + own.offset),
          bins: own.candidate.bins, isAdding: isAdding)
      }
    }
    for place in features.count..<WordBlock.width { scratch[256 * place] = .zero }
  }

  /// Lets one tile after the other into a histogram that several tiles are added to.
  @inline(__always)
  private func locked(_ task: SumTask, _ number: Int, _ block: Int, _ body: (_ isAdding: Bool) -> Void) {
    if task.count > task.tile {
      locks[(number &* 31 &+ block) & 255].mutex.withLock { _ in body(true) }
    } else {
      body(false)
    }
  }

  /// Adds rows of a task to the thread's scratch, of which `flush` reads every feature's sums.
  @inline(__always)
  private func fill(
    _ block: BinBlock, features: Int, isBinary: Bool, _ task: SumTask, begin: Int, count: Int, lane: Int
  ) {
    let scratch = packed[lane].pointer
    switch block {
    case .narrow(let block):
      NarrowKernel.add(
        words: UnsafePointer(block.words.pointer), rows: task.rows + begin, values: task.values + begin,
        count: count, isWide: task.isWide, scratch: scratch)
      NarrowKernel.finish(count: count, isWide: task.isWide, scratch: scratch)
    case .wide(let block):
      let words = UnsafePointer(block.words.pointer)
      if task.isWide {
        let add =
          isBinary
          ? HistogramKernel.addWideBinary
          : features <= 4 ? HistogramKernel.addWideHalf : HistogramKernel.addWide
        add(words, task.rows + begin, task.values + begin, count, scratch)
      } else {
        scratch.withMemoryRebound(to: Int64.self, capacity: 2 * HistogramKernel.scratchCount) { packed in
          let add = isBinary ? HistogramKernel.addPackedBinary : HistogramKernel.addPacked
          _ = add(words, task.rows + begin, task.values + begin, count, packed)
        }
      }
    }
  }

  /// Moves the scratch of a block into a leaf's histogram.
  private func flush(_ index: CandidateIndex, _ block: Int, _ task: SumTask, lane: Int, isAdding: Bool) {
    let features = index.features(of: block)
    let spacing = ObliviousGrower.spacing(index.blocks[block].block)
    for feature in features {
      let own = index.features[feature]
      flush(
        entry: spacing * own.place, isWide: task.isWide, into: task.target + own.offset,
        bins: own.candidate.bins, lane: lane, isAdding: isAdding)
    }
    clearUnused(features.count, index.blocks[block].block, isWide: task.isWide, lane: lane)
  }

  /// Entries from one feature of a scratch histogram to the next.
  private static func spacing(_ block: BinBlock) -> Int {
    if case .narrow = block { NarrowBlock.bins } else { 256 }
  }

  @inline(__always)
  private func flush(
    entry: Int, isWide: Bool, into target: UnsafeMutablePointer<SIMD2<Int64>>, bins: Int, lane: Int,
    isAdding: Bool
  ) {
    let scratch = packed[lane].pointer
    if isWide {
      let own = scratch + entry
      for b in 0..<bins {
        target[b] = isAdding ? target[b] &+ own[b] : own[b]
        own[b] = .zero
      }
      return
    }
    scratch.withMemoryRebound(to: Int64.self, capacity: 2 * HistogramKernel.scratchCount) { packed in
      let own = packed + entry
      for b in 0..<bins {
        let value = own[b]
        let pair = SIMD2(value >> 32, value & 0xFFFF_FFFF)
        target[b] = isAdding ? target[b] &+ pair : pair
        own[b] = 0
      }
    }
  }

  /// Bits of a word without a feature are 0 in every row, so only their first entry has been written.
  @inline(__always)
  private func clearUnused(_ used: Int, _ block: BinBlock, isWide: Bool, lane: Int) {
    let scratch = packed[lane].pointer
    let spacing = ObliviousGrower.spacing(block)
    let width = if case .narrow = block { NarrowBlock.width } else { WordBlock.width }
    if isWide {
      for place in used..<width { scratch[spacing * place] = .zero }
      return
    }
    scratch.withMemoryRebound(to: Int64.self, capacity: 2 * HistogramKernel.scratchCount) { packed in
      for place in used..<width { packed[spacing * place] = 0 }
    }
  }

  /// Puts the histograms of a level in place and adds the scores of all their splits, feature by feature.
  func score(_ lanes: [Lane], _ index: CandidateIndex, level: Int) {
    pool.parallelFor(count: index.features.count, with: (self, lanes, index, level)) { work, item, lane in
      work.0.score(work.1, work.2, item: item, level: work.3, lane: lane)
    }
  }

  private func score(_ lanes: [Lane], _ index: CandidateIndex, item: Int, level: Int, lane: Int) {
    let half = level == 0 ? 0 : 1 << (level - 1)
    let feature = index.features[item]
    let bins = feature.candidate.bins
    let numerator = numerators.pointer + feature.offset
    let denominator = denominators.pointer + feature.offset
    numerator.update(repeating: 0, count: bins)
    denominator.update(repeating: 1e-100, count: bins)
    // No level follows the last one, whose scores need no histograms in their places.
    let isLast = level + 1 == configuration.depth
    for (partition, first) in partitions where half > 0 && !isLast {
      for output in 0..<outputs {
        let base = histograms[first + output].pointer + feature.offset
        for leaf in 0..<half {
          let left = partition.leaves[leaf].count
          let right = partition.leaves[leaf + half].count
          if left + right == 0 { continue }
          HistogramKernel.separate(
            parent: base + leaf * index.bins, built: base + (leaf + half) * index.bins, bins: bins,
            isLeftBuilt: left < right)
        }
      }
    }
    var number = 0
    for own in lanes {
      let tail = partitions[number]
      let body = own.body == nil ? nil : partitions[number + 1]
      number += body == nil ? 1 : 2
      for output in 0..<outputs {
        for leaf in 0..<max(1, 2 * half) {
          func sums(_ of: (partition: LevelPartition, histogram: Int)) -> SplitScores.Sums {
            let base = histograms[of.histogram + output].pointer + feature.offset
            guard isLast, half > 0 else { return SplitScores.Sums(base + leaf * index.bins) }
            let left = leaf & (half - 1)
            let built = base + (left + half) * index.bins
            let isLeftBuilt = of.partition.leaves[left].count < of.partition.leaves[left + half].count
            return isLeftBuilt == (leaf == left)
              ? SplitScores.Sums(built) : SplitScores.Sums(base + left * index.bins, less: built)
          }
          add(
            feature.candidate, tail: sums(tail), body: body.map(sums), own, leaf: leaf, output: output,
            numerator: numerator, denominator: denominator, lane: lane)
        }
      }
    }
  }

  @inline(__always)
  func add(
    _ candidate: CandidateBlock.Candidate, tail: SplitScores.Sums, body: SplitScores.Sums?, _ own: Lane,
    leaf: Int, output: Int,
    numerator: UnsafeMutablePointer<Double>, denominator: UnsafeMutablePointer<Double>, lane: Int
  ) {
    if own.tail.leaves[leaf].count == 0 { return }
    let grid = SplitScores.Grid(own.tail.grids[output])
    guard let partition = own.body, let body else {
      SplitScores.add(
        tail, grid, bins: candidate.bins, isEquality: candidate.isEquality, l2: own.l2,
        numerator: numerator, denominator: denominator, scratch: numbers[lane].pointer)
      return
    }
    // Without rows of the body all leaf values are 0, and so are the scores.
    if partition.leaves[leaf].count == 0 { return }
    SplitScores.addOrdered(
      tail: tail, grid, body: body, SplitScores.Grid(partition.grids[output]), bins: candidate.bins,
      isEquality: candidate.isEquality, l2: own.l2, numerator: numerator, denominator: denominator,
      scratch: numbers[lane].pointer)
  }

  /// Sums and scores the blocks leaf by leaf, without keeping histograms.
  func stream(_ lanes: [Lane], _ index: CandidateIndex) {
    pool.parallelFor(count: index.blocks.count) { block, lane in
      clearScores(index, index.features(of: block))
      stream(lanes, [index.blocks[block].block], index, index.features(of: block), lane: lane)
    }
  }

  /// Sums and scores the features of blocks that follow one another, leaf by leaf.
  func stream(
    _ lanes: [Lane], _ blocks: [BinBlock], _ index: CandidateIndex, _ features: Range<Int>, lane: Int
  ) {
    let tail = wide[lane].pointer
    let body = tail + HistogramKernel.scratchCount
    for own in lanes {
      for output in 0..<outputs {
        for leaf in own.tail.leaves.indices {
          if own.tail.leaves[leaf].count == 0 || own.body?.leaves[leaf].count == 0 { continue }
          var first = features.lowerBound
          for block in blocks {
            let part = first..<min(first + ObliviousGrower.width(block), features.upperBound)
            let origin = index.features[first].offset
            build(own.tail, output, leaf, index, block, part, into: tail - origin, lane: lane)
            if let partition = own.body {
              build(partition, output, leaf, index, block, part, into: body - origin, lane: lane)
            }
            for feature in part {
              let entry = index.features[feature]
              add(
                entry.candidate, tail: SplitScores.Sums(tail - origin + entry.offset),
                body: own.body == nil ? nil : SplitScores.Sums(body - origin + entry.offset), own,
                leaf: leaf, output: output,
                numerator: numerators.pointer + entry.offset,
                denominator: denominators.pointer + entry.offset, lane: lane)
            }
            first = part.upperBound
          }
        }
      }
    }
  }

  /// Features of a block.
  static func width(_ block: BinBlock) -> Int {
    if case .narrow = block { NarrowBlock.width } else { WordBlock.width }
  }

  /// Clears the scores of features.
  func clearScores(_ index: CandidateIndex, _ features: Range<Int>) {
    for feature in features {
      let own = index.features[feature]
      (numerators.pointer + own.offset).update(repeating: 0, count: own.candidate.bins)
      (denominators.pointer + own.offset).update(repeating: 1e-100, count: own.candidate.bins)
    }
  }

  /// Sums one leaf for features of a block, each where its offset says.
  func build(
    _ partition: LevelPartition, _ output: Int, _ leaf: Int, _ index: CandidateIndex, _ block: BinBlock,
    _ features: Range<Int>, into target: UnsafeMutablePointer<SIMD2<Int64>>, lane: Int
  ) {
    let range = partition.leaves[leaf]
    let grid = partition.grids[output]
    let task = SumTask(
      rows: UnsafePointer(partition.rows + range.begin),
      values: UnsafePointer(partition.values(output) + range.begin), count: range.count,
      tile: grid.tileRows, isWide: grid.isWide, target: target)
    let spacing = ObliviousGrower.spacing(block)
    let isBinary = index.isBinary(features)
    var begin = 0
    repeat {
      let count = min(task.tile, range.count - begin)
      fill(
        block, features: features.count, isBinary: isBinary, task, begin: begin, count: count, lane: lane)
      for feature in features {
        let own = index.features[feature]
        flush(
          entry: spacing * (feature - features.lowerBound), isWide: task.isWide, into: target + own.offset,
          bins: own.candidate.bins, lane: lane, isAdding: begin > 0)
      }
      clearUnused(features.count, block, isWide: task.isWide, lane: lane)
      begin += task.tile
    } while begin < range.count
  }
}
