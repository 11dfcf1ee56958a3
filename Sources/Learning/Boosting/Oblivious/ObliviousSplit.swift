/// One level of an oblivious tree: the same test for all leaves.
struct ObliviousSplit: Hashable, Sendable {
  /// What is tested.
  enum Source: Hashable, Sendable {
    /// A feature of the data set.
    case feature(Int)
    /// A target statistic.
    case statistic(StatisticFeature)
  }

  var source: Source
  /// Rows above this bin go right, or the rows of this bin if `isEquality`.
  var bin: Int
  var isEquality: Bool
}

/// Up to eight features whose splits are candidates for a level.
struct CandidateBlock {
  /// One feature of the block.
  struct Candidate {
    var source: ObliviousSplit.Source
    var bins: Int
    var isEquality: Bool
    /// Group of features that share the noise on their scores, nil if this one has its own.
    var noiseGroup: Int?

    /// Number of different tests; no test asks for the last bin of an equality, that of no known category.
    var splits: Int { bins - 1 }
  }

  let block: BinBlock
  let candidates: [Candidate]
}
