import Compute
import Diagnostics
import Trees

/// What a training run is given beside data and hyper-parameters.
public struct BoostingOptions: Sendable {
  /// A loss of the caller's in the place of the configured objective.
  public var objective: (any CustomObjective)?
  /// Metrics of the caller's, computed after the configured ones.
  public var metrics: [any CustomMetric] = []
  /// A forest to go on from: its trees stay, `numBoostRound` more rounds are added.
  public var initialForest: Forest?
  /// Where an interrupted training was; everything else must be as it was then.
  public var snapshot: BoostingSnapshot?
  /// Told after every round, in order.
  public var callbacks: [any BoostingCallback] = []

  /// Nothing besides.
  public init() {}
}

/// Follows a training run and may end it.
public protocol BoostingCallback: Sendable {
  /// Called after every round.
  ///
  /// - Returns: Whether training goes on.
  /// - Throws: whatever shall end training with an error.
  func roundEnded(_ round: BoostingRound) throws(TernError) -> Bool
}

/// A round that has just ended, as callbacks see it.
public struct BoostingRound {
  /// Number of rounds done, those of an initial forest not counted.
  public let completed: Int
  /// Number of rounds at most.
  public let total: Int
  /// The metrics of this round.
  public let metrics: [BoostingResult.Series]
  /// Whether training ends with this round in any case.
  public let isLast: Bool
  let run: any BoostingRun

  /// Everything that training needs to go on from here.
  public func snapshot() throws(TernError) -> BoostingSnapshot { try run.snapshot() }

  /// The forest so far.
  public func forest() throws(TernError) -> Forest { try run.forest() }
}
