import Compute
import Diagnostics
import Trees

extension ObliviousSession {
  /// The forest of trees.
  func forest(trees: some Sequence<ObliviousTree>) throws(TernError) -> Forest {
    let trees = Array(trees)
    var statistics = StatisticsBuilder(session: self)
    // Features of one table stand together, so that prediction looks up its key once.
    var used: [StatisticFeature] = []
    for tree in trees {
      for case .statistic(let feature) in tree.splits.map(\.source) where !used.contains(feature) {
        used.append(feature)
      }
    }
    for feature in used { statistics.addTable(feature.projection) }
    for feature in statistics.grouped(used) { statistics.add(feature) }
    var nodes = ForestNodes()
    for tree in trees {
      for output in 0..<loss.outputs {
        nodes.append(tree: tree.nodes(output: output) { node($0, statistics) })
      }
    }
    let link: Forest.Link
    switch configuration.lossFunction {
    case .rmse: link = .identity
    case .logloss, .crossEntropy: link = .logistic
    case .multiClass: link = .softmax
    }
    var header = Forest.Header(
      link: link, outputs: loss.outputs, featureNames: table.featureNames,
      baseScores: labels.base.map { Float($0) })
    header.precision = .double
    let biases = labels.base.map { $0 - Double(Float($0)) }
    if biases.contains(where: { $0 != 0 }) { header.biases = biases }
    return try Forest(header: header, nodes: nodes)
  }

  /// An inner node with the test of a level.
  private func node(_ split: ObliviousSplit, _ statistics: StatisticsBuilder) -> TreeNode {
    var node = TreeNode(value: 0, cover: 0, count: 0)
    switch split.source {
    case .statistic(let feature):
      node.feature = Int32(table.features + statistics.number(of: feature))
      node.threshold = Float(split.bin + 1)
      node.defaultLeft = true
    case .feature(let index):
      let feature = dataset.features[index]
      node.feature = Int32(feature.column)
      if feature.isEquality {
        let isMissing = split.bin == feature.bins - 1
        node.setCategories(isMissing ? [] : [split.bin], flags: [])
        node.defaultLeft = !isMissing
      } else {
        node.threshold = feature.borders[split.bin].nextUp
        node.defaultLeft = feature.missingIsLow
      }
    }
    return node
  }

  /// The condition of a data set feature's test as prediction asks it.
  func test(_ split: ObliviousSplit) -> CategoryStatistics.Test? {
    guard case .feature(let index) = split.source else { return nil }
    let feature = dataset.features[index]
    if feature.isEquality {
      let isMissing = split.bin == feature.bins - 1
      return CategoryStatistics.Test(
        feature: Int32(feature.column), threshold: isMissing ? .nan : Float(split.bin), isEquality: true,
        missingPasses: isMissing)
    }
    return CategoryStatistics.Test(
      feature: Int32(feature.column), threshold: feature.borders[split.bin].nextUp, isEquality: false,
      missingPasses: !feature.missingIsLow)
  }

  /// Writes the leaf of every row of another table.
  func assignLeaves(
    _ splits: [ObliviousSplit], table other: TrainingTable, statistics known: inout [StatisticFeature: [UInt8]],
    to fold: LearningFold
  ) {
    let leaves = fold.leaves.pointer
    leaves.update(repeating: 0, count: other.rows)
    for (level, split) in splits.enumerated() {
      if case .statistic(let feature) = split.source {
        if known[feature] == nil { known[feature] = bins(feature, of: other) }
        guard let bins = known[feature] else { continue }
        pool.parallelChunks(of: other.rows, chunk: 16_384) { range, _ in
          for row in range where Int(bins[row]) > split.bin { leaves[row] |= 1 << UInt16(level) }
        }
        continue
      }
      guard let test = test(split) else { continue }
      let column = other.columns[Int(test.feature)]
      pool.parallelChunks(of: other.rows, chunk: 16_384) { range, _ in
        for row in range where test.passes(column[row]) { leaves[row] |= 1 << UInt16(level) }
      }
    }
  }

  /// The bins of a statistic for the rows of another table, from the counts of all training rows.
  private func bins(_ feature: StatisticFeature, of other: TrainingTable) -> [UInt8] {
    var builder = StatisticsBuilder(session: self)
    builder.addTable(feature.projection)
    builder.add(feature)
    let statistics = builder.statistics
    var result = [UInt8](repeating: 0, count: other.rows)
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelChunks(of: other.rows, chunk: 4096) { range, _ in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: other.features + 1) { row in
          guard let inputs = row.baseAddress else { return }
          for i in range {
            for column in 0..<other.features { inputs[column] = other.columns[column][i] }
            statistics.write(row: inputs, to: inputs + other.features)
            target.pointer[i] = UInt8(inputs[other.features])
          }
        }
      }
    }
    return result
  }
}

/// Gathers the tables and features of the statistics that trees use, with the counts of all training rows.
struct StatisticsBuilder {
  private let session: ObliviousSession
  private(set) var statistics: CategoryStatistics
  private var tables: [CategoryProjection: Int] = [:]
  private var numbers: [StatisticFeature: Int] = [:]

  init(session: ObliviousSession) {
    self.session = session
    statistics = CategoryStatistics(
      hashes: session.table.kinds.map { kind in
        kind.vocabulary.map { (0...UInt32($0.count)).map { $0 + 1 } } ?? []
      })
  }

  /// Position of a feature among all.
  func number(of feature: StatisticFeature) -> Int { numbers[feature] ?? 0 }

  /// Features in the order of their tables.
  func grouped(_ features: [StatisticFeature]) -> [StatisticFeature] {
    features.enumerated().sorted { a, b in
      (tables[a.element.projection] ?? 0, a.offset) < (tables[b.element.projection] ?? 0, b.offset)
    }.map(\.element)
  }

  /// Adds the counts of a projection, unless they are there.
  mutating func addTable(_ projection: CategoryProjection) {
    guard tables[projection] == nil else { return }
    let catalogue = session.catalogue
    let index = catalogue.index(projection)
    var empty = CategoryStatistics.Table(
      columns: projection.columns.map { Int32($0) }, tests: projection.tests.compactMap { session.test($0) },
      classes: catalogue.classCount, keys: [], counts: [], largestTotal: index.largestTotal)
    var keys = [UInt64?](repeating: nil, count: index.count)
    var counts = [Int32](repeating: 0, count: index.count * catalogue.classCount)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: session.table.features) { buffer in
      guard let row = buffer.baseAddress else { return }
      for i in 0..<index.ids.count {
        let id = Int(index.ids[i])
        counts[id * catalogue.classCount + Int(catalogue.classes[i])] += 1
        if keys[id] != nil { continue }
        for column in empty.columns { row[Int(column)] = session.table.columns[Int(column)][i] }
        for test in empty.tests { row[Int(test.feature)] = session.table.columns[Int(test.feature)][i] }
        keys[id] = statistics.key(empty, row: row)
      }
    }
    empty = CategoryStatistics.Table(
      columns: empty.columns, tests: empty.tests, classes: catalogue.classCount, keys: keys.map { $0 ?? 0 },
      counts: counts, largestTotal: index.largestTotal)
    tables[projection] = statistics.tables.count
    statistics.tables.append(empty)
  }

  /// Adds a feature whose table is there.
  mutating func add(_ feature: StatisticFeature) {
    let border: Int32
    switch feature.kind {
    case .borders(let target): border = Int32(target)
    case .counter: border = -1
    }
    numbers[feature] = statistics.features.count
    statistics.features.append(
      CategoryStatistics.Feature(
        table: Int32(tables[feature.projection] ?? 0), border: border, prior: feature.prior,
        scale: Float(StatisticFeature.borders)))
  }
}
