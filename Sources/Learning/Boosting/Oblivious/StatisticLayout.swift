/// How the statistics of a projection stand in blocks, and what they are computed from; the same for all combinations.
struct StatisticLayout: Sendable {
  /// What a statistic's numerator is.
  enum Numerator: Hashable, Sendable {
    /// Rows whose target class is above a border.
    case above(Int)
    /// Rows of a target class.
    case of(Int)
    /// Σ target class over the greatest one.
    case mean

    init?(_ kind: StatisticFeature.Kind) {
      switch kind {
      case .borders(let target): self = .above(target)
      case .buckets(let target): self = .of(target)
      case .mean: self = .mean
      case .counter: return nil
      }
    }
  }

  /// Statistics that count the same classes of the target.
  struct Group: Sendable {
    /// Which classes.
    var classes: Int
    var numerators: [Numerator] = []
    /// Features with the places of their numerators.
    var features: [(number: Int, numerator: Int)] = []
  }

  /// (features).
  let binnings: [StatisticFeature.Binning]
  private(set) var groups: [Group] = []
  /// Features that count rows alone.
  private(set) var counters: [Int] = []
  /// Whether all features have few enough bins for a `NarrowBlock`.
  let isNarrow: Bool

  /// Number of blocks.
  var blocks: Int { (binnings.count + width - 1) / width }
  /// Features of a block.
  var width: Int { BinBlock.width(isNarrow: isNarrow) }

  /// The layout of the features of one projection.
  init(_ features: [StatisticFeature]) {
    binnings = features.map(\.binning)
    isNarrow = features.allSatisfy { $0.borders < NarrowBlock.bins }
    for (number, feature) in features.enumerated() {
      guard let numerator = Numerator(feature.kind) else {
        counters.append(number)
        continue
      }
      let group = groups.firstIndex { $0.classes == feature.classes } ?? groups.count
      if group == groups.count { groups.append(Group(classes: feature.classes)) }
      var place = groups[group].numerators.firstIndex(of: numerator) ?? -1
      if place < 0 {
        place = groups[group].numerators.count
        groups[group].numerators.append(numerator)
      }
      groups[group].features.append((number, place))
    }
  }
}
