import Compute

/// Validation rows that are followed round by round.
struct FollowedRows {
  let table: TrainingTable
  /// The table, cut as the training rows are.
  let dataset: ObliviousDataset
  let fold: LearningFold
  /// Bins of the rows for each statistic that trees have used.
  var statistics: [StatisticFeature: Storage<UInt8>] = [:]

  var segment: FoldSegment { fold.segments[0] }

  /// Takes a table and the margins that its rows start from.
  init(_ table: TrainingTable, dataset: ObliviousDataset, base: [Double], start: [Double]?) {
    self.table = table
    self.dataset = dataset
    fold = LearningFold(
      rows: Array(0..<Int32(table.rows)), labels: table.labels, weights: table.weights, base: base,
      start: start, segments: [(table.rows, table.rows)])
  }
}
