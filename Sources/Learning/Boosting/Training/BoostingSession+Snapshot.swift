import Diagnostics
import Trees

extension BoostingSession {
  /// Everything needed to go on after this round.
  func snapshot() throws(TernError) -> BoostingSnapshot {
    BoostingSnapshot(
      round: round, configuration: configuration, forest: try forest(), margins: margins,
      validMargins: validMargins, history: train.series + (valid?.series ?? []),
      best: stopping.best.map { BoostingSnapshot.Best(round: $0.round, score: $0.score) })
  }

  /// Takes an interrupted run up again.
  /// - Throws: `TernError(.data)` if the snapshot is one of another run.
  mutating func restore(_ snapshot: BoostingSnapshot) throws(TernError) {
    // The number of threads never changes the result, and rounds may be added.
    var theirs = snapshot.configuration
    theirs.threads = configuration.threads
    theirs.numBoostRound = configuration.numBoostRound
    guard theirs == configuration else {
      throw TernError(.configuration, "the interrupted training had other parameters")
    }
    let isSameData =
      snapshot.margins.count == margins.count && snapshot.validMargins.count == validMargins.count
      && snapshot.forest.header == header && snapshot.best.count == stopping.best.count
      && snapshot.forest.rounds == initialRounds + snapshot.round
    guard isSameData else {
      throw TernError(
        .data, "the interrupted training had other data", found: "\(snapshot.margins.count) margins",
        expected: "\(margins.count)")
    }
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
