import Chronology
import Feeds
import Market

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Looks for every known defect in candles without changing them.
public enum CandleInspection {
  /// When a value counts as an outlier: its distance from the median in robust standard deviations,
  /// |x − median| / (1.4826 · MAD) (Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", 1993).
  public struct Options: Codable, Equatable, Sendable {
    /// Smallest distance of an outlying log return between neighbouring closes, default 40.
    public var returnDistance = 40.0
    /// Smallest distance of an outlying log volume, default 6.
    public var volumeDistance = 6.0
    /// The defaults.
    public init() {}
  }

  /// Examines rows as a file has them.
  ///
  /// Every row is held against the rules of a single candle (the first that it breaks is reported) and against the
  /// rows before it. Gaps, runs without volume and outliers are found in time order, so disorder does not hide them.
  public static func inspect(_ raw: RawCandles, options: Options = Options()) -> InspectionReport {
    var survey = CandleSurvey(raw)
    survey.examineRows()
    survey.examineNeighbours()
    survey.examineReturns(options.returnDistance)
    survey.examineVolumes(options.volumeDistance)
    return survey.report
  }

  /// Examines a series in memory; a row's place is its position, counted from one.
  public static func inspect(_ series: CandleSeries, options: Options = Options()) -> InspectionReport {
    inspect(RawCandles(series), options: options)
  }
}

/// Gathers findings row by row.
private struct CandleSurvey {
  private let raw: RawCandles
  /// Row numbers in time order; equal times stay in file order.
  private let order: [Int]
  private var counts: [InspectionReport.Kind: Int] = [:]
  private var examples: [InspectionReport.Kind: [RowExample]] = [:]
  private var runs: [InspectionReport.ZeroVolumeRun] = []
  private var isValid: [Bool]

  init(_ raw: RawCandles) {
    self.raw = raw
    order = raw.timeOrder()
    isValid = raw.isDamaged.map { !$0 }
  }

  var report: InspectionReport {
    var times = CandleSeries(symbol: raw.series.symbol, interval: raw.series.interval)
    times.openTime = order.map { raw.series.openTime[$0] }
    return InspectionReport(
      symbol: raw.series.symbol, interval: raw.series.interval, rows: raw.series.count,
      first: times.openTime.first, last: times.openTime.last, gaps: times.gaps(), zeroVolumeRuns: runs,
      findings: InspectionReport.Kind.allCases.compactMap { kind in
        guard let count = counts[kind] else { return nil }
        return InspectionReport.Finding(kind: kind, count: count, examples: examples[kind] ?? [])
      })
  }

  private mutating func note(_ kind: InspectionReport.Kind, row: Int, _ detail: @autoclosure () -> String) {
    counts[kind, default: 0] += 1
    guard examples[kind, default: []].count < InspectionReport.exampleLimit else { return }
    examples[kind, default: []].append(
      RowExample(place: raw.place(of: row), time: raw.series.openTime[row], detail: detail()))
  }

  /// What a row says about itself, and order.
  mutating func examineRows() {
    if raw.defectCount > 0 {
      counts[.unreadable] = raw.defectCount
      examples[.unreadable] = raw.defects.prefix(InspectionReport.exampleLimit).map {
        RowExample(place: "\($0.file):\($0.line)", time: nil, detail: $0.message)
      }
    }
    let series = raw.series
    for row in 0..<series.count {
      let time = series.openTime[row]
      if row > 0, time < series.openTime[row - 1] {
        note(.disorder, row: row, "follows \(Timestamp.text(series.openTime[row - 1]))")
      }
      if !CandleRules.isAligned(time, to: series.interval) {
        note(.misaligned, row: row, "is not a multiple of \(series.interval)")
      }
      // The cells of a damaged row are listed as unreadable already.
      guard !raw.isDamaged[row], let violation = CandleRules.violation(of: series[row]) else { continue }
      isValid[row] = false
      note(
        InspectionReport.Kind(violation.kind), row: row,
        "\(violation.column): \(violation.message) (found \(violation.found), expected \(violation.expected))"
      )
    }
  }

  /// Repeated times and stretches without volume.
  mutating func examineNeighbours() {
    let raw = raw
    let order = order
    let series = raw.series
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, series.openTime[order[end]] == series.openTime[order[start]] { end += 1 }
      for position in start + 1..<max(end, start + 1) {
        let earlier = order[start..<position].first {
          series[$0].isIdentical(to: series[order[position]])
        }
        if let earlier {
          note(.exactDuplicate, row: order[position], "repeats \(raw.place(of: earlier))")
        } else {
          note(
            .conflictingDuplicate, row: order[position],
            "has other values than \(raw.place(of: order[start]))")
        }
      }
      extendRun(order[start])
      start = end
    }
  }

  private mutating func extendRun(_ row: Int) {
    guard raw.series.volume[row] == 0 else { return }
    let time = raw.series.openTime[row]
    if let last = runs.last, last.last + raw.series.interval.milliseconds == time {
      runs[runs.count - 1].last = time
      runs[runs.count - 1].count += 1
    } else {
      runs.append(InspectionReport.ZeroVolumeRun(start: time, last: time, count: 1))
    }
  }

  /// Log returns between valid closes exactly one interval apart.
  mutating func examineReturns(_ distance: Double) {
    let series = raw.series
    var rows: [Int] = []
    var values: [Double] = []
    for position in order.indices.dropFirst() {
      let (before, row) = (order[position - 1], order[position])
      guard series.openTime[row] - series.openTime[before] == series.interval.milliseconds, isValid[row],
        isValid[before]
      else { continue }
      rows.append(row)
      values.append(log(series.close[row] / series.close[before]))
    }
    noteOutliers(.returnOutlier, rows, values, distance) { "log return \($0)" }
  }

  /// Log volumes of valid candles that traded.
  mutating func examineVolumes(_ distance: Double) {
    let volume = raw.series.volume
    let rows = order.filter { isValid[$0] && volume[$0] > 0 }
    noteOutliers(.volumeOutlier, rows, rows.map { log(volume[$0]) }, distance) { "volume \(exp($0))" }
  }

  private mutating func noteOutliers(
    _ kind: InspectionReport.Kind, _ rows: [Int], _ values: [Double], _ distance: Double,
    _ detail: (Double) -> String
  ) {
    guard let center = CandleSurvey.median(values),
      let deviation = CandleSurvey.median(values.map { abs($0 - center) }), deviation > 0
    else { return }
    let scale = 1.4826 * deviation
    for (row, value) in zip(rows, values) where abs(value - center) > distance * scale {
      let reach = (abs(value - center) / scale).rounded()
      note(kind, row: row, "\(detail(value)), \(Int(min(reach, 1e9))) robust standard deviations out")
    }
  }

  /// The middle of the sorted values, or the mean of the two middle ones; nil without values.
  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
  }
}

extension InspectionReport.Kind {
  fileprivate init(_ kind: CandleRules.Violation.Kind) {
    switch kind {
    case .notFinite: self = .notFinite
    case .priceNotPositive: self = .priceNotPositive
    case .highBelowLow: self = .highBelowLow
    case .openOutside: self = .openOutside
    case .closeOutside: self = .closeOutside
    case .negativeVolume: self = .negativeVolume
    case .badCount: self = .badCount
    case .takerAboveVolume: self = .takerAboveVolume
    }
  }
}

extension RawCandles {
  /// Row numbers in time order; equal times stay in file order.
  func timeOrder() -> [Int] {
    let times = series.openTime
    let isSorted = !times.indices.dropFirst().contains { times[$0] < times[$0 - 1] }
    return isSorted ? Array(times.indices) : times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
  }
}

extension Candle {
  /// Whether two candles hold the same values, unknown ones included.
  func isIdentical(to other: Candle) -> Bool {
    func same(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }
    return openTime == other.openTime && same(open, other.open) && same(high, other.high)
      && same(low, other.low) && same(close, other.close) && same(volume, other.volume)
      && same(tradeCount, other.tradeCount) && same(takerBuyVolume, other.takerBuyVolume)
  }
}
