import Diagnostics
import Trees

extension ObliviousSession {
  /// Everything needed to go on after this round.
  func snapshot() -> BoostingSnapshot {
    var margins: [Double] = []
    for segment in segments {
      margins += UnsafeBufferPointer(start: segment.margins.pointer, count: segment.margins.count)
    }
    return .oblivious(
      ObliviousSnapshot(
        configuration: configuration, history: metrics.series, fingerprint: fingerprint, trees: trees,
        used: usedStatistics, margins: margins, validMargins: metrics.validMargins))
  }

  /// Takes an interrupted run up again.
  /// - Throws: `TernError` if the snapshot is one of another run.
  func restore(_ snapshot: BoostingSnapshot) throws(TernError) {
    let snapshot = try snapshot.state(for: configuration, as: ObliviousSnapshot.self)
    let isSameData =
      snapshot.fingerprint == fingerprint && snapshot.trees.allSatisfy(fits)
      && snapshot.used.allSatisfy { fits($0.projection) }
    try BoostingSnapshot.check(
      snapshot.margins, expected: segments.reduce(0) { $0 + $1.margins.count }, isSameData: isSameData)
    var offset = 0
    for segment in segments {
      for place in 0..<segment.margins.count {
        segment.margins.pointer[place] = snapshot.margins[offset + place]
      }
      offset += segment.margins.count
    }
    let isOver = try metrics.restore(
      snapshot.history, rounds: snapshot.round, validMargins: snapshot.validMargins)
    resume(trees: snapshot.trees, used: snapshot.used, isStopped: isOver)
  }

  /// The segments of all folds, those of the fold of the final leaf values last.
  private var segments: [FoldSegment] {
    (folds.filter { $0 !== averaging } + [averaging]).flatMap(\.segments)
  }

  /// Whether a stored tree could have been grown here, so that nothing reads beyond an array.
  private func fits(_ tree: ObliviousTree) -> Bool {
    let isSymmetric = configuration.growPolicy == .symmetricTree
    return (tree.structure.splitLeaves == nil) == isSymmetric
      && (!isSymmetric || tree.splits.count <= configuration.depth) && tree.leafCount <= 1 << 16
      && tree.counts.count == tree.leafCount
      && tree.weights.count == tree.leafCount && tree.values.count == loss.outputs * tree.leafCount
      && tree.values.allSatisfy(\.isFinite) && tree.splits.allSatisfy(fits)
  }

  private func fits(_ projection: CategoryProjection) -> Bool {
    !projection.columns.isEmpty && projection.columns.allSatisfy(dataset.statisticColumns.contains)
      && projection.tests.allSatisfy(fits)
  }

  private func fits(_ split: ObliviousSplit) -> Bool {
    switch split.source {
    case .feature(let number):
      guard dataset.features.indices.contains(number) else { return false }
      let feature = dataset.features[number]
      return split.isEquality == feature.isEquality && 0..<feature.bins - 1 ~= split.bin
    case .statistic(let statistic):
      let projection = statistic.projection
      return !split.isEquality && 0..<max(statistic.borders, 0) ~= split.bin && fits(projection)
        && catalogue.features(of: projection).contains(statistic)
    }
  }
}
