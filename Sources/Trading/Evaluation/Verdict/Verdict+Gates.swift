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
    let isEnough = count >= limit
    return Reason(
      code: code, passed: isEnough,
      sentence: isEnough
        ? "There are \(things), at least the \(limit) required."
        : "There are only \(things), fewer than the \(limit) required.",
      measured: Double(count), limit: Double(limit))
  }

  static func judgeDiscrimination(_ auc: ConfidenceInterval?, _ limit: Double) -> Reason {
    guard let auc else { return unmeasured(.discrimination, "The AUC and its interval", limit) }
    let isAbove = auc.lower > limit
    let numbers = "AUC \(fixed(auc.estimate, 3)), \(interval(auc) { fixed($0, 3) })"
    return Reason(
      code: .discrimination, passed: isAbove,
      sentence: isAbove
        ? "The model ranks better than chance: \(numbers) lies above \(fixed(limit, 3))."
        : "No better than chance can be claimed: \(numbers) is not wholly above \(fixed(limit, 3)).",
      measured: auc.lower, limit: limit)
  }

  static func judgeExpectancy(_ value: ConfidenceInterval?, _ limit: Double, _ byLowerBound: Bool) -> Reason {
    guard let value else { return unmeasured(.netExpectancy, "The net expectancy per trade", limit) }
    let judged = byLowerBound ? value.lower : value.estimate
    let isAbove = judged > limit
    let numbers = "\(percent(value.estimate, 3)) per trade, \(interval(value) { percent($0, 3) })"
    let asked = byLowerBound ? "whole interval" : "estimate"
    return Reason(
      code: .netExpectancy, passed: isAbove,
      sentence: isAbove
        ? "Trades earn more than they cost: \(numbers); the \(asked) is above \(percent(limit, 3))."
        : "No profit after costs can be claimed: \(numbers); the \(asked) is not above \(percent(limit, 3)).",
      measured: judged, limit: limit)
  }

  static func judgeConfidentRows(_ slice: ConfidentSlice?, _ limit: Int) -> Reason {
    guard let slice else { return unmeasured(.confidentRows, "The rows above the decision threshold", Double(limit)) }
    let isEnough = slice.count >= limit
    let rows = "\(slice.count) row\(slice.count == 1 ? "" : "s")"
    return Reason(
      code: .confidentRows, passed: isEnough,
      sentence: isEnough
        ? "\(rows) reach the decision threshold of \(percent(slice.threshold, 0)), at least the \(limit) required."
        : "Only \(rows) reach the decision threshold of \(percent(slice.threshold, 0)), fewer than the \(limit) required.",
      measured: Double(slice.count), limit: Double(limit))
  }

  static func judgeCalibration(_ slice: ConfidentSlice?, _ limit: Double) -> Reason {
    guard let slice, let gap = slice.gap, let confidence = slice.meanConfidence, let rate = slice.hitRate else {
      return unmeasured(.calibration, "The calibration above the decision threshold", limit)
    }
    let isWithin = abs(gap) <= limit
    let numbers =
      "at ≥ \(percent(slice.threshold, 0)) confidence it says \(percent(confidence, 1)) and is right \(percent(rate, 1)) of the time"
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
    return Reason(
      code: .drawdown, passed: isWithin,
      sentence: "The maximum drawdown of \(percent(drawdown, 2)) \(isWithin ? "stays within" : "exceeds") the limit of "
        + "\(percent(limit, 2)).",
      measured: drawdown, limit: limit)
  }

  static func judgeRandomEntry(_ p: Double?, _ limit: Double) -> Reason {
    guard let p else { return unmeasured(.randomEntry, "The comparison with random entries", limit) }
    let isBelow = p <= limit
    return Reason(
      code: .randomEntry, passed: isBelow,
      sentence: isBelow
        ? "Random entries with the same exits do as well in only \(percent(p, 1)) of tries (limit \(percent(limit, 1)))."
        : "Random entries with the same exits do as well in \(percent(p, 1)) of tries (limit \(percent(limit, 1))).",
      measured: p, limit: limit)
  }

  static func judgeDeflated(_ value: Double?, _ limit: Double) -> Reason {
    guard let value else { return unmeasured(.deflatedSharpe, "The deflated Sharpe ratio", limit) }
    let isAbove = value >= limit
    return Reason(
      code: .deflatedSharpe, passed: isAbove,
      sentence: "The Sharpe ratio beats the luck of all trials with probability \(percent(value, 1)), "
        + "\(isAbove ? "at least" : "below") the \(percent(limit, 1)) required.",
      measured: value, limit: limit)
  }

  static func judgeProfitableFolds(_ share: Double?, _ limit: Double) -> Reason {
    guard let share else { return unmeasured(.profitableFolds, "The share of profitable folds", limit) }
    let isEnough = share >= limit
    return Reason(
      code: .profitableFolds, passed: isEnough,
      sentence: "\(percent(share, 0)) of the folds made money after costs, "
        + "\(isEnough ? "at least" : "below") the \(percent(limit, 0)) required.",
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

  private static func fixed(_ value: Double, _ digits: Int) -> String { FixedPoint.text(value, digits: digits) }
  private static func percent(_ value: Double, _ digits: Int) -> String {
    FixedPoint.text(value * 100, digits: digits) + " %"
  }
}
