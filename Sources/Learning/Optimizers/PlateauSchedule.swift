/// Lowers the learning rate when a metric stands still (PyTorch's `ReduceLROnPlateau`, relative threshold).
///
/// Its whole memory is in it, so it goes into a checkpoint as it is.
public struct PlateauSchedule: Codable, Sendable, Equatable {
  /// The learning rate now.
  public private(set) var learningRate: Double

  private let schedule: LearningRateSchedule
  private let isHigherBetter: Bool
  private var best: Double?
  private var standing = 0
  private var cooling = 0

  /// Begins at a learning rate.
  public init(_ schedule: LearningRateSchedule, lr: Double, isHigherBetter: Bool) {
    precondition(schedule.name == .plateau, "the schedule has another shape")
    self.schedule = schedule
    self.isHigherBetter = isHigherBetter
    learningRate = lr
  }

  /// Takes an epoch's metric; a value that is not a number counts as no improvement.
  public mutating func update(metric: Double) {
    if isBetter(metric) {
      best = metric
      standing = 0
    } else {
      standing += 1
    }
    if cooling > 0 {
      cooling -= 1
      standing = 0
    }
    guard standing > schedule.patience else { return }
    cooling = schedule.cooldown
    standing = 0
    let lower = max(learningRate * schedule.factor, schedule.minLr)
    // Smaller changes would only cost a line in the log.
    if learningRate - lower > 1e-8 { learningRate = lower }
  }

  private func isBetter(_ metric: Double) -> Bool {
    guard let best else { return !metric.isNaN }
    return isHigherBetter
      ? metric > best * (1 + schedule.threshold) : metric < best * (1 - schedule.threshold)
  }
}
