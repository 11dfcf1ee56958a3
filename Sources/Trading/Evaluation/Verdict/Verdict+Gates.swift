import Diagnostics

extension Verdict {
  static func judgeUnseen(_ evidence: VerdictEvidence) -> Reason {
    Reason(
      code: .unseenEvaluation, passed: evidence.isUnseen,
      sentence: evidence.isUnseen
        ? "All numbers come from rows that nothing was trained, calibrated or selected on."
        : "The numbers come from rows that were used to build the model, so they prove nothing.",
      measured: nil, limit: nil)
  }

  static func judgeCount(_ code: Code, _ count: Int, _ limit: Int, _ noun: String) -> Reason {
    let things = "\(count) \(noun)\(count == 1 ? "" : "s")"
    let verb = count == 1 ? "is" : "are"
    let isEnough = count >= limit
    return Reason(
      code: code, passed: isEnough,
      sentence: isEnough
        ? "There \(verb) \(things), at least the \(limit) required."
        : "There \(verb) only \(things), fewer than the \(limit) required.",
      measured: Double(count), limit: Double(limit))
  }

  static func judgeDiscrimination(_ auc: ConfidenceInterval?, _ limit: Double) -> Reason {
    guard let auc else { return unmeasured(.discrimination, "The AUC and its interval", limit) }
    let isAbove = auc.lower > limit
    let places = NumberText.places(telling: auc.lower, from: limit, atLeast: 3)
    let numbers = "AUC \(fixed(auc.estimate, places)), \(interval(auc) { fixed($0, places) })"
    return Reason(
      code: .discrimination, passed: isAbove,
      sentence: isAbove
        ? "The model ranks better than chance: \(numbers) lies above \(fixed(limit, places))."
        : "No better than chance can be claimed: \(numbers) is not wholly above \(fixed(limit, places)).",
      measured: auc.lower, limit: limit)
  }

  static func judgeExpectancy(_ value: ConfidenceInterval?, _ limit: Double, _ byLowerBound: Bool) -> Reason {
    guard let value else { return unmeasured(.netExpectancy, "The net expectancy per trade", limit) }
    let judged = byLowerBound ? value.lower : value.estimate
    let isAbove = judged > limit
    let places = NumberText.places(telling: judged * 100, from: limit * 100, atLeast: 3)
    let numbers = "\(percent(value.estimate, places)) per trade, \(interval(value) { percent($0, places) })"
    let asked = byLowerBound ? "whole interval" : "estimate"
    return Reason(
      code: .netExpectancy, passed: isAbove,
      sentence: isAbove
        ? "Trades earn more than they cost: \(numbers); the \(asked) is above \(percent(limit, places))."
        : "No profit after costs can be claimed: \(numbers); the \(asked) is not above \(percent(limit, places)).",
      measured: judged, limit: limit)
  }

  static func judgeConfidentRows(_ slice: ConfidentSlice?, _ limit: Int) -> Reason {
    guard let slice else {
      return unmeasured(.confidentRows, "The rows above the decision threshold", Double(limit))
    }
    let isEnough = slice.count >= limit
    let rows = slice.count == 1 ? "1 row reaches" : "\(slice.count) rows reach"
    return Reason(
      code: .confidentRows, passed: isEnough,
      sentence: isEnough
        ? "\(rows) the decision threshold of \(threshold(slice)), at least the \(limit) required."
        : "Only \(rows) the decision threshold of \(threshold(slice)), fewer than the \(limit) required.",
      measured: Double(slice.count), limit: Double(limit))
  }

  static func judgeCalibration(_ slice: ConfidentSlice?, _ limit: Double) -> Reason {
    guard let slice, let gap = slice.gap, let confidence = slice.meanConfidence, let rate = slice.hitRate
    else {
      return unmeasured(.calibration, "The calibration above the decision threshold", limit)
    }
    let isWithin = abs(gap) <= limit
    let numbers =
      "at ≥ \(threshold(slice)) confidence it says \(percent(confidence, 1)) and is right \(percent(rate, 1)) of the time"
    let direction = gap > 0 ? "overconfident" : "underconfident"
    return Reason(
      code: .calibration, passed: isWithin,
      sentence: isWithin
        ? "Confidence means what it says: \(numbers), a gap within \(percent(limit, 1))."
        : "The model is \(direction) where it decides: \(numbers), a gap beyond \(percent(limit, 1)).",
      measured: abs(gap), limit: limit)
  }

  static func judgeDrawdown(_ drawdown: Double?, _ limit: Double) -> Reason {
    guard let drawdown else { return unmeasured(.drawdown, "The maximum drawdown", limit) }
    let isWithin = drawdown <= limit
    let places = NumberText.places(telling: drawdown * 100, from: limit * 100, atLeast: 2)
    return Reason(
      code: .drawdown, passed: isWithin,
      sentence:
        "The maximum drawdown of \(percent(drawdown, places)) \(isWithin ? "stays within" : "exceeds") the limit of "
        + "\(percent(limit, places)).",
      measured: drawdown, limit: limit)
  }

  static func judgeRandomEntry(_ p: Double?, _ limit: Double) -> Reason {
    guard let p else { return unmeasured(.randomEntry, "The comparison with random entries", limit) }
    let isBelow = p <= limit
    let places = NumberText.places(telling: p * 100, from: limit * 100, atLeast: 1)
    let numbers = "\(percent(p, places)) of tries (limit \(percent(limit, places)))."
    return Reason(
      code: .randomEntry, passed: isBelow,
      sentence: isBelow
        ? "Random entries with the same exits do as well in only \(numbers)"
        : "Random entries with the same exits do as well in \(numbers)",
      measured: p, limit: limit)
  }

  static func judgeDeflated(_ value: Double?, _ limit: Double) -> Reason {
    guard let value else { return unmeasured(.deflatedSharpe, "The deflated Sharpe ratio", limit) }
    let isAbove = value >= limit
    let places = NumberText.places(telling: value * 100, from: limit * 100, atLeast: 1)
    return Reason(
      code: .deflatedSharpe, passed: isAbove,
      sentence: "The Sharpe ratio beats the luck of all trials with probability \(percent(value, places)), "
        + "\(isAbove ? "at least" : "below") the \(percent(limit, places)) required.",
      measured: value, limit: limit)
  }

  static func judgeProfitableFolds(_ share: Double?, _ limit: Double) -> Reason {
    guard let share else { return unmeasured(.profitableFolds, "The share of profitable folds", limit) }
    let isEnough = share >= limit
    let places = NumberText.places(telling: share * 100, from: limit * 100, atLeast: 0)
    return Reason(
      code: .profitableFolds, passed: isEnough,
      sentence: "\(percent(share, places)) of the folds made money after costs, "
        + "\(isEnough ? "at least" : "below") the \(percent(limit, places)) required.",
      measured: share, limit: limit)
  }

  private static func unmeasured(_ code: Code, _ subject: String, _ limit: Double) -> Reason {
    Reason(
      code: code, passed: false,
      sentence: "\(subject) could not be measured, and what is not measured has not passed.", measured: nil,
      limit: limit)
  }

  private static func interval(_ value: ConfidenceInterval, _ text: (Double) -> String) -> String {
    "\(percent(value.level, 0)) interval \(text(value.lower)) to \(text(value.upper))"
  }

  private static func threshold(_ slice: ConfidentSlice) -> String {
    let whole = (slice.threshold * 100).rounded() / 100
    return percent(
      slice.threshold, NumberText.places(telling: slice.threshold * 100, from: whole * 100, atLeast: 0))
  }

  private static func fixed(_ value: Double, _ places: Int) -> String {
    NumberText.prose.fixed(value, places: places)
  }
  private static func percent(_ value: Double, _ places: Int) -> String {
    NumberText.prose.percent(value, places: places)
  }
}
