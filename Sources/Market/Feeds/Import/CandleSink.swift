import Chronology
import Diagnostics
import Market

/// Collects candles strictly: the first row that breaks a rule is an error.
struct CandleSink: RowSink {
  let file: String
  let layout = SourceLayout.candles
  var series: CandleSeries
  /// Line of the first row.
  private(set) var firstLine = 0
  private var steps = StepCensus()
  private let slots: CandleSlots

  init(file: String, symbol: String, interval: Interval) {
    self.file = file
    series = CandleSeries(symbol: symbol, interval: interval)
    slots = CandleSlots(layout)
  }

  mutating func accept(_ cells: RowCells, line: Int) throws(TernError) {
    let stamp = cells.stamps[slots.openTime]
    let candle = slots.candle(cells)
    guard stamp.rest == 0, CandleRules.isAligned(stamp.milliseconds, to: series.interval) else {
      throw TernError(
        .data, "does not open on a multiple of the interval", file: file, line: line, key: "open_time",
        found: Timestamp.text(stamp.milliseconds) + (stamp.rest == 0 ? "" : " and \(stamp.rest) ns"),
        expected: "a multiple of \(series.interval)")
    }
    if let previous = series.openTime.last {
      guard candle.openTime > previous else {
        throw TernError(
          .data, candle.openTime == previous ? "the time is repeated" : "the time runs backward", file: file,
          line: line, key: "open_time", found: Timestamp.text(candle.openTime),
          expected: "later than \(Timestamp.text(previous))")
      }
      steps.add(candle.openTime - previous, interval: series.interval, line: line)
    } else {
      firstLine = line
    }
    if let violation = CandleRules.violation(of: candle) { throw violation.error(file: file, line: line) }
    try CandleSink.checkRest(cells, candle, slots, layout, series.interval, file: file, line: line)
    series.append(candle)
  }

  /// Checks the cells that do not become part of the candle: its closing time and the quote volumes.
  /// - Throws: `TernError` of kind `data` with file, line and column.
  static func checkRest(
    _ cells: RowCells, _ candle: Candle, _ slots: CandleSlots, _ layout: SourceLayout, _ interval: Interval,
    file: String, line: Int
  ) throws(TernError) {
    if cells.isPresent[slots.closeTime] {
      let end = cells.stamps[slots.closeTime]
      // Binance writes the last instant inside the candle, in the file's unit; others write the end itself.
      let slack = candle.openTime + interval.milliseconds - end.milliseconds
      guard (slack == 0 && end.rest == 0) || slack == 1 else {
        throw TernError(
          .data, "contradicts the opening time and the interval", file: file, line: line, key: "close_time",
          found: Timestamp.text(end.milliseconds),
          expected: Timestamp.text(candle.openTime + interval.milliseconds - 1))
      }
    }
    for slot in [slots.quoteVolume, slots.takerBuyQuoteVolume] where cells.numbers[slot] < 0 {
      throw TernError(
        .data, "must not be negative", file: file, line: line, key: layout.columns[slot].name,
        found: "\(cells.numbers[slot])", expected: "0 or more")
    }
  }

  /// Checks that the rows' usual distance is the stated interval.
  /// - Throws: `TernError` of kind `data` naming the line where the other distance first appears.
  func checkSteps() throws(TernError) {
    guard let other = steps.dominantOther() else { return }
    throw TernError(
      .data, "the rows are not \(series.interval) apart", file: file, line: other.line, key: "open_time",
      found: "mostly steps of \(Interval(milliseconds: other.step))", expected: "\(series.interval)")
  }
}

/// Positions of the candle columns in a parsed row.
struct CandleSlots {
  let openTime, closeTime, open, high, low, close, volume, count, takerBuyVolume, quoteVolume,
    takerBuyQuoteVolume: Int

  init(_ layout: SourceLayout) {
    func slot(_ name: String) -> Int {
      guard let slot = layout.slot(name) else { preconditionFailure("the layout has no \(name)") }
      return slot
    }
    openTime = slot("open_time")
    closeTime = slot("close_time")
    open = slot("open")
    high = slot("high")
    low = slot("low")
    close = slot("close")
    volume = slot("volume")
    count = slot("count")
    takerBuyVolume = slot("taker_buy_volume")
    quoteVolume = slot("quote_volume")
    takerBuyQuoteVolume = slot("taker_buy_quote_volume")
  }

  @inline(__always)
  func candle(_ cells: RowCells) -> Candle {
    Candle(
      openTime: cells.stamps[openTime].milliseconds, open: cells.numbers[open], high: cells.numbers[high],
      low: cells.numbers[low], close: cells.numbers[close], volume: cells.numbers[volume],
      tradeCount: cells.numbers[count], takerBuyVolume: cells.numbers[takerBuyVolume])
  }
}

/// Counts the distances between neighbouring rows.
struct StepCensus {
  private var matching = 0
  private var others: [Int64: (count: Int, line: Int)] = [:]

  @inline(__always)
  mutating func add(_ step: Int64, interval: Interval, line: Int) {
    if step == interval.milliseconds { matching += 1 } else { others[step, default: (0, line)].count += 1 }
  }

  /// The distance that is more common than the interval, the shortest of equals, with the line of its first row.
  func dominantOther() -> (step: Int64, line: Int)? {
    guard let best = others.max(by: { ($0.value.count, -$0.key) < ($1.value.count, -$1.key) }),
      best.value.count > matching
    else { return nil }
    return (best.key, best.value.line)
  }
}

/// Collects candles leniently, whatever they look like.
struct RawCandleSink: RowSink {
  var raw: RawCandles
  private let slots = CandleSlots(.candles)

  init(symbol: String, interval: Interval) {
    raw = RawCandles(symbol: symbol, interval: interval)
  }

  mutating func accept(_ cells: RowCells, line: Int) throws(TernError) {
    raw.series.append(slots.candle(cells))
    raw.line.append(Int32(clamping: line))
    raw.isDamaged.append(cells.isDamaged)
  }
}
