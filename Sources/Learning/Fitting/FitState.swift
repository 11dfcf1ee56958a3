import Boosting
import Layers
import Optimizers

/// Everything that the rest of a training depends on, besides data, configuration and seed: going on from it gives the same
/// bits as never having stopped.
public struct FitState: Sendable, Equatable {
  /// The numbers of a state that are no tensors.
  public struct Position: Codable, Sendable, Equatable {
    /// Epochs that are complete.
    public var epoch = 0
    /// Batches of the epoch that have begun which are done.
    public var batch = 0
    /// Optimiser steps made.
    public var step = 0
    /// Mean loss of the rows of the epoch that has begun.
    public var loss = RunningMean()
    /// The epoch with the best score, from zero, and that score; nil before the first.
    public var best: EarlyStopping.Best?
    /// Updates of the moving average.
    public var averageUpdates = 0
    /// The schedule that answers to the score, where there is one.
    public var plateau: PlateauSchedule?
    /// Learning rate of the latest step.
    public var learningRate = 0.0
    /// Mean training loss of each epoch.
    public var losses: [Double] = []
    /// Validation score of each epoch.
    public var scores: [Double] = []
    /// Learning rate at the end of each epoch.
    public var learningRates: [Double] = []

    /// The start.
    public init() {}
  }

  /// Where training is.
  public var position: Position
  /// All parameters, statistics included, as training has them now.
  public var weights: [ParameterValues]
  /// The optimiser's memory.
  public var optimizer: OptimizerState
  /// The moving average of all trainable parameters behind one another; empty without one.
  public var average: [Float]
  /// All parameters at the best score; empty before the first.
  public var best: [ParameterValues]

  /// Gathers the parts.
  public init(
    position: Position, weights: [ParameterValues], optimizer: OptimizerState, average: [Float],
    best: [ParameterValues]
  ) {
    self.position = position
    self.weights = weights
    self.optimizer = optimizer
    self.average = average
    self.best = best
  }
}
