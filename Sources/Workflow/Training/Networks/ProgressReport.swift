import Diagnostics
import Fitting

/// Puts where the training of a network is into the line of a progress bar.
struct ProgressReport {
  private let phase: String
  private let rows: Int
  private let maxEpochs: Int
  private let metric: String?
  private let progress: any ProgressReporting
  private var throughput = Throughput()
  private var position = (epoch: 0, batch: 0)
  private var score = ""

  init(
    _ stage: NetworkSnapshot.Stage, rows: Int, maxEpochs: Int, metric: String?,
    to progress: any ProgressReporting
  ) {
    phase = stage.rawValue
    self.rows = rows
    self.maxEpochs = maxEpochs
    self.metric = metric
    self.progress = progress
  }

  /// Training rows a second; nil where no time has passed.
  var rowsPerSecond: Double? { throughput.perSecond }

  /// Takes the end of a step.
  mutating func stepEnded(_ epoch: Int, _ batch: Int, _ batches: Int, _ loss: Double) {
    let before = position.epoch == epoch ? position.batch : 0
    throughput.advance(by: (batch - before) * rows / max(batches, 1))
    position = (epoch, batch)
    progress.update(
      phase: phase, completed: epoch * batches + batch, total: maxEpochs * batches,
      remark: "epoch \(epoch + 1)  loss \(text(loss))\(score)  \(throughput.text(unit: "rows"))")
  }

  /// Takes the end of an epoch.
  mutating func epochEnded(_ summary: EpochSummary) {
    guard let metric, let value = summary.score else { return }
    score = "  \(metric) \(text(value))" + (summary.isBest ? " (best)" : "")
  }

  /// Takes the bar away.
  func ended() { progress.update(phase: phase, completed: 1, total: 1, remark: "") }

  private func text(_ value: Double) -> String {
    value.isFinite && abs(value) < 1e6 ? "\((value * 1e4).rounded() / 1e4)" : "\(value)"
  }
}
