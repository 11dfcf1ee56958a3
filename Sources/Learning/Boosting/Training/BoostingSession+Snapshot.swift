import Diagnostics
import Trees

extension BoostingSession {
  /// Everything needed to go on after this round.
  ///
  /// - Throws: `TernError(.configuration)` with dropout, whose weights of earlier trees a snapshot does not hold.
  func snapshot() throws(TernError) -> BoostingSnapshot {
    if dropout != nil {
      throw TernError(
        .configuration, "training with dropout cannot be interrupted", key: "boosting", found: "dart",
        expected: "gbdt")
    }
    return .nodewise(
      NodewiseSnapshot(
        round: round, configuration: configuration, forest: try forest(), margins: margins,
        validMargins: validMargins, history: train.series + (valid?.series ?? []),
        best: stopping.best.map { NodewiseSnapshot.Best(round: $0.round, score: $0.score) }))
  }

  /// Takes an interrupted run up again.
  /// - Throws: `TernError(.data)` if the snapshot is one of another run.
  mutating func restore(_ snapshot: BoostingSnapshot) throws(TernError) {
    let snapshot = try snapshot.state(for: configuration, as: NodewiseSnapshot.self)
    let isSameData =
      snapshot.validMargins.count == validMargins.count && snapshot.forest.header == header
      && snapshot.best.count == stopping.best.count
      && snapshot.forest.rounds
        == (initialRounds + snapshot.round) * configuration.growth.numParallelTree
    try BoostingSnapshot.check(snapshot.margins, expected: margins.count, isSameData: isSameData)
    round = snapshot.round
    nodes = snapshot.forest.nodeArrays
    margins = snapshot.margins
    validMargins = snapshot.validMargins
    train.restore(snapshot.history)
    valid?.restore(snapshot.history)
    stopping.best = snapshot.best.map { EarlyStopping.Best(round: $0.round, score: $0.score) }
    if stopping.hasStopped(round: round - 1) { markStopped() }
  }
}
