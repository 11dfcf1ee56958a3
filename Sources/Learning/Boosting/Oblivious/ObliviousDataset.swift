import Compute
import Diagnostics

/// Numeric features cut at borders and categorical ones as codes, in blocks of eight.
struct ObliviousDataset: Sendable {
  /// A feature that is tested as it is, without target statistics.
  struct Feature: Sendable {
    /// Column of the table.
    var column: Int
    /// Borders of a numeric feature; a row is above a border if its value is greater.
    var borders: [Float]
    /// Number of bins; the last one of an equality holds the rows without a known category.
    var bins: Int
    /// Whether a test is for one category instead of for all bins above a border.
    var isEquality: Bool
    /// Whether missing values have bin 0, else the last one.
    var missingIsLow: Bool

    /// Whether missing values are above a border.
    var missingPasses: Bool { !isEquality && !missingIsLow && borders.last == .greatestFiniteMagnitude }
  }

  /// The features that trees test directly.
  let features: [Feature]
  /// Their bins.
  let blocks: [WordBlock]
  /// Columns that enter by target statistics.
  let statisticColumns: [Int]
  /// (table columns)(rows) of codes, -1 for a missing value; empty for numeric columns.
  let codes: [[Int32]]
  /// Number of categories that occur in each column of the training rows, 0 for a numeric one.
  let categoryCounts: [Int]
  /// The greatest code of each column and one, at least 1.
  let codeCounts: [Int]
  /// Number of rows.
  let rows: Int
  /// Group of features that share the noise on their scores, nil for a feature alone; empty where there is no noise.
  private(set) var noiseGroups: [Int?] = []

  /// Cuts the columns of a checked table.
  /// - Throws: `TernError(.data)` for a missing number if they are forbidden.
  init(
    table: TrainingTable, configuration: ObliviousConfiguration, pool: ThreadPool
  ) throws(TernError) {
    let codes = ObliviousDataset.codes(of: table)
    var counts = [Int](repeating: 0, count: table.features)
    var statistics: [Int] = []
    var numeric: [Int] = []
    var features: [Feature] = []
    for (column, kind) in table.kinds.enumerated() {
      guard let vocabulary = kind.vocabulary else {
        numeric.append(column)
        continue
      }
      var isSeen = [Bool](repeating: false, count: vocabulary.count)
      for code in codes[column] where code >= 0 { isSeen[Int(code)] = true }
      counts[column] = isSeen.count { $0 }
      if counts[column] > configuration.oneHotMaxSize { statistics.append(column) }
    }
    let borders = try ObliviousDataset.borders(
      of: numeric, table: table, configuration: configuration, pool: pool)
    for (column, own) in zip(numeric, borders) where !own.isEmpty {
      features.append(
        Feature(
          column: column, borders: own, bins: own.count + 1, isEquality: false,
          missingIsLow: configuration.nanMode != .max))
    }
    for column in codes.indices
    where counts[column] > 1 && counts[column] <= configuration.oneHotMaxSize {
      let bins = (table.kinds[column].vocabulary?.count ?? 0) + 1
      guard bins <= 256 else {
        // Few of many categories occur: such a column enters by its statistics.
        statistics.append(column)
        continue
      }
      features.append(
        Feature(column: column, borders: [], bins: bins, isEquality: true, missingIsLow: false))
    }
    self.init(
      table, codes: codes, features: features, statisticColumns: statistics.sorted(), categoryCounts: counts,
      pool: pool)
    if configuration.randomStrength > 0 { noiseGroups = NoiseGroups.find(self, pool: pool) }
  }

  /// Cuts the rows of another checked table of the same columns as those of training are.
  init(rowsOf table: TrainingTable, as trained: ObliviousDataset, pool: ThreadPool) {
    self.init(
      table, codes: ObliviousDataset.codes(of: table), features: trained.features,
      statisticColumns: trained.statisticColumns, categoryCounts: trained.categoryCounts, pool: pool)
  }

  private init(
    _ table: TrainingTable, codes: [[Int32]], features: [Feature], statisticColumns: [Int],
    categoryCounts: [Int], pool: ThreadPool
  ) {
    let blocks = (0..<(features.count + WordBlock.width - 1) / WordBlock.width).map { _ in
      WordBlock(rows: table.rows)
    }
    pool.parallelFor(count: blocks.count) { block, _ in
      for feature in block * WordBlock.width..<min((block + 1) * WordBlock.width, features.count) {
        ObliviousDataset.fill(
          blocks[block].words.pointer, shift: UInt64(8 * (feature % WordBlock.width)), features[feature],
          column: table.columns[features[feature].column], codes: codes[features[feature].column])
      }
    }
    self.features = features
    self.blocks = blocks
    self.statisticColumns = statisticColumns
    self.codes = codes
    self.categoryCounts = categoryCounts
    codeCounts = codes.map { max(1, Int($0.max() ?? 0) + 1) }
    rows = table.rows
  }

  private static func codes(of table: TrainingTable) -> [[Int32]] {
    zip(table.kinds, table.columns).map { kind, column in
      kind.isCategorical ? column.map { $0.isNaN ? -1 : Int32($0) } : []
    }
  }

  private static func borders(
    of columns: [Int], table: TrainingTable, configuration: ObliviousConfiguration, pool: ThreadPool
  ) throws(TernError) -> [[Float]] {
    let borders = Storage<Unmanaged<BorderBox>?>(columns.count, initial: nil)
    pool.parallelFor(count: columns.count) { item, _ in
      let distinct = DistinctValues(column: table.columns[columns[item]], rows: nil, weights: nil)
      let hasMissing = distinct.missing > 0
      let count = configuration.borderCount - (hasMissing && configuration.nanMode != .forbidden ? 1 : 0)
      var own = BorderSelection(distinct).borders(configuration.featureBorderType, count: count)
      if hasMissing, !distinct.values.isEmpty {
        // A border beyond all numbers tells missing values from the others.
        if configuration.nanMode == .max {
          own.append(.greatestFiniteMagnitude)
        } else {
          own.insert(-.greatestFiniteMagnitude, at: 0)
        }
      }
      borders.pointer[item] = Unmanaged.passRetained(BorderBox(borders: own, hasMissing: hasMissing))
    }
    let boxes = (0..<columns.count).compactMap { borders.pointer[$0]?.takeRetainedValue() }
    for (column, box) in zip(columns, boxes) where box.hasMissing && configuration.nanMode == .forbidden {
      throw TernError(
        .data, "a missing value is forbidden", key: table.featureNames[column], found: "NaN",
        expected: "nan_mode Min or Max")
    }
    return boxes.map(\.borders)
  }

  private static func fill(
    _ words: UnsafeMutablePointer<UInt64>, shift: UInt64, _ feature: Feature, column: [Float],
    codes: [Int32]
  ) {
    if feature.isEquality {
      let none = UInt64(feature.bins - 1)
      for (row, code) in codes.enumerated() { words[row] |= (code < 0 ? none : UInt64(code)) << shift }
      return
    }
    // x > border is x >= the next number.
    let cuts = FeatureBins(cuts: feature.borders.map(\.nextUp), hasMissing: false).paddedCuts
    let missing = feature.missingIsLow ? 0 : feature.bins - 1
    cuts.withUnsafeBufferPointer { cuts in
      column.withUnsafeBufferPointer { column in
        guard let cuts = cuts.baseAddress else { return }
        for row in 0..<column.count {
          let bin = FeatureBins.bin(column[row], paddedCuts: cuts, missingBin: missing)
          words[row] |= UInt64(bin) << shift
        }
      }
    }
  }

  /// Carries the borders of one column out of a parallel region.
  private final class BorderBox: Sendable {
    let borders: [Float]
    let hasMissing: Bool

    init(borders: [Float], hasMissing: Bool) {
      self.borders = borders
      self.hasMissing = hasMissing
    }
  }
}
