import Market

extension LabelSet {
  /// What a labelling holds, to be read before anyone trains on it.
  public struct Census: Codable, Equatable, Sendable {
    /// One class.
    public struct Class: Codable, Equatable, Sendable {
      /// The class.
      public var label: Direction
      /// Number of rows.
      public var count: Int
      /// Share of the labelled rows, 0…1.
      public var share: Double
      /// Mean time from entry to the decision, minutes.
      public var meanHoldingMinutes: Double
      /// Mean gross return of the labelled direction, a fraction.
      public var meanGross: Double
      /// Mean return of the labelled direction after costs, a fraction.
      public var meanNet: Double
      /// Mean weight (average uniqueness).
      public var meanWeight: Double
    }

    /// One direction traded at every labelled row, whatever its label.
    public struct Unconditional: Codable, Equatable, Sendable {
      /// The direction.
      public var direction: Direction
      /// Share of trades that earn something after costs, 0…1.
      public var winRate: Double
      /// Mean return before costs, a fraction.
      public var meanGross: Double
      /// Mean return after costs, a fraction.
      public var meanNet: Double
    }

    /// How decisions are labelled.
    public var mode: TripleBarrier.Mode
    /// Rows of the series.
    public var rows: Int
    /// Rows with a label.
    public var labelled: Int
    /// The classes in the order LONG, SHORT, NEUTRAL.
    public var classes: [Class]
    /// Rows whose window leaves the data.
    public var unlabelledEndOfData: Int
    /// Rows whose window spans a gap.
    public var unlabelledGap: Int
    /// Rows before the volatility estimate is known.
    public var unlabelledWarmUp: Int
    /// Rows in which the order of two touches could not be told.
    public var ambiguous: Int
    /// Long and short traded at every labelled row.
    public var unconditional: [Unconditional]
    /// Share of take profits, among trades that end at a barrier, at which a trade earns nothing before costs:
    /// `lower / (upper + lower)`.
    public var breakEvenGross: Double
    /// The same after fees: `(lower + fees) / (upper + lower)`, with `fees` the entry fee and the exit fee.
    public var breakEvenNet: Double
    /// Number of independent labels the rows are worth: the sum of the weights.
    public var effectiveSize: Double
    /// What a user of the mode must know; nil when there is nothing to warn of.
    public var warning: String?
  }

  /// Counts the classes.
  public var census: Census {
    var counts = [Int](repeating: 0, count: 3)
    var sums = [SIMD4<Double>](repeating: .zero, count: 3)
    var reasons = [Int](repeating: 0, count: Reason.allCases.count)
    var trades = [SIMD4<Double>](repeating: .zero, count: 2)
    var ambiguousCount = 0
    for row in 0..<count {
      guard label[row] >= 0 else {
        reasons[Int(reason[row])] += 1
        continue
      }
      let index = Int(label[row])
      let entryTime = openTime[row] + interval.milliseconds
      counts[index] += 1
      sums[index] += SIMD4(
        Double(exitTime[row] - entryTime) / 60_000, grossReturn[row], netReturn[row], weight[row])
      trades[0] += SIMD4(long.net[row] > 0 ? 1 : 0, long.gross[row], long.net[row], 0)
      trades[1] += SIMD4(short.net[row] > 0 ? 1 : 0, short.gross[row], short.net[row], 0)
      if ambiguous[row] { ambiguousCount += 1 }
    }
    let total = counts.reduce(0, +)
    let classes = Direction.allCases.map { direction in
      let index = Int(direction.rawValue)
      let mean = sums[index] / Double(max(1, counts[index]))
      return Census.Class(
        label: direction, count: counts[index], share: Double(counts[index]) / Double(max(1, total)),
        meanHoldingMinutes: mean[0], meanGross: mean[1], meanNet: mean[2], meanWeight: mean[3])
    }
    let unconditional = [Direction.long, .short].map { direction in
      let mean = trades[Int(direction.rawValue)] / Double(max(1, total))
      return Census.Unconditional(
        direction: direction, winRate: mean[0], meanGross: mean[1], meanNet: mean[2])
    }
    let fees = configuration.entryFee + configuration.exitFee
    return Census(
      mode: configuration.mode, rows: count, labelled: total, classes: classes,
      unlabelledEndOfData: reasons[0], unlabelledGap: reasons[1], unlabelledWarmUp: reasons[2],
      ambiguous: ambiguousCount, unconditional: unconditional,
      breakEvenGross: meanLower / (meanUpper + meanLower),
      breakEvenNet: (meanLower + fees) / (meanUpper + meanLower),
      effectiveSize: sums[0][3] + sums[1][3] + sums[2][3], warning: configuration.mode.warning)
  }
}

extension LabelSet.Census: CustomStringConvertible {
  /// A table for people.
  public var description: String {
    var lines = ["\(labelled) of \(rows) rows labelled (\(mode.rawValue))"]
    lines.append("class         rows    share  holding min   mean gross     mean net   uniqueness")
    for item in classes {
      lines.append(
        column(item.label.name, 8, left: true) + column("\(item.count)", 10)
          + column(percent(item.share, 2), 9)
          + column(fixed(item.meanHoldingMinutes, 1), 13) + column(percent(item.meanGross, 4), 13)
          + column(percent(item.meanNet, 4), 13) + column(fixed(item.meanWeight, 4), 13))
    }
    for item in unconditional {
      lines.append(
        "always \(item.direction.name): \(percent(item.winRate, 2)) win after costs, "
          + "mean \(percent(item.meanGross, 4)) gross, \(percent(item.meanNet, 4)) net")
    }
    lines.append(
      "without a label: \(unlabelledEndOfData) at the end of the data, \(unlabelledGap) across a gap, "
        + "\(unlabelledWarmUp) in warm-up")
    lines.append(
      "ambiguous: \(ambiguous) rows met a candle that touched both barriers and counts as the stop")
    lines.append(
      "break-even: \(percent(breakEvenGross, 2)) of decided trades must take profit, "
        + "\(percent(breakEvenNet, 2)) after fees")
    lines.append("effective sample size: \(fixed(effectiveSize, 1))")
    if let warning { lines.append("warning: \(warning)") }
    return lines.joined(separator: "\n")
  }
}
