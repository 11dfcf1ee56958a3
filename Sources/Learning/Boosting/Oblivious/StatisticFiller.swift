import Compute

/// Computes the target statistics of projections along permutations: a row's value comes from the rows before it.
///
/// Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features" (NeurIPS 2018), section 3.2. One for each
/// thread: it keeps its buffers. Positions are taken in chunks: counts go from row to row, and what becomes of them
/// is computed for many rows at once.
final class StatisticFiller {
  private static let chunk = 1024

  /// Combinations that are needed no longer than their statistics are computed.
  let index: CategoryIndex
  let scratch = CategoryIndex.Scratch()
  /// Blocks that are needed no longer than a projection is tried.
  private(set) var spare: [BinBlock] = []
  private let rows: Int
  /// Rows above the border so far in the upper half of a number, all rows in the lower one.
  private var pairs = Storage<UInt64>(0, initial: 0)
  /// (categories + 1, classes); the first is of rows without a category.
  private var counts = Storage<Int32>(0, initial: 0)
  /// Sums are formed in single precision, as CatBoost's are.
  private var sums = Storage<Float>(0, initial: 0)
  private var above = Storage<Int32>(257, initial: 0)
  /// (numerators, chunk).
  private var numerators = Storage<Float>(0, initial: 0)
  private let denominators = Storage<Float>(StatisticFiller.chunk, initial: 0)
  /// (blocks, chunk).
  private var wide = Storage<UInt64>(0, initial: 0)
  private var narrow = Storage<UInt16>(0, initial: 0)
  private var counterBins = Storage<UInt16>(0, initial: 0)

  /// Room for a table, and for other rows that are counted.
  init(rows: Int, others: Int = 0) {
    self.rows = rows
    index = CategoryIndex(rows: rows, others: others)
  }

  /// Makes sure that `spare` has blocks for a layout.
  func prepareSpare(_ layout: StatisticLayout) {
    let fits = spare.allSatisfy { block in
      if case .narrow = block { layout.isNarrow } else { !layout.isNarrow }
    }
    if !fits { spare = [] }
    while spare.count < layout.blocks { spare.append(BinBlock(rows: rows, isNarrow: layout.isNarrow)) }
  }

  /// Fills blocks with the bins of the features of a projection.
  ///
  /// - Parameters:
  ///   - order: row of each position.
  ///   - targets: the target's classes that features count.
  func fill(
    _ blocks: [BinBlock], _ layout: StatisticLayout, _ index: CategoryIndex, order: [Int32],
    targets: [TargetClasses]
  ) {
    reserve(layout, categories: index.count.trained, targets)
    order.withUnsafeBufferPointer { order in
      for begin in stride(from: 0, to: order.count, by: StatisticFiller.chunk) {
        let range = begin..<min(begin + StatisticFiller.chunk, order.count)
        for number in 0..<layout.blocks {
          if layout.isNarrow {
            (narrow.pointer + number * StatisticFiller.chunk).update(repeating: 0, count: range.count)
          } else {
            (wide.pointer + number * StatisticFiller.chunk).update(repeating: 0, count: range.count)
          }
        }
        var first = 0
        for (number, group) in layout.groups.enumerated() {
          let target = targets[group.classes]
          target.rows.withUnsafeBufferPointer { classes in
            if layout.groups.count == 1, isPair(group, target) {
              countPairs(order, range, index, classes)
            } else {
              count(
                order, range, index, classes, target.count, group,
                counts: counts.pointer + first * (index.count.trained + 1),
                sums: sums.pointer + number * (index.count.trained + 1))
            }
          }
          first += target.count
          for (feature, numerator) in group.features {
            bin(layout, feature, numerators.pointer + numerator * StatisticFiller.chunk, count: range.count)
          }
        }
        scatter(blocks, layout, order, range)
      }
    }
    for feature in layout.counters { count(feature, layout, index, blocks) }
  }

  /// Two classes with one border, CatBoost's default for two classes and for a target cut once.
  private func isPair(_ group: StatisticLayout.Group, _ target: TargetClasses) -> Bool {
    target.count == 2 && group.numerators == [.above(0)]
  }

  private func reserve(_ layout: StatisticLayout, categories: Int, _ targets: [TargetClasses]) {
    let chunk = StatisticFiller.chunk
    let width = layout.groups.reduce(0) { $0 + targets[$1.classes].count }
    if layout.groups.count == 1, isPair(layout.groups[0], targets[layout.groups[0].classes]) {
      if pairs.count <= categories { pairs = Storage(categories + 1, initial: 0) }
      pairs.pointer.update(repeating: 0, count: categories + 1)
    } else {
      let (all, means) = (width * (categories + 1), layout.groups.count * (categories + 1))
      if counts.count < all { counts = Storage(all, initial: 0) }
      if sums.count < means { sums = Storage(means, initial: 0) }
      counts.pointer.update(repeating: 0, count: all)
      sums.pointer.update(repeating: 0, count: means)
    }
    let most = layout.groups.reduce(0) { max($0, $1.numerators.count) }
    if numerators.count < most * chunk { numerators = Storage(most * chunk, initial: 0) }
    if layout.isNarrow {
      if narrow.count < layout.blocks * chunk { narrow = Storage(layout.blocks * chunk, initial: 0) }
    } else if wide.count < layout.blocks * chunk {
      wide = Storage(layout.blocks * chunk, initial: 0)
    }
  }

  /// Counts the positions of a chunk for two classes.
  private func countPairs(
    _ order: UnsafeBufferPointer<Int32>, _ range: Range<Int>, _ index: CategoryIndex,
    _ classes: UnsafeBufferPointer<UInt8>
  ) {
    let ids = index.ids.pointer
    let pairs = pairs.pointer
    let good = numerators.pointer
    let all = denominators.pointer
    for position in range {
      let row = Int(order[position])
      let id = Int(ids[row])
      let pair = pairs[id + 1]
      good[position - range.lowerBound] = Float(Int32(truncatingIfNeeded: pair >> 32))
      all[position - range.lowerBound] = Float(Int32(truncatingIfNeeded: pair)) + 1
      // A row without a category is counted nowhere.
      let own = UInt64(classes[row]) << 32 | 1
      pairs[id + 1] = pair &+ (id >= 0 ? own : 0)
    }
  }

  /// Counts the positions of a chunk for any classes.
  private func count(
    _ order: UnsafeBufferPointer<Int32>, _ range: Range<Int>, _ index: CategoryIndex,
    _ classes: UnsafeBufferPointer<UInt8>, _ classCount: Int, _ group: StatisticLayout.Group,
    counts: UnsafeMutablePointer<Int32>, sums: UnsafeMutablePointer<Float>
  ) {
    let ids = index.ids.pointer
    let above = above.pointer
    let good = numerators.pointer
    let hasMean = group.numerators.contains(.mean)
    for position in range {
      let item = position - range.lowerBound
      let row = Int(order[position])
      let id = Int(ids[row])
      let own = counts + (id + 1) * classCount
      above[classCount] = 0
      for k in (0..<classCount).reversed() { above[k] = above[k + 1] &+ own[k] }
      denominators.pointer[item] = Float(above[0]) + 1
      for (number, numerator) in group.numerators.enumerated() {
        let value: Float
        switch numerator {
        case .above(let border): value = Float(above[border + 1])
        case .of(let one): value = Float(above[one] - above[one + 1])
        case .mean: value = sums[id + 1]
        }
        good[number * StatisticFiller.chunk + item] = value
      }
      if id < 0 { continue }
      own[Int(classes[row])] &+= 1
      if hasMean { sums[id + 1] += Float(classes[row]) / Float(classCount - 1) }
    }
  }

  /// Cuts the values of a feature and puts the bins into the words of the chunk.
  private func bin(
    _ layout: StatisticLayout, _ feature: Int, _ good: UnsafePointer<Float>, count: Int
  ) {
    let block = feature / layout.width
    let place = feature % layout.width
    if layout.isNarrow {
      bin(
        layout.binnings[feature], good, into: narrow.pointer + block * StatisticFiller.chunk,
        shift: UInt16(4 * place), count: count)
    } else {
      bin(
        layout.binnings[feature], good, into: wide.pointer + block * StatisticFiller.chunk,
        shift: UInt64(8 * place), count: count)
    }
  }

  @inline(__always)
  private func bin<Word: FixedWidthInteger & UnsignedInteger>(
    _ binning: StatisticFeature.Binning, _ good: UnsafePointer<Float>, into words: UnsafeMutablePointer<Word>,
    shift: Word, count: Int
  ) {
    let all = denominators.pointer
    let (prior, offset, range, steps) = (binning.prior, binning.shift, binning.range, binning.steps)
    if range == 1 {
      // A division by one changes nothing.
      for i in 0..<count {
        let value = (good[i] + prior) / all[i]
        words[i] |= Word(truncatingIfNeeded: Int32((value + offset) * steps)) &<< shift
      }
    } else {
      for i in 0..<count {
        let value = (good[i] + prior) / all[i]
        words[i] |= Word(truncatingIfNeeded: Int32((value + offset) / range * steps)) &<< shift
      }
    }
  }

  private func scatter(
    _ blocks: [BinBlock], _ layout: StatisticLayout, _ order: UnsafeBufferPointer<Int32>, _ range: Range<Int>
  ) {
    for number in 0..<layout.blocks {
      let own = number * StatisticFiller.chunk - range.lowerBound
      switch blocks[number] {
      case .narrow(let block):
        let target = block.words.pointer
        let source = narrow.pointer
        for position in range { target[Int(order[position])] = source[own + position] }
      case .wide(let block):
        let target = block.words.pointer
        let source = wide.pointer
        for position in range { target[Int(order[position])] = source[own + position] }
      }
    }
  }

  /// Adds a feature that counts rows alone, and knows all that are counted.
  private func count(
    _ feature: Int, _ layout: StatisticLayout, _ index: CategoryIndex, _ blocks: [BinBlock]
  ) {
    let binning = layout.binnings[feature]
    let categories = index.count.trained
    if counterBins.count <= categories { counterBins = Storage(categories + 1, initial: 0) }
    let bins = counterBins.pointer
    for id in -1..<categories {
      let count = id >= 0 ? index.totals.pointer[id] : 0
      bins[id + 1] = UInt16(truncatingIfNeeded: binning.bin(good: Float(count), total: index.largestTotal))
    }
    let ids = index.ids.pointer
    let place = feature % layout.width
    switch blocks[feature / layout.width] {
    case .narrow(let block):
      let words = block.words.pointer
      for row in 0..<rows { words[row] |= bins[Int(ids[row]) + 1] &<< UInt16(4 * place) }
    case .wide(let block):
      let words = block.words.pointer
      for row in 0..<rows { words[row] |= UInt64(bins[Int(ids[row]) + 1]) &<< UInt64(8 * place) }
    }
  }
}
