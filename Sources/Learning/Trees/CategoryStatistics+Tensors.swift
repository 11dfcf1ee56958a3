extension CategoryStatistics {
  /// What every array's name begins with.
  static let prefix = "statistics."

  /// The parts as flat arrays by name, without empty ones.
  func tensors() -> [(String, ForestTensor)] {
    var elementKind: [Int32] = []
    var elementFeature: [Int32] = []
    var elementValue: [Int32] = []
    for element in tables.flatMap(\.elements) {
      switch element {
      case .category(let feature):
        elementKind.append(0)
        elementFeature.append(Int32(truncatingIfNeeded: feature))
        elementValue.append(0)
      case .greater(let feature, let border):
        elementKind.append(1)
        elementFeature.append(Int32(truncatingIfNeeded: feature))
        elementValue.append(Int32(bitPattern: border.bitPattern))
      case .equals(let feature, let hash):
        elementKind.append(2)
        elementFeature.append(Int32(truncatingIfNeeded: feature))
        elementValue.append(Int32(bitPattern: hash))
      }
    }
    func lengths<Item>(_ lists: [[Item]]) -> ForestTensor {
      .int32(lists.map { Int32(truncatingIfNeeded: $0.count) })
    }
    func integers(_ values: [Int]) -> ForestTensor { .int32(values.map { Int32(truncatingIfNeeded: $0) }) }
    let tableHashes = tables.flatMap(\.hashes).flatMap {
      [Int32(truncatingIfNeeded: $0), Int32(truncatingIfNeeded: $0 >> 32)]
    }
    let arrays: [(String, ForestTensor)] = [
      ("category_counts", lengths(hashes)),
      ("category_hashes", .int32(hashes.joined().map { Int32(bitPattern: $0) })),
      ("table_elements", lengths(tables.map(\.elements))), ("element_kind", .int32(elementKind)),
      ("element_feature", .int32(elementFeature)), ("element_value", .int32(elementValue)),
      ("table_rows", lengths(tables.map(\.hashes))), ("table_hashes", .int32(tableHashes)),
      ("table_stride", integers(tables.map(\.stride))), ("table_counts", .float64(tables.flatMap(\.counts))),
      ("table_denominator", .float64(tables.map(\.denominator))),
      ("column_table", integers(columns.map(\.table))), ("column_kind", .int32(columns.map(\.kind.rawValue))),
      ("column_target", integers(columns.map(\.target))),
      (
        "column_values",
        .float32(columns.flatMap { [$0.priorNumerator, $0.priorDenominator, $0.shift, $0.scale] })
      ),
    ]
    return arrays.filter { $1.count > 0 }.map { (CategoryStatistics.prefix + $0, $1) }
  }

  /// Puts the parts together again; nil if an array is unknown, of another type, or of a length that does not fit.
  init?(tensors: [String: ForestTensor]) {
    var found = 0
    func integers(_ name: String) -> [Int]? {
      guard let tensor = tensors[CategoryStatistics.prefix + name] else { return [] }
      found += 1
      guard case .int32(let values) = tensor else { return nil }
      return values.map(Int.init)
    }
    func doubles(_ name: String) -> [Double]? {
      guard let tensor = tensors[CategoryStatistics.prefix + name] else { return [] }
      found += 1
      guard case .float64(let values) = tensor else { return nil }
      return values
    }
    func floats(_ name: String) -> [Float]? {
      guard let tensor = tensors[CategoryStatistics.prefix + name] else { return [] }
      found += 1
      guard case .float32(let values) = tensor else { return nil }
      return values
    }
    guard let categoryCounts = integers("category_counts"),
      let categoryHashes = integers("category_hashes"), let tableElements = integers("table_elements"),
      let elementKind = integers("element_kind"), let elementFeature = integers("element_feature"),
      let elementValue = integers("element_value"), let tableRows = integers("table_rows"),
      let tableHashes = integers("table_hashes"), let tableStride = integers("table_stride"),
      let tableCounts = doubles("table_counts"), let denominators = doubles("table_denominator"),
      let columnTable = integers("column_table"), let columnKind = integers("column_kind"),
      let columnTarget = integers("column_target"),
      let values = floats("column_values"), found == tensors.count,
      let hashes = CategoryStatistics.cut(categoryHashes, categoryCounts),
      elementFeature.count == elementKind.count, elementValue.count == elementKind.count,
      let elements = CategoryStatistics.cut(Array(elementKind.indices), tableElements),
      let halves = CategoryStatistics.cut(tableHashes, tableRows.map { $0 &* 2 }),
      tableStride.count == tableRows.count, elements.count == tableRows.count,
      denominators.count == tableRows.count, columnKind.count == columnTable.count,
      columnTarget.count == columnTable.count, values.count == columnTable.count * 4,
      let counts = CategoryStatistics.cut(tableCounts, zip(tableRows, tableStride).map { $0 &* $1 })
    else { return nil }
    var tables: [Table] = []
    for index in tableRows.indices {
      var own: [Element] = []
      for at in elements[index] {
        switch elementKind[at] {
        case 0: own.append(.category(feature: elementFeature[at]))
        case 1:
          own.append(
            .greater(
              feature: elementFeature[at],
              border: Float(bitPattern: UInt32(truncatingIfNeeded: elementValue[at]))))
        case 2:
          own.append(.equals(feature: elementFeature[at], hash: UInt32(truncatingIfNeeded: elementValue[at])))
        default: return nil
        }
      }
      let pairs = Array(halves[index])
      tables.append(
        Table(
          elements: own,
          hashes: stride(from: 0, to: pairs.count, by: 2).map {
            UInt64(UInt32(truncatingIfNeeded: pairs[$0])) | UInt64(UInt32(truncatingIfNeeded: pairs[$0 + 1]))
              << 32
          }, counts: Array(counts[index]), stride: tableStride[index], denominator: denominators[index]))
    }
    var columns: [Column] = []
    for index in columnTable.indices {
      guard let kind = Kind(rawValue: Int32(truncatingIfNeeded: columnKind[index])) else { return nil }
      columns.append(
        Column(
          table: columnTable[index], kind: kind, target: columnTarget[index],
          priorNumerator: values[index * 4],
          priorDenominator: values[index * 4 + 1], shift: values[index * 4 + 2], scale: values[index * 4 + 3])
      )
    }
    self.init(
      hashes: hashes.map { $0.map { UInt32(truncatingIfNeeded: $0) } }, tables: tables, columns: columns)
  }

  /// Cuts a list into pieces of the given lengths; nil if these do not add up to its own.
  private static func cut<Item>(_ items: [Item], _ lengths: [Int]) -> [ArraySlice<Item>]? {
    var result: [ArraySlice<Item>] = []
    var at = 0
    for length in lengths {
      guard length >= 0, length <= items.count - at else { return nil }
      result.append(items[at..<at + length])
      at += length
    }
    return at == items.count ? result : nil
  }
}
