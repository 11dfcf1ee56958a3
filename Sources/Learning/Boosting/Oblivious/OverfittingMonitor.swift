import Glibc

/// Remembers the best value of the metric and says when training has begun to overfit.
struct OverfittingMonitor {
  private let configuration: ObliviousConfiguration
  private let isHigherBetter: Bool
  /// Round, from zero, of the best value.
  private(set) var bestRound = 0
  /// The best value.
  private(set) var bestScore = Double.nan
  /// Largest score so far, discounted largest rise that began before now, as larger-is-better scores.
  private var largest = -Double.infinity
  private var lowest = Double.infinity
  private var rise = 0.0

  init(configuration: ObliviousConfiguration, isHigherBetter: Bool) {
    self.configuration = configuration
    self.isHigherBetter = isHigherBetter
  }

  /// Takes the value of a round; true if training should stop.
  ///
  /// IncToDec stops when exp(-½ / x) < `od_pval`, x being the greatest rise of the score so far, each discounted by
  /// 0.99 a round since it began, over how far the score is below its best.
  mutating func shouldStop(round: Int, score value: Double) -> Bool {
    if bestScore.isNaN || (isHigherBetter ? value > bestScore : value < bestScore) {
      bestScore = value
      bestRound = round
    }
    let isOver = round - bestRound >= configuration.odWait
    if configuration.odType == .iter { return isOver }
    let score = isHigherBetter ? value : -value
    rise *= 0.99
    lowest = min(lowest, score)
    rise = max(rise, score - lowest)
    largest = max(largest, score)
    guard configuration.odPval > 0, largest > score else { return false }
    return isOver && exp(-0.5 / (rise / (largest - score))) < configuration.odPval
  }
}
