import Trees

/// Gathers the tables and columns of the statistics that trees use, with the counts of all training rows.
struct StatisticsBuilder {
  private let session: ObliviousSession
  private(set) var statistics: CategoryStatistics
  private var tables: [TableKey: Int] = [:]
  private var numbers: [StatisticFeature: Int] = [:]

  /// Shares, means and frequencies of one projection have tables of their own.
  private struct TableKey: Hashable {
    enum Content: Hashable { case shares, means, frequencies }

    var projection: CategoryProjection
    var content: Content
    var classes: Int

    init(_ feature: StatisticFeature) {
      projection = feature.projection
      classes = feature.classes
      switch feature.kind {
      case .borders, .buckets: content = .shares
      case .mean: content = .means
      case .counter: content = .frequencies
      }
    }
  }

  init(session: ObliviousSession) {
    self.session = session
    statistics = CategoryStatistics(
      hashes: StatisticsBuilder.hashes(of: session.table), tables: [], columns: [])
  }

  /// For each column the hashes of its categories; none of a numeric one.
  static func hashes(of table: TrainingTable) -> [[UInt32]] {
    table.kinds.map { kind in (kind.vocabulary ?? []).map { CategoryHash.hash($0) } }
  }

  /// Position of a feature among all.
  func number(of feature: StatisticFeature) -> Int { numbers[feature] ?? 0 }

  /// Features in the order of their tables.
  func grouped(_ features: [StatisticFeature]) -> [StatisticFeature] {
    features.enumerated().sorted { a, b in
      (tables[TableKey(a.element)] ?? 0, a.offset) < (tables[TableKey(b.element)] ?? 0, b.offset)
    }.map(\.element)
  }

  /// Adds the counts of a feature's projection, unless they are there.
  mutating func addTable(_ feature: StatisticFeature) {
    let projection = feature.projection
    let key = TableKey(feature)
    guard tables[key] == nil else { return }
    let catalogue = session.catalogue
    let index = catalogue.index(projection, isKept: projection.complexity == 1 && projection.tests.isEmpty)
    let target = catalogue.targets.indices.contains(key.classes) ? catalogue.targets[key.classes] : nil
    let stride: Int
    switch key.content {
    case .shares: stride = target?.count ?? 1
    case .means: stride = 2
    case .frequencies: stride = 1
    }
    let isCounter = key.content == .frequencies
    let categories = isCounter ? index.count.counted : index.count.trained
    var counts = [Double](repeating: 0, count: categories * stride)
    var firsts = [Int](repeating: -1, count: categories)
    for row in 0..<session.dataset.rows + (isCounter ? catalogue.others?.rows ?? 0 : 0) {
      let id = index.ids.pointer[row]
      if id < 0 { continue }
      let own = Int(id) * stride
      switch (key.content, target) {
      case (.shares, let target?): counts[own + Int(target.rows[row])] += 1
      case (.means, let target?):
        // Sums are formed in single precision, as CatBoost's are.
        counts[own] = Double(Float(counts[own]) + Float(target.rows[row]) / Float(target.count - 1))
        counts[own + 1] += 1
      default: counts[own] += 1
      }
      if firsts[Int(id)] < 0 { firsts[Int(id)] = row }
    }
    let keys = firsts.map { hash(projection, row: $0) }
    // Combinations whose hashes collide share their counts, as in CatBoost.
    var sorted: [(key: UInt64, counts: [Double])] = []
    for id in keys.indices.sorted(by: { keys[$0] < keys[$1] }) {
      let own = Array(counts[id * stride..<(id + 1) * stride])
      if let last = sorted.last, last.key == keys[id] {
        sorted[sorted.count - 1].counts = zip(last.counts, own).map { $0 + $1 }
      } else {
        sorted.append((keys[id], own))
      }
    }
    tables[key] = statistics.tables.count
    statistics.tables.append(
      CategoryStatistics.Table(
        elements: projection.columns.map { .category(feature: $0) }
          + projection.tests.compactMap { session.element($0) },
        hashes: sorted.map(\.key), counts: sorted.flatMap(\.counts), stride: stride,
        denominator: Double(index.largestTotal)))
  }

  /// The hash of the combination of a row that is counted, as prediction computes it.
  private func hash(_ projection: CategoryProjection, row counted: Int) -> UInt64 {
    var (dataset, row) = (session.dataset, counted)
    if counted >= dataset.rows, let others = session.catalogue.others {
      (dataset, row) = (others, counted - dataset.rows)
    }
    var result: UInt64 = 0
    for column in projection.columns {
      let code = Int(dataset.codes[column][row])
      result = CategoryStatistics.mix(result, CategoryStatistics.widened(statistics.hashes[column][code]))
    }
    for test in projection.tests {
      guard case .feature(let feature) = test.source else { continue }
      let level = LevelTest(feature: feature, bin: test.bin, isEquality: test.isEquality, of: dataset)
      result = CategoryStatistics.mix(result, UInt64(level.side(row)))
    }
    return result
  }

  /// Adds a feature whose table is there.
  mutating func add(_ feature: StatisticFeature) {
    let kind: CategoryStatistics.Kind
    switch feature.kind {
    case .borders: kind = .borders
    case .buckets: kind = .buckets
    case .mean: kind = .mean
    case .counter: kind = .counter
    }
    numbers[feature] = statistics.columns.count
    statistics.columns.append(
      CategoryStatistics.Column(
        table: tables[TableKey(feature)] ?? 0, kind: kind, target: feature.kind.target,
        priorNumerator: feature.prior, priorDenominator: 1, shift: feature.shift,
        scale: Float(feature.borders) / feature.range))
  }
}
