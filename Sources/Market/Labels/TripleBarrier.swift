import Diagnostics
import Market

extension TripleBarrier {
  /// Labels every candle whose window is complete.
  ///
  /// A decision at the close of candle t enters at the open of t+1; candles t+1 … t+H are scanned on their highs
  /// and lows, H = `horizon / interval`. A long takes its profit at `entry × (1 + upper)` and is stopped at
  /// `entry × (1 − lower)`; a short mirrors it.
  ///
  /// - A barrier counts as touched when a high or low reaches it. Prices are decimals and the barrier is a product,
  ///   so a relative 1e-12 is allowed for binary rounding: a price equal to the barrier in decimal touches it.
  /// - The take profit is a resting limit order and fills at its own price, never better. The stop fills at its
  ///   price, or at the open of a candle that opens beyond it.
  /// - A candle that opens between the barriers and touches both counts as the stop and marks the row ambiguous,
  ///   unless `finer` covers that candle completely and tells which came first.
  /// - At the horizon the trade ends at the close of candle t+H.
  /// - Net return = gross − entry fee − exit fee × (exit price / entry price) − funding. A long pays
  ///   `rate × price / entry` at every funding instant strictly between its entry and the close of its exit
  ///   candle, a short receives it; `price` is the open of the candle that holds the instant. Exchanges stamp
  ///   settlements some milliseconds late, so instants count by their whole second.
  /// - A row whose window t … t+H leaves the data or spans a gap has no label, even if a barrier is touched early.
  ///
  /// Weights are average uniqueness over the labels of the whole series (López de Prado, chapter 4).
  ///
  /// - Parameters:
  ///   - candles: The market.
  ///   - configuration: Barriers, horizon and fees.
  ///   - funding: Funding events; none are charged without it.
  ///   - finer: Candles of the same symbol with a shorter interval, to settle candles that touch both barriers.
  /// - Throws: `TernError` of kind `configuration` for values out of range, of kind `data` for candles that are
  ///   not a market (prices that are not positive, a high below the low, an order that is not that of time) and funding
  ///   events that are not in order or not numbers.
  public static func label(
    _ candles: CandleSeries, configuration: Configuration = Configuration(), funding: FundingSeries? = nil,
    finer: CandleSeries? = nil
  ) throws(TernError) -> LabelSet {
    let horizon = try configuration.validated(for: candles.interval)
    try candles.checkPrices()
    try funding?.validate()
    if let finer {
      try finer.checkPrices()
      guard finer.interval < candles.interval,
        candles.interval.milliseconds % finer.interval.milliseconds == 0
      else {
        throw TernError(
          .data, "finer candles do not divide the candles", found: "\(finer.interval)",
          expected: "a divisor of \(candles.interval)")
      }
    }
    var labels = LabelSet(candles, configuration: configuration, horizon: horizon)
    let scanner = BarrierScanner(candles, finer: finer)
    let widths = BarrierWidths(candles, configuration: configuration, horizon: horizon)
    var charges = FundingCharges(candles, funding: funding)
    var exitBar = [Int](repeating: 0, count: candles.count)
    var upperSum = 0.0
    var lowerSum = 0.0
    var labelled = 0

    for segment in candles.contiguousSegments() {
      let cut: LabelSet.Reason = segment.upperBound == candles.count ? .endOfData : .gap
      for row in segment {
        guard row + horizon < segment.upperBound else {
          labels.reason[row] = cut.rawValue
          continue
        }
        let width = widths[row]
        guard width.upper > 0 else {
          labels.reason[row] = LabelSet.Reason.warmUp.rawValue
          continue
        }
        let entryBar = row + 1
        let last = row + horizon
        let long = scanner.exit(long: true, entryBar: entryBar, last: last, width: width)
        let short = scanner.exit(long: false, entryBar: entryBar, last: last, width: width)
        charges.advance(toEntryBar: entryBar)
        labels.record(row, long: long, short: short, charges: charges, candles: candles)
        exitBar[row] = labels.decide(row, long: long, short: short, charges: charges, candles: candles)
        upperSum += width.upper
        lowerSum += width.lower
        labelled += 1
      }
    }
    if labelled > 0 {
      labels.meanUpper = upperSum / Double(labelled)
      labels.meanLower = lowerSum / Double(labelled)
    }
    labels.weight = averageUniqueness(
      first: { $0 + 1 }, last: exitBar, labelled: labels.label.map { $0 >= 0 })
    return labels
  }

  /// Average uniqueness of overlapping labels: the mean, over the candles of a label's life, of one divided by the
  /// number of labels alive in that candle (López de Prado, snippets 4.1 and 4.2). Linear time by prefix sums.
  /// - Parameters:
  ///   - first: First candle of a row's life.
  ///   - last: Last candle of each row's life, included.
  ///   - labelled: Which rows count.
  /// - Returns: One weight for each row, NaN where it has no label.
  static func averageUniqueness(first: (Int) -> Int, last: [Int], labelled: [Bool]) -> [Double] {
    let count = labelled.count
    var concurrency = [Int](repeating: 0, count: count + 1)
    for row in 0..<count where labelled[row] {
      concurrency[first(row)] += 1
      concurrency[last[row] + 1] -= 1
    }
    var inverse = [Double](repeating: 0, count: count + 1)
    var alive = 0
    for bar in 0..<count {
      alive += concurrency[bar]
      inverse[bar + 1] = inverse[bar] + (alive > 0 ? 1 / Double(alive) : 0)
    }
    return (0..<count).map { row in
      guard labelled[row] else { return .nan }
      let start = first(row)
      let end = last[row] + 1
      return (inverse[end] - inverse[start]) / Double(end - start)
    }
  }
}

extension LabelSet {
  /// Notes what both directions earned.
  fileprivate mutating func record(
    _ row: Int, long: BarrierExit, short: BarrierExit, charges: FundingCharges, candles: CandleSeries
  ) {
    let longFunding = charges.paidByLong(entryBar: row + 1, exitBar: long.bar)
    self.long.set(row, candles.closeTime(long.bar), long.gross, net(long.gross, sign: 1, longFunding))
    let shortFunding = charges.paidByLong(entryBar: row + 1, exitBar: short.bar)
    self.short.set(row, candles.closeTime(short.bar), short.gross, net(short.gross, sign: -1, shortFunding))
  }

  /// Decides the label and returns the candle in which that happened.
  fileprivate mutating func decide(
    _ row: Int, long: BarrierExit, short: BarrierExit, charges: FundingCharges, candles: CandleSeries
  ) -> Int {
    var direction = Direction.neutral
    var decided = Barrier.time
    var bar = max(long.bar, short.bar)
    switch configuration.mode {
    case .mirrored:
      let longWins = long.kind == .takeProfit && (short.kind != .takeProfit || long.bar < short.bar)
      let shortWins = short.kind == .takeProfit && (long.kind != .takeProfit || short.bar < long.bar)
      ambiguous[row] = long.ambiguous || short.ambiguous
      if longWins {
        (direction, decided, bar) = (.long, .upper, long.bar)
      } else if shortWins {
        (direction, decided, bar) = (.short, .lower, short.bar)
      } else if long.kind == .stop, short.kind == .stop {
        decided = .stops
      } else if long.kind == .takeProfit {
        ambiguous[row] = true
      }
    case .oneSided:
      ambiguous[row] = long.ambiguous
      bar = long.bar
      switch long.kind {
      case .takeProfit: (direction, decided) = (.long, .upper)
      case .stop: (direction, decided) = (.short, .lower)
      case .time: break
      }
    }
    label[row] = direction.rawValue
    barrier[row] = decided.rawValue
    exitTime[row] = candles.closeTime(bar)
    switch (direction, configuration.mode) {
    case (.neutral, _): (grossReturn[row], netReturn[row]) = (0, 0)
    case (.long, _): (grossReturn[row], netReturn[row]) = (self.long.gross[row], self.long.net[row])
    case (.short, .mirrored):
      (grossReturn[row], netReturn[row]) = (self.short.gross[row], self.short.net[row])
    case (.short, .oneSided):
      grossReturn[row] = -long.gross
      netReturn[row] = net(-long.gross, sign: -1, charges.paidByLong(entryBar: row + 1, exitBar: bar))
    }
    return bar
  }

  private func net(_ gross: Double, sign: Double, _ fundingPaidByLong: Double) -> Double {
    gross - configuration.entryFee - configuration.exitFee * (1 + sign * gross) - sign * fundingPaidByLong
  }
}

extension LabelSet.Outcomes {
  fileprivate mutating func set(_ row: Int, _ time: Int64, _ gross: Double, _ net: Double) {
    exitTime[row] = time
    self.gross[row] = gross
    self.net[row] = net
  }
}
