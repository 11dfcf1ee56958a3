import Diagnostics
import Fitting
import NetworkModels

/// What the training of a network is given beside data and configuration.
public struct NetworkTrainingOptions: Sendable {
  /// A model to go on from.
  public var initial: NetworkModel?
  /// Where an interrupted training was; everything else must be as it was then.
  public var snapshot: NetworkSnapshot?
  /// Told of every epoch, in order.
  public var observers: [any NetworkTrainingObserver] = []
  /// Asked before every step whether a person wants the end.
  public var shouldStop: @Sendable () -> Bool = { false }

  /// Nothing besides.
  public init() {}
}

/// Follows the training of a network.
public protocol NetworkTrainingObserver: Sendable {
  /// Called after every epoch.
  func epochEnded(_ epoch: NetworkEpoch) throws(TernError)
  /// Called when training stops before its end because a person asked for it.
  func stopped(_ snapshot: NetworkSnapshot) throws(TernError)
}

/// An epoch that has just ended, as observers see it.
public struct NetworkEpoch: Sendable {
  /// Which training it belongs to.
  public let stage: NetworkSnapshot.Stage
  /// What became of it.
  public let summary: EpochSummary
  /// Optimiser steps so far.
  public let step: Int
  /// Metrics of the validation rows; of pre-training the error of reconstruction, `loss`.
  public let metrics: [String: Double]
  /// Training rows a second; nil where no time has passed.
  public let rowsPerSecond: Double?
  /// Where training is now.
  public let snapshot: NetworkSnapshot
}
