import Backtest
import Decision
import Diagnostics
import Market
import Sessions

/// Decides what a script of signals says: for each candle its direction and confidence, NEUTRAL for any other.
final class ScriptedMaker: DecisionMaker {
  let rule: VerdictRule
  private let times: [Int64]
  private let signals: Backtest.Signals
  private let interval: Int64
  private var next = 0

  /// A script.
  /// - Parameters:
  ///   - times: start of each candle, strictly increasing.
  ///   - signals: one answer for each candle.
  init(times: [Int64], signals: Backtest.Signals, interval: Interval, rule: VerdictRule) {
    precondition(times.count == signals.direction.count, "one signal for each candle")
    self.times = times
    self.signals = signals
    self.interval = interval.milliseconds
    self.rule = rule
  }

  func observeFunding(time: Int64, rate: Double) {}

  func reset() {}

  func decide(_ candle: Candle, quote: Quote?) throws(TernError) -> Decision {
    while next < times.count, times[next] < candle.openTime { next += 1 }
    var decision = Decision(
      openTime: candle.openTime, closeTime: candle.openTime + interval, featureDigest: 0, reason: .neutral)
    guard next < times.count, times[next] == candle.openTime else { return decision }
    decision.direction = signals.direction[next]
    decision.confidence = signals.confidence[next]
    rule.judge(&decision)
    return decision
  }
}
