import Compute
import Diagnostics

/// A table whose features are replaced by bin numbers; several trainings may share one.
///
/// Bins are made from the rows of the dataset and of no others, so a dataset of the training rows of a fold leaks
/// nothing of its test rows.
public final class BinnedDataset: Sendable {
  /// Features whose bins lie together, one byte each, in one 64-bit word of a row.
  static let blockFeatures = 8

  /// One name per feature.
  public let featureNames: [String]
  /// The bins of each feature.
  public let bins: [FeatureBins]
  /// (rows); regression target, 0 or 1, or class number.
  public let labels: [Float]
  /// (rows), or nil.
  public let weights: [Float]?
  /// Query number of each row, or nil.
  public let queries: [Int32]?
  /// Row-major (rows, outputs) of margins that rows start from, or nil.
  public let baseMargins: [Float]?
  /// Number of rows.
  public let rows: Int
  /// Number of words a row takes.
  var blocks: Int { layout.blocks.count }
  /// Which byte holds which features.
  let layout: FeatureLayout
  /// (blocks, rows): eight byte columns a word, the first in the lowest byte.
  let words: Storage<UInt64>

  /// (features)(rows) of the values themselves where linear leaves or cuts made anew need them, else empty.
  let values: [[Float]]
  /// What the numbers of each column mean.
  let kinds: [ColumnKind]

  /// Number of features.
  public var features: Int { bins.count }

  /// Bins the given rows of a table.
  ///
  /// - Parameters:
  ///   - table: features, labels and weights.
  ///   - rows: row numbers to take, in the order wanted; nil takes all.
  ///   - configuration: style, `maxBin`, `minDataInBin`, `binConstructSampleCount` and seed are used.
  ///   - pool: the threads to use.
  /// - Throws: `TernError(.data)` if the table is malformed or a row number does not exist.
  public init(
    table: TrainingTable, rows selection: [Int32]? = nil, configuration: BoostingConfiguration,
    pool: ThreadPool
  ) throws(TernError) {
    try table.validate()
    if let selection {
      guard !selection.isEmpty else { throw TernError(.data, "no rows are selected") }
      if let wrong = selection.first(where: { $0 < 0 || Int($0) >= table.rows }) {
        throw TernError(
          .data, "a selected row does not exist", found: "\(wrong)", expected: "0 ..< \(table.rows)")
      }
    }
    let rows = selection?.count ?? table.rows
    let bins = BinFinder.bins(table: table, rows: selection, configuration: configuration, pool: pool)
    let layout =
      configuration.growth.enableBundle
      ? FeatureLayout.bundled(bins: bins, rows: rows, pool: pool) { feature in
        BinnedDataset.reader(bins[feature], column: table.columns[feature], selection: selection)
      } : FeatureLayout(features: table.features)
    let words = Storage<UInt64>(layout.blocks.count * rows, initial: 0)
    pool.parallelFor(count: layout.blocks.count) { block, _ in
      BinnedDataset.fill(
        layout.features(ofBlock: block), into: words.pointer + block * rows, table: table,
        selection: selection, rows: rows, bins: bins, layout: layout)
    }
    featureNames = table.featureNames
    kinds = table.kinds
    if !configuration.growth.needsValues {
      values = []
    } else if let selection {
      values = table.columns.map { column in selection.map { column[Int($0)] } }
    } else {
      values = table.columns
    }
    self.bins = bins
    self.rows = rows
    self.layout = layout
    self.words = words
    if let selection {
      labels = selection.map { table.labels[Int($0)] }
      weights = table.weights.map { all in selection.map { all[Int($0)] } }
      queries = table.queries.map { all in selection.map { all[Int($0)] } }
      baseMargins = table.selectingBaseMargins(selection)
    } else {
      labels = table.labels
      weights = table.weights
      queries = table.queries
      baseMargins = table.baseMargins
    }
    if let weights, !weights.contains(where: { $0 > 0 }) {
      throw TernError(.data, "all weights of the selected rows are zero", key: "weight")
    }
  }

  /// Bins a table that has been checked with bins of its own.
  init(table: TrainingTable, bins: [FeatureBins], pool: ThreadPool) {
    featureNames = table.featureNames
    kinds = table.kinds
    values = table.columns
    self.bins = bins
    rows = table.rows
    let layout = FeatureLayout(features: table.features)
    let words = Storage<UInt64>(layout.blocks.count * table.rows, initial: 0)
    pool.parallelFor(count: layout.blocks.count) { block, _ in
      BinnedDataset.fill(
        layout.features(ofBlock: block), into: words.pointer + block * table.rows, table: table,
        selection: nil, rows: table.rows, bins: bins, layout: layout)
    }
    self.layout = layout
    self.words = words
    labels = table.labels
    weights = table.weights
    queries = nil
    baseMargins = nil
  }

  /// The bin of a feature in each row.
  private static func reader(
    _ own: FeatureBins, column: [Float], selection: [Int32]?
  ) -> (Int) -> Int {
    if own.isCategorical {
      let table = own.categoryTable()
      return { i in
        let x = column[selection.map { Int($0[i]) } ?? i]
        if x.isNaN { return Int(table.missing) }
        return Int(x >= 0 && Int(x) < table.bins.count ? table.bins[Int(x)] : table.other)
      }
    }
    let cuts = own.paddedCuts
    let missingBin = own.hasMissing ? own.bins - 1 : 0
    return { i in
      cuts.withUnsafeBufferPointer { cuts in
        guard let base = cuts.baseAddress else { return 0 }
        let x = column[selection.map { Int($0[i]) } ?? i]
        return FeatureBins.bin(x, paddedCuts: base, missingBin: missingBin)
      }
    }
  }

  private static func fill(
    _ features: [Int], into target: UnsafeMutablePointer<UInt64>, table: TrainingTable, selection: [Int32]?,
    rows: Int, bins: [FeatureBins], layout: FeatureLayout
  ) {
    for feature in features {
      let place = layout.places[feature]
      let shift = place.shift
      let own = bins[feature]
      if place.isBundled {
        let bin = reader(own, column: table.columns[feature], selection: selection)
        for row in 0..<rows {
          let bin = bin(row)
          if bin != place.frequentBin { target[row] |= UInt64(place.code(ofBin: bin)) << shift }
        }
        continue
      }
      if own.isCategorical {
        let bin = reader(own, column: table.columns[feature], selection: selection)
        for row in 0..<rows { target[row] |= UInt64(bin(row)) << shift }
        continue
      }
      // Bins from a sample of rows always know of missing values, so this bin exists wherever it is used.
      let missingBin = own.hasMissing ? own.bins - 1 : 0
      let cuts = own.paddedCuts
      cuts.withUnsafeBufferPointer { cuts in
        table.columns[feature].withUnsafeBufferPointer { column in
          guard let values = column.baseAddress, let base = cuts.baseAddress else { return }
          if let selection {
            selection.withUnsafeBufferPointer { chosen in
              for i in 0..<rows {
                let x = values[Int(chosen[i])]
                let bin = FeatureBins.bin(x, paddedCuts: base, missingBin: missingBin)
                target[i] |= UInt64(bin) << shift
              }
            }
          } else {
            for i in 0..<rows {
              let bin = FeatureBins.bin(values[i], paddedCuts: base, missingBin: missingBin)
              target[i] |= UInt64(bin) << shift
            }
          }
        }
      }
    }
  }
}
