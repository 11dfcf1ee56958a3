import Compute
import Diagnostics

/// How much worse a model predicts when one column's values are dealt out anew among the rows (Breiman, "Random
/// Forests", 2001, section 10).
public struct PermutationImportance: Sendable, Equatable {
  /// One feature's losses.
  public struct Feature: Sendable, Equatable {
    /// Place of the column.
    public let feature: Int
    /// What each repeat lost: positive where the shuffled column makes the metric worse.
    public let losses: [Double]

    /// Mean loss.
    public var mean: Double { losses.reduce(0, +) / Double(max(losses.count, 1)) }
    /// Standard deviation of the losses over the repeats, 0 for one repeat.
    public var deviation: Double {
      guard losses.count > 1 else { return 0 }
      let mean = mean
      let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(losses.count - 1)).squareRoot()
    }
  }

  /// The metric on the untouched table.
  public let baseline: Double
  /// One entry per column, in column order.
  public let features: [Feature]

  /// Shuffles each column in turn; a repeat's shuffle depends on the seed, the column and the repeat only.
  ///
  /// - Parameters:
  ///   - columns: (feature, row).
  ///   - repeats: shuffles of each column.
  ///   - isLargerBetter: whether a larger metric is a better one.
  ///   - metric: of predictions, row-major (row, output).
  /// - Throws: `TernError(.configuration)` for no repeats, and what model and metric throw.
  public init(
    _ model: TablePredictor, columns: [[Float]], repeats: Int = 5, seed: UInt64, isLargerBetter: Bool,
    progress: some ProgressReporting = SilentProgress(), metric: ([Double]) throws(TernError) -> Double
  ) throws(TernError) {
    guard repeats > 0 else {
      throw TernError(
        .configuration, "needs a shuffle", key: "repeats", found: "\(repeats)", expected: "1 or more")
    }
    let baseline = try metric(try model(columns))
    var features: [Feature] = []
    var table = columns
    for feature in columns.indices {
      var losses: [Double] = []
      for index in 0..<repeats {
        var random = Philox(seed: seed, stream: UInt64(feature) << 32 | UInt64(index))
        table[feature] = columns[feature]
        random.shuffle(&table[feature])
        let shuffled = try metric(try model(table))
        losses.append(isLargerBetter ? baseline - shuffled : shuffled - baseline)
      }
      table[feature] = columns[feature]
      features.append(Feature(feature: feature, losses: losses))
      progress.update(phase: "permute", completed: feature + 1, total: columns.count, remark: "")
    }
    self.baseline = baseline
    self.features = features
  }
}
