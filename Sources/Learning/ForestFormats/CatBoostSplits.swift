import Diagnostics
import Trees

/// The features and splits of a CatBoost model, numbered as its file wants them: borders of numbers, then categories, then
/// borders of statistics.
struct CatBoostSplits {
  /// A numeric feature of the file. A feature whose tests send missing values both ways stands there twice.
  private struct Number {
    var feature: Int
    var missingLeft: Bool?
    /// Ascending.
    var borders: [Float]
    var firstSplit = 0
  }

  private let export: ForestExport
  private let features: Int
  private let isCategorical: [Bool]
  private var numbers: [Number] = []
  /// Indices into `numbers` by feature and by the side that takes missing values, right before left.
  private var numberIndex: [Int: [Int]] = [:]
  /// Index of each categorical feature among its like.
  private var categoricalIndex: [Int: Int] = [:]
  /// Ascending codes that splits ask each feature for.
  private var codes: [[Int]]
  /// Number of the first split of each categorical feature.
  private var firstCode: [Int: Int] = [:]
  /// Ascending borders and number of the first split of each statistic.
  private var statisticBorders: [[Float]]
  private var firstStatistic: [Int] = []

  /// Gathers what normalised trees ask.
  init(_ trees: [[TreeNode]], export: ForestExport) throws(TernError) {
    self.export = export
    features = export.forest.features
    isCategorical = export.categoricalFeatures()
    let columns = export.forest.nodeArrays.statistics?.columns.count ?? 0
    // Borders by feature, of tests that send missing values right, and left.
    var borders = [[[Float]]](repeating: [[], []], count: features)
    codes = [[Int]](repeating: [], count: features)
    statisticBorders = [[Float]](repeating: [], count: columns)
    for (index, tree) in trees.enumerated() {
      for node in tree where !node.isLeaf {
        let feature = Int(node.feature)
        if node.flags.contains(.categorical) {
          codes[feature] += ForestExport.members(node.categories)
        } else if feature >= features {
          statisticBorders[feature - features].append(CatBoostSplits.border(node))
        } else if isCategorical[feature] {
          throw export.refusal("numeric tests of a categorical feature", tree: index)
        } else {
          borders[feature][node.defaultLeft ? 1 : 0].append(CatBoostSplits.border(node))
        }
      }
    }
    codes = codes.map { Set($0).sorted() }
    statisticBorders = statisticBorders.map { Set($0).sorted() }
    var next = 0
    for feature in 0..<features where !isCategorical[feature] {
      let isUnused = borders[feature].allSatisfy(\.isEmpty)
      numberIndex[feature] = [numbers.count, numbers.count]
      for side in 0...1 where !borders[feature][side].isEmpty || (isUnused && side == 1) {
        numberIndex[feature]?[side] = numbers.count
        let own = Set(borders[feature][side]).sorted()
        numbers.append(
          Number(feature: feature, missingLeft: isUnused ? nil : side == 1, borders: own, firstSplit: next))
        next += own.count
      }
    }
    for feature in 0..<features where isCategorical[feature] {
      categoricalIndex[feature] = categoricalIndex.count
      firstCode[feature] = next
      next += codes[feature].count
    }
    for own in statisticBorders {
      firstStatistic.append(next)
      next += own.count
    }
  }

  /// CatBoost's `x > border` goes right where `x >= threshold` does.
  private static func border(_ node: TreeNode) -> Float {
    let limit = Float.greatestFiniteMagnitude
    return min(max(node.threshold.nextDown, -limit), limit)
  }

  /// A tree whose categorical tests ask for one category each and send it right.
  ///
  /// A set of several becomes a chain of tests that repeats the subtree of its members.
  static func normalised(
    _ source: [TreeNode], _ index: Int, _ export: ForestExport
  ) throws(TernError) -> [TreeNode] {
    guard source.contains(where: { $0.flags.contains(.categorical) }) else { return source }
    let limit = 16 * source.count + 4096
    // Sources of the nodes still to write, and what is left of a set on the way down its chain.
    var queue: [(node: Int, rest: [Int]?)] = [(0, nil)]
    var result: [TreeNode] = []
    while result.count < queue.count {
      let (at, rest) = queue[result.count]
      var node = source[at]
      guard !node.isLeaf else {
        result.append(node)
        continue
      }
      guard queue.count < limit else { throw export.refusal("category sets of this size", tree: index) }
      let (left, right) = (Int32(truncatingIfNeeded: queue.count), Int32(truncatingIfNeeded: queue.count + 1))
      if node.flags.contains(.categorical) {
        node = export.withMembersRight(node)
        guard node.defaultLeft else {
          throw export.refusal("categorical tests whose members' side takes missing values", tree: index)
        }
        let members = rest ?? ForestExport.members(node.categories)
        guard let member = members.first else {
          // No member: everything goes left.
          queue[result.count] = (Int(node.left), nil)
          continue
        }
        let others = Array(members.dropFirst())
        queue.append(others.isEmpty ? (Int(node.left), nil) : (at, others))
        queue.append((Int(node.right), nil))
        node.setCategories([member], flags: [])
      } else {
        queue.append((Int(node.left), nil))
        queue.append((Int(node.right), nil))
      }
      (node.left, node.right) = (left, right)
      result.append(node)
    }
    return result
  }

  /// The object by which a tree names a test.
  func reference(_ node: TreeNode) throws(TernError) -> FormatOutput {
    let feature = Int(node.feature)
    if node.flags.contains(.categorical) {
      let code = ForestExport.members(node.categories).first ?? 0
      let place = codes[feature].firstIndex(of: code) ?? 0
      return .object([
        ("cat_feature_index", .integer(Int64(categoricalIndex[feature] ?? 0))),
        ("split_index", .integer(Int64((firstCode[feature] ?? 0) + place))),
        ("split_type", .text("OneHotFeature")), ("value", .integer(Int64(hash(feature, code)))),
      ])
    }
    let border = CatBoostSplits.border(node)
    guard feature >= features else {
      let index = numberIndex[feature]?[node.defaultLeft ? 1 : 0] ?? 0
      return .object([
        ("border", .double(Double(border))), ("float_feature_index", .integer(Int64(index))),
        (
          "split_index",
          .integer(Int64(numbers[index].firstSplit + place(of: border, in: numbers[index].borders)))
        ),
        ("split_type", .text("FloatFeature")),
      ])
    }
    let column = feature - features
    let target = export.forest.nodeArrays.statistics?.columns[column].target ?? 0
    return .object([
      ("border", .double(Double(border))), ("ctr_target_border_idx", .integer(Int64(target))),
      (
        "split_index",
        .integer(Int64(firstStatistic[column] + place(of: border, in: statisticBorders[column])))
      ), ("split_type", .text("OnlineCtr")),
    ])
  }

  /// Where a border stands among ascending ones.
  private func place(of border: Float, in borders: [Float]) -> Int {
    var low = 0
    var high = borders.count
    while low < high {
      let middle = (low + high) / 2
      if borders[middle] < border { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func name(_ feature: Int, _ code: Int) -> String {
    let names = export.model.categories[feature] ?? []
    return code < names.count ? names[code] : "\(code)"
  }

  private func hash(_ feature: Int, _ code: Int) -> UInt32 {
    if let known = export.forest.nodeArrays.statistics?.hashes[feature], code < known.count {
      return known[code]
    }
    return CategoryHash.hash(name(feature, code))
  }

  /// The `features_info` object.
  func information() -> FormatOutput {
    let names = export.forest.header.featureNames
    func common(_ feature: Int, index: Int) -> [(key: String, value: FormatOutput)] {
      [
        ("feature_id", .text(names[feature])), ("feature_index", .integer(Int64(index))),
        ("feature_name", .text(names[feature])), ("flat_feature_index", .integer(Int64(feature))),
      ]
    }
    let floats = numbers.enumerated().map { index, number in
      let treatment = number.missingLeft.map { $0 ? "AsFalse" : "AsTrue" } ?? "AsIs"
      return FormatOutput.object(
        [("borders", .doubles(number.borders.map(Double.init)))] + common(number.feature, index: index) + [
          ("has_nans", .flag(number.missingLeft != nil)), ("nan_value_treatment", .text(treatment)),
        ])
    }
    var categories: [FormatOutput] = []
    var hashes: [String: UInt32] = [:]
    for feature in 0..<features where isCategorical[feature] {
      var members = common(feature, index: categoricalIndex[feature] ?? 0)
      if !codes[feature].isEmpty {
        members.append(("values", .longs(codes[feature].map { Int64(hash(feature, $0)) })))
      }
      categories.append(.object(members))
      for code in 0..<export.categoryCount(feature) { hashes[name(feature, code)] = hash(feature, code) }
    }
    var members: [(key: String, value: FormatOutput)] = [
      (
        "cat_features_hash",
        hashes.isEmpty
          ? .null
          : .array(
            hashes.sorted { $0.key < $1.key }.map {
              .object([("hash", .integer(Int64($0.value))), ("value", .text($0.key))])
            })
      )
    ]
    if !categories.isEmpty { members.append(("categorical_features", .array(categories))) }
    if let statistics = export.forest.nodeArrays.statistics, !statistics.columns.isEmpty {
      members.append(("ctrs", .array(statistics.columns.indices.map { statistic(statistics, $0) })))
    }
    members.append(("float_features", .array(floats)))
    return .object(members)
  }

  private static func type(_ kind: CategoryStatistics.Kind) -> String {
    switch kind {
    case .borders: "Borders"
    case .buckets: "Buckets"
    case .mean: "BinarizedTargetMeanValue"
    case .counter: "Counter"
    }
  }

  private func elements(_ table: CategoryStatistics.Table) -> FormatOutput {
    .array(
      table.elements.map { element in
        switch element {
        case .category(let feature):
          .object([
            ("cat_feature_index", .integer(Int64(categoricalIndex[feature] ?? 0))),
            ("combination_element", .text("cat_feature_value")),
          ])
        case .greater(let feature, let border):
          .object([
            ("border", .double(Double(border))), ("combination_element", .text("float_feature")),
            ("float_feature_index", .integer(Int64(numberIndex[feature]?.first ?? 0))),
          ])
        case .equals(let feature, let hash):
          .object([
            ("cat_feature_index", .integer(Int64(categoricalIndex[feature] ?? 0))),
            ("combination_element", .text("cat_feature_exact_value")), ("value", .integer(Int64(hash))),
          ])
        }
      })
  }

  /// The text that stands for a table and the way it is read.
  private func identifier(_ statistics: CategoryStatistics, _ column: CategoryStatistics.Column) -> String {
    let document: FormatOutput = .object([
      ("identifier", elements(statistics.tables[column.table])),
      ("type", .text(CatBoostSplits.type(column.kind))),
    ])
    return String(decoding: JSONWriter.write(document), as: UTF8.self)
  }

  private func statistic(_ statistics: CategoryStatistics, _ index: Int) -> FormatOutput {
    let column = statistics.columns[index]
    return .object([
      ("borders", .doubles(statisticBorders[index].map(Double.init))),
      ("ctr_type", .text(CatBoostSplits.type(column.kind))),
      ("elements", elements(statistics.tables[column.table])),
      ("identifier", .text(identifier(statistics, column))),
      ("prior_denomerator", .double(Double(column.priorDenominator))),
      ("prior_numerator", .double(Double(column.priorNumerator))), ("scale", .double(Double(column.scale))),
      ("shift", .double(Double(column.shift))), ("target_border_idx", .integer(Int64(column.target))),
    ])
  }

  /// The members of `ctr_data`.
  /// - Throws: `TernError(.data)` where two tables would have the same name, as of models that went on with other rows.
  func tables() throws(TernError) -> [(key: String, value: FormatOutput)] {
    guard let statistics = export.forest.nodeArrays.statistics else { return [] }
    var result: [(key: String, value: FormatOutput)] = []
    var owners: [String: Int] = [:]
    for column in statistics.columns {
      let key = identifier(statistics, column)
      let table = statistics.tables[column.table]
      if let owner = owners[key] {
        guard statistics.tables[owner] == table else {
          throw export.refusal("several tables of counts of the same categories", tree: 0)
        }
        continue
      }
      owners[key] = column.table
      var flat: [FormatOutput] = []
      for (row, hash) in table.hashes.enumerated() {
        flat.append(.text("\(hash)"))
        for count in table.counts[row * table.stride..<(row + 1) * table.stride] {
          flat.append(Int64(exactly: count).map(FormatOutput.integer) ?? .double(count))
        }
      }
      result.append(
        (
          key,
          .object([
            ("counter_denominator", .integer(Int64(exactly: table.denominator) ?? 0)),
            ("hash_map", .array(flat)),
            ("hash_stride", .integer(Int64(table.stride + 1))),
          ])
        ))
    }
    return result
  }
}
