import Chronology
import Diagnostics
import Feeds
import Market

/// Repairs what can be repaired without inventing data; gaps stay gaps, and dropped rows make new ones.
public enum CandleRepair {
  /// Which of several rows of one time with different values is kept.
  public enum ConflictRule: String, Codable, Sendable {
    /// The one with the largest volume, because a candle recorded before its close lacks some; the last of equals.
    case largestVolume = "largest_volume"
    /// The first that was read.
    case first
    /// The last that was read.
    case last
    /// None of them.
    case none
  }

  /// How far repairs go.
  public struct Options: Codable, Equatable, Sendable {
    /// Largest relative excess of open or close beyond high or low that is mended by widening the range, 0 to 0.01;
    /// default 1e-4. Rows beyond it are dropped.
    public var widenTolerance = 1e-4
    /// What happens to rows that contradict each other, default `largestVolume`.
    public var conflicts = ConflictRule.largestVolume

    /// The defaults.
    public init() {}

    private enum CodingKeys: String, CodingKey {
      case widenTolerance = "widen_tolerance"
      case conflicts
    }
  }

  /// Repairs rows as a file has them.
  ///
  /// In this order: rows with an unreadable cell or an opening time off the interval's grid are dropped; highs and lows
  /// are widened within the tolerance; rows that still break a rule of `CandleImporter` are dropped; the rest is
  /// sorted by time; of rows with equal time one is kept, by `conflicts` where they differ.
  /// - Throws: `TernError` of kind `data` when no valid row is left, `configuration` for a tolerance out of range.
  public static func repair(
    _ raw: RawCandles, options: Options = Options()
  ) throws(TernError) -> (series: CandleSeries, report: RepairReport) {
    guard options.widenTolerance >= 0, options.widenTolerance <= 0.01 else {
      throw TernError(
        .configuration, "is out of range", key: "widen_tolerance", found: "\(options.widenTolerance)",
        expected: "0 to 0.01")
    }
    var workshop = RepairWorkshop(raw, options)
    let rows = workshop.validRows()
    let series = workshop.merge(rows)
    guard series.count > 0 else {
      throw TernError(
        .data, "no valid candle is left", file: raw.files.first,
        found: "\(raw.series.count) rows, none usable",
        expected: "at least one valid row")
    }
    return (series, workshop.report(series))
  }
}

/// Carries out repairs and keeps the record.
private struct RepairWorkshop {
  private let raw: RawCandles
  private let options: CandleRepair.Options
  private var counts: [RepairReport.Kind: Int] = [:]
  private var examples: [RepairReport.Kind: [RowExample]] = [:]

  init(_ raw: RawCandles, _ options: CandleRepair.Options) {
    self.raw = raw
    self.options = options
  }

  func report(_ series: CandleSeries) -> RepairReport {
    var report = RepairReport()
    report.rowsRead = raw.series.count
    report.rowsWritten = series.count
    report.unreadable = raw.defectCount
    report.actions = RepairReport.Kind.allCases.compactMap { kind in
      guard let count = counts[kind] else { return nil }
      return RepairReport.Action(kind: kind, count: count, examples: examples[kind] ?? [])
    }
    report.gaps = series.gaps()
    return report
  }

  private mutating func note(_ kind: RepairReport.Kind, row: Int, _ detail: @autoclosure () -> String) {
    counts[kind, default: 0] += 1
    guard examples[kind, default: []].count < InspectionReport.exampleLimit else { return }
    examples[kind, default: []].append(
      RowExample(place: raw.place(of: row), time: raw.series.openTime[row], detail: detail()))
  }

  /// The usable rows in file order, widened where needed.
  mutating func validRows() -> [(row: Int, candle: Candle)] {
    let raw = raw
    var rows: [(row: Int, candle: Candle)] = []
    rows.reserveCapacity(raw.series.count)
    for row in 0..<raw.series.count {
      var candle = raw.series[row]
      if raw.isDamaged[row] {
        note(.droppedUnreadable, row: row, "a cell cannot be read")
        continue
      }
      guard CandleRules.isAligned(candle.openTime, to: raw.series.interval),
        StoreRules.calendar.contains(candle.openTime)
      else {
        note(.droppedMisaligned, row: row, "is not a multiple of \(raw.series.interval)")
        continue
      }
      let widening = widen(&candle)
      if let violation = CandleRules.violation(of: candle) {
        note(
          .droppedInvalid, row: row,
          "\(violation.column): \(violation.message) (found \(violation.found), expected \(violation.expected))"
        )
        continue
      }
      if let widening { note(.widened, row: row, widening) }
      rows.append((row, candle))
    }
    return rows
  }

  /// Moves high and low to include open and close when the excess is small; says what was moved.
  private func widen(_ candle: inout Candle) -> String? {
    let top = max(candle.open, candle.close)
    let bottom = min(candle.open, candle.close)
    // A range that is itself upside down or not of positive numbers says nothing that a shift could mend.
    guard candle.low > 0, candle.high >= candle.low, candle.high < .infinity,
      top > candle.high || bottom < candle.low,
      top <= candle.high * (1 + options.widenTolerance), bottom >= candle.low * (1 - options.widenTolerance)
    else { return nil }
    let before = candle
    candle.high = max(candle.high, top)
    candle.low = min(candle.low, bottom)
    return "range \(before.low) to \(before.high) became \(candle.low) to \(candle.high)"
  }

  /// Sorts the rows and keeps one of each time.
  mutating func merge(_ rows: [(row: Int, candle: Candle)]) -> CandleSeries {
    var rows = rows
    for index in rows.indices.dropFirst() where rows[index].candle.openTime < rows[index - 1].candle.openTime
    {
      note(.sorted, row: rows[index].row, "followed \(Timestamp.text(rows[index - 1].candle.openTime))")
    }
    if counts[.sorted] != nil {
      rows.sort { ($0.candle.openTime, $0.row) < ($1.candle.openTime, $1.row) }
    }
    var series = CandleSeries(symbol: raw.series.symbol, interval: raw.series.interval)
    var start = 0
    while start < rows.count {
      var end = start + 1
      while end < rows.count, rows[end].candle.openTime == rows[start].candle.openTime { end += 1 }
      if end == start + 1 {
        series.append(rows[start].candle)
      } else if let kept = choose(Array(rows[start..<end])) {
        series.append(kept)
      }
      start = end
    }
    return series
  }

  /// The row that is kept of several with one time.
  private mutating func choose(_ rows: [(row: Int, candle: Candle)]) -> Candle? {
    let raw = raw
    var distinct: [(row: Int, candle: Candle)] = []
    for entry in rows {
      if let twin = distinct.first(where: { $0.candle.isIdentical(to: entry.candle) }) {
        note(.droppedExactDuplicate, row: entry.row, "repeats \(raw.place(of: twin.row))")
      } else {
        distinct.append(entry)
      }
    }
    guard distinct.count > 1 else { return distinct.first?.candle }
    let kept = preferred(distinct)
    for (index, entry) in distinct.enumerated() where index != kept {
      let fate = kept.map { "\(raw.place(of: distinct[$0].row)) is kept" } ?? "its rivals are dropped too"
      note(.droppedConflictingDuplicate, row: entry.row, fate)
    }
    return kept.map { distinct[$0].candle }
  }

  private func preferred(_ rows: [(row: Int, candle: Candle)]) -> Int? {
    switch options.conflicts {
    case .first: return 0
    case .last: return rows.count - 1
    case .none: return nil
    case .largestVolume:
      func volume(_ index: Int) -> Double { rows[index].candle.volume.isNaN ? -1 : rows[index].candle.volume }
      return rows.indices.reduce(0) { volume($1) >= volume($0) ? $1 : $0 }
    }
  }
}
