import Diagnostics
import Optimizers

/// The learning rate of each step, and its momentum where that is not the optimiser's own: a schedule over steps or epochs, or
/// one that answers to a metric.
public struct LearningRateControl: Sendable {
  private let schedule: LearningRateSchedule
  private let lr: Double
  private let plannedSteps: Int
  private let plannedEpochs: Int
  /// What the rate depends on besides steps and epochs, for a checkpoint; nil for schedules that answer to nothing.
  public private(set) var plateau: PlateauSchedule?

  /// A control for a training that is planned for so many steps and epochs.
  public init(
    _ schedule: LearningRateSchedule, lr: Double, plannedSteps: Int, plannedEpochs: Int, isHigherBetter: Bool
  ) {
    self.schedule = schedule
    self.lr = lr
    self.plannedSteps = plannedSteps
    self.plannedEpochs = plannedEpochs
    plateau =
      schedule.name == .plateau ? PlateauSchedule(schedule, lr: lr, isHigherBetter: isHigherBetter) : nil
  }

  /// The learning rate of the step after so many steps and whole epochs.
  public func learningRate(step: Int, epoch: Int) -> Double {
    if let plateau { return plateau.learningRate }
    return schedule.unit == .step
      ? schedule.learningRate(at: step, lr: lr, planned: plannedSteps)
      : schedule.learningRate(at: epoch, lr: lr, planned: plannedEpochs)
  }

  /// The momentum of that step; nil where it is the optimiser's own.
  public func momentum(step: Int, epoch: Int) -> Double? {
    schedule.unit == .step
      ? schedule.momentum(at: step, planned: plannedSteps)
      : schedule.momentum(at: epoch, planned: plannedEpochs)
  }

  /// Takes the metric of an epoch.
  public mutating func endEpoch(metric: Double) { plateau?.update(metric: metric) }

  /// Goes on from a checkpoint.
  /// - Throws: `TernError` of kind `data` when only one of both answers to a metric.
  public mutating func restore(plateau stored: PlateauSchedule?) throws(TernError) {
    guard (stored == nil) == (plateau == nil) else {
      throw TernError(.data, "the checkpoint has another learning rate schedule", key: "schedule")
    }
    plateau = stored
  }
}
