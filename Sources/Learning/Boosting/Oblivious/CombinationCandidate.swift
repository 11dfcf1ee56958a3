import Compute

/// The statistics of one combination of categories as candidates while a tree grows.
final class CombinationCandidate {
  let projection: CategoryProjection
  /// The projection and the column that it was put together from.
  let base: CategoryProjection
  let column: Int
  let layout: StatisticLayout
  let candidates: [CandidateBlock.Candidate]
  /// Number of combinations of values, known once the bins have been computed.
  var categories: CategoryIndex.Count?
  /// The bins if they are kept.
  var bins: StatisticBins?
  /// (partitions, outputs, leaves, bins) of sums, and the level that they are of.
  var histogram: Storage<SIMD2<Int64>>?
  var level = -1

  init(
    projection: CategoryProjection, base: CategoryProjection, column: Int, layout: StatisticLayout,
    features: [StatisticFeature]
  ) {
    self.projection = projection
    self.base = base
    self.column = column
    self.layout = layout
    candidates = features.map {
      CandidateBlock.Candidate(source: .statistic($0), bins: $0.borders + 1, isEquality: false)
    }
  }
}
