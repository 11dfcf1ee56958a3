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
  let blocks: Int
  /// (blocks, rows): bins of features 8b ... 8b+7, the lowest feature in the lowest byte.
  let words: Storage<UInt64>

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
    let blocks = (table.features + BinnedDataset.blockFeatures - 1) / BinnedDataset.blockFeatures
    let words = Storage<UInt64>(blocks * rows, initial: 0)
    pool.parallelFor(count: blocks) { block, _ in
      BinnedDataset.fill(
        block: block, into: words.pointer + block * rows, table: table, selection: selection, rows: rows,
        bins: bins)
    }
    featureNames = table.featureNames
    self.bins = bins
    self.rows = rows
    self.blocks = blocks
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

  private static func fill(
    block: Int, into target: UnsafeMutablePointer<UInt64>, table: TrainingTable, selection: [Int32]?,
    rows: Int,
    bins: [FeatureBins]
  ) {
    let first = block * blockFeatures
    for feature in first..<min(first + blockFeatures, table.features) {
      let shift = UInt64(8 * (feature - first))
      let own = bins[feature]
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
