import Diagnostics

@testable import Boosting

/// Keeps the snapshot after one round of a training.
final class SnapshotKeeper: BoostingCallback {
  private let round: Int
  nonisolated(unsafe) private(set) var snapshot: BoostingSnapshot?

  init(round: Int) { self.round = round }

  func roundEnded(_ round: BoostingRound) throws(TernError) -> Bool {
    if round.completed == self.round { snapshot = try round.snapshot() }
    return true
  }
}

extension BoostingSnapshot {
  /// The snapshot as it comes back from the arrays that a file keeps.
  func stored() throws -> BoostingSnapshot {
    guard case .oblivious(let own) = self else { return self }
    let tensors = Dictionary(
      uniqueKeysWithValues: (own.treeTensors() + own.stateTensors()).map { ($0.name, $0.values) })
    return .oblivious(
      try ObliviousSnapshot(
        configuration: own.configuration, history: own.history, fingerprint: own.fingerprint,
        tensors: tensors))
  }
}
