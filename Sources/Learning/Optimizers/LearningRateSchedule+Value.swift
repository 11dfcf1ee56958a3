import Diagnostics
import Glibc

extension LearningRateSchedule {
  /// The learning rate at a count.
  /// - Parameters:
  ///   - count: steps or epochs that are done.
  ///   - lr: the configured learning rate; of one-cycle the highest.
  ///   - planned: how many steps or epochs the training is planned for, the warm-up included.
  public func learningRate(at count: Int, lr: Double, planned: Int) -> Double {
    if count < warmup {
      return lr * (warmupStartFactor + (1 - warmupStartFactor) * Double(count) / Double(warmup))
    }
    let done = count - warmup
    let length = length(planned: planned)
    switch name {
    case .constant, .plateau: return lr
    case .cosine:
      let share = Double(min(done, length)) / Double(length)
      return minLr + (lr - minLr) * (1 + cos(.pi * share)) / 2
    case .oneCycle:
      let (start, place) = (lr / divFactor, cycle(done, length: length))
      return place.isRising
        ? LearningRateSchedule.between(start, lr, place.share)
        : LearningRateSchedule.between(lr, start / finalDivFactor, place.share)
    case .step: return lr * pow(gamma, Double(done / stepSize))
    }
  }

  /// Whether momentum follows the schedule.
  public var cyclesMomentum: Bool { name == .oneCycle && cycleMomentum }

  /// The momentum at a count; nil where it is the optimiser's own.
  /// - Parameters:
  ///   - count: steps or epochs that are done.
  ///   - planned: how many steps or epochs the training is planned for, the warm-up included.
  public func momentum(at count: Int, planned: Int) -> Double? {
    guard cyclesMomentum else { return nil }
    if count < warmup { return maxMomentum }
    let place = cycle(count - warmup, length: length(planned: planned))
    return place.isRising
      ? LearningRateSchedule.between(maxMomentum, baseMomentum, place.share)
      : LearningRateSchedule.between(baseMomentum, maxMomentum, place.share)
  }

  /// What is counted behind the warm-up.
  private func length(planned: Int) -> Int { total > 0 ? total : max(planned - warmup, 1) }

  /// The share of the way to one-cycle's top, or of the way from there to its end.
  ///
  /// The last point of the cycle is `length` - 1, and the top lies one before a share of `pct_start`, as in PyTorch.
  private func cycle(_ done: Int, length: Int) -> (isRising: Bool, share: Double) {
    let top = pctStart * Double(length) - 1
    let position = Double(min(done, length - 1))
    if position <= top { return (true, top > 0 ? position / top : 1) }
    let fall = Double(length - 1) - top
    return (false, fall > 0 ? (position - top) / fall : 1)
  }

  private static func between(_ start: Double, _ end: Double, _ share: Double) -> Double {
    end + (start - end) / 2 * (1 + cos(.pi * share))
  }

  /// Holds every number against its range.
  /// - Throws: `TernError` of kind `configuration`.
  public func validate(prefix: [String] = []) throws(TernError) {
    func check(_ holds: Bool, _ key: CodingKeys, _ found: Double, _ expected: String) throws(TernError) {
      guard !holds else { return }
      throw TernError(
        .configuration, "is out of range", key: (prefix + [key.rawValue]).joined(separator: "."),
        found: "\(found)", expected: expected)
    }
    try check(warmup >= 0, .warmup, Double(warmup), "at least 0")
    try check(
      (0...1).contains(warmupStartFactor), .warmupStartFactor, warmupStartFactor, "a number in [0, 1]")
    try check(total >= 0, .total, Double(total), "at least 0")
    try check(minLr.isFinite && minLr >= 0, .minLr, minLr, "a number of at least 0")
    try check((0...1).contains(pctStart), .pctStart, pctStart, "a number in [0, 1]")
    try check(divFactor.isFinite && divFactor > 0, .divFactor, divFactor, "a number above 0")
    try check(
      finalDivFactor.isFinite && finalDivFactor > 0, .finalDivFactor, finalDivFactor, "a number above 0")
    for (key, momentum) in [(CodingKeys.baseMomentum, baseMomentum), (.maxMomentum, maxMomentum)] {
      try check(momentum >= 0 && momentum < 1, key, momentum, "a number in [0, 1)")
    }
    try check(stepSize >= 1, .stepSize, Double(stepSize), "at least 1")
    try check(gamma > 0 && gamma <= 1, .gamma, gamma, "a number in (0, 1]")
    try check(factor > 0 && factor < 1, .factor, factor, "a number in (0, 1)")
    try check(patience >= 0, .patience, Double(patience), "at least 0")
    try check(threshold.isFinite && threshold >= 0, .threshold, threshold, "a number of at least 0")
    try check(cooldown >= 0, .cooldown, Double(cooldown), "at least 0")
  }
}
