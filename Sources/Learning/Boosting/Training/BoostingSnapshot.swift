/// The state of a training run between two rounds: what an interrupted run needs to go on to the same model, bit by bit.
public enum BoostingSnapshot: Sendable, Equatable {
  /// Of trees that are grown node by node.
  case nodewise(NodewiseSnapshot)
  /// Of trees after CatBoost.
  case oblivious(ObliviousSnapshot)

  /// Rounds done, those of an initial forest not counted.
  public var round: Int {
    switch self {
    case .nodewise(let snapshot): snapshot.round
    case .oblivious(let snapshot): snapshot.round
    }
  }
}
