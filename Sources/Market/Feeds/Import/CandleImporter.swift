import Chronology
import Diagnostics
import Files
import Market

/// Imports candles and what belongs to them from CSV files, gzip files and ZIP archives.
///
/// Known layouts: Binance's spot and futures dumps with and without their header, files with a header of known
/// names, and anything with a header through a `ColumnMapping`. Times are seconds, milliseconds, microseconds or
/// nanoseconds since 1970 (told apart by their size, one unit per file) or ISO 8601 in UTC. Several files may be
/// given in any order; they are joined in time order and must not overlap. Blank lines are skipped.
public struct CandleImporter: Sendable {
  /// What the files hold and how they are laid out.
  public struct Options: Codable, Equatable, Sendable {
    /// The exchange's symbol, for example `BTCUSDT`.
    public var symbol: String
    /// Length of every candle.
    public var interval: Interval
    /// Source column of each Tern column for files with names of their own; empty means the known layouts.
    public var columns: ColumnMapping

    /// Creates options.
    public init(symbol: String, interval: Interval, columns: ColumnMapping = ColumnMapping()) {
      self.symbol = symbol
      self.interval = interval
      self.columns = columns
    }
  }

  /// The options.
  public let options: Options

  /// Creates an importer.
  public init(options: Options) { self.options = options }

  /// Reads candles strictly: any defect is an error, except gaps, which are reported.
  ///
  /// Refused are cells that are not finite numbers, prices that are not positive, contradictory candles, negative
  /// volumes, more taker volume than volume, repeated and backward times, times off the interval's grid, rows mostly
  /// another distance apart, closing times that contradict, rows of another length, and headers that lie.
  /// A file without volume gives NaN volumes and a warning.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func candles(from paths: [String]) throws(TernError) -> (series: CandleSeries, report: ImportReport)
  {
    var report = ImportReport()
    var parts: [Part<CandleSeries>] = []
    for input in try inputs(paths) {
      var sink = CandleSink(file: input.path, symbol: options.symbol, interval: options.interval)
      var parser = RowParser(file: input.path, layout: .candles, mapping: options.columns)
      try parser.parse(input, into: &sink)
      try sink.checkSteps()
      report.warnings += parser.warnings
      if sink.series.volume.first?.isNaN == true {
        report.warnings.append("\(input.path): there is no volume column; volumes are missing (NaN)")
      }
      parts.append(
        Part(input: input, firstLine: sink.firstLine, times: sink.series.openTime, content: sink.series))
    }
    try order(&parts, key: "open_time", into: &report)
    var series = CandleSeries(symbol: options.symbol, interval: options.interval)
    for part in parts { series.append(contentsOf: part.content) }
    report.gaps = series.gaps()
    return (series, report)
  }

  /// Reads candles leniently, for inspection and repair: defects of cells and rows are recorded, not thrown.
  ///
  /// Files are taken in the order of their first readable row; rows stay in file order.
  /// - Throws: `TernError` of kind `data` only where a file cannot be read or its columns cannot be found.
  public func rawCandles(from paths: [String]) throws(TernError) -> (raw: RawCandles, report: ImportReport) {
    var report = ImportReport()
    var parts: [(input: TextInput, raw: RawCandles, parser: RowParser)] = []
    for input in try inputs(paths) {
      var sink = RawCandleSink(symbol: options.symbol, interval: options.interval)
      var parser = RowParser(file: input.path, layout: .candles, mapping: options.columns, isLenient: true)
      try parser.parse(input, into: &sink)
      parts.append((input, sink.raw, parser))
    }
    parts.sort { ($0.raw.series.openTime[0], $0.input.path) < ($1.raw.series.openTime[0], $1.input.path) }
    var raw = RawCandles(symbol: options.symbol, interval: options.interval)
    for part in parts {
      let times = part.raw.series.openTime
      report.sources.append(
        ImportReport.Source(
          name: part.input.name, digest: part.input.digest, rows: times.count, first: times.min() ?? 0,
          last: times.max() ?? 0))
      report.rows += times.count
      report.warnings += part.parser.warnings
      raw.append(
        part.raw, file: part.input.path, defects: part.parser.defects, count: part.parser.defectCount)
    }
    return (raw, report)
  }

  /// Reads funding rates: `funding_time,funding_rate` or Binance's `calc_time,funding_interval_hours,last_funding_rate`.
  ///
  /// A rate of 100 % or more per settlement is refused as an error of unit.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func funding(from paths: [String]) throws(TernError) -> (series: FundingSeries, report: ImportReport)
  {
    var report = ImportReport()
    var parts: [Part<FundingSeries>] = []
    for input in try inputs(paths) {
      var sink = FundingSink(file: input.path)
      try parse(input, layout: .funding, into: &sink, &report)
      parts.append(
        Part(input: input, firstLine: sink.order.firstLine, times: sink.series.time, content: sink.series))
    }
    try order(&parts, key: "funding_time", into: &report)
    var series = FundingSeries()
    for part in parts {
      series.time += part.content.time
      series.rate += part.content.rate
    }
    return (series, report)
  }

  /// Reads mark prices: candles of the options' interval, each close known at its candle's end, or `time,price`.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func markPrice(from paths: [String]) throws(TernError) -> (
    series: MarkPriceSeries, report: ImportReport
  ) {
    var report = ImportReport()
    var parts: [Part<MarkPriceSeries>] = []
    for input in try inputs(paths) {
      if try MarkPriceSink.isInstants(input, mapping: options.columns) {
        var sink = MarkPriceSink(file: input.path)
        try parse(input, layout: .markPrices, into: &sink, &report)
        parts.append(
          Part(input: input, firstLine: sink.order.firstLine, times: sink.series.time, content: sink.series))
      } else {
        var sink = CandleSink(file: input.path, symbol: options.symbol, interval: options.interval)
        try parse(input, layout: .candles, into: &sink, &report)
        try sink.checkSteps()
        let times = sink.series.openTime.map { $0 + options.interval.milliseconds }
        let content = MarkPriceSeries(time: times, price: sink.series.close)
        parts.append(Part(input: input, firstLine: sink.firstLine, times: times, content: content))
      }
    }
    try order(&parts, key: "open_time", into: &report)
    var series = MarkPriceSeries()
    for part in parts {
      series.time += part.content.time
      series.price += part.content.price
    }
    return (series, report)
  }

  /// Reads best bid and ask, for example Binance's `bookTicker` dumps.
  ///
  /// A quote counts as known from the first whole millisecond at or after its stamp; of several in one millisecond
  /// the last is kept. Crossed quotes are refused.
  /// - Parameter sampling: keeps only the last quote of each such window (aligned to the epoch); nil keeps one per
  ///   millisecond.
  /// - Throws: `TernError` of kind `data` with file, line, column, found and expected.
  public func quotes(
    from paths: [String], sampling: Interval? = nil
  ) throws(TernError) -> (series: QuoteSeries, report: ImportReport) {
    var report = ImportReport()
    var parts: [Part<QuoteSeries>] = []
    for input in try inputs(paths) {
      var sink = QuoteSink(file: input.path, sampling: sampling)
      try parse(input, layout: .quotes, into: &sink, &report)
      parts.append(
        Part(input: input, firstLine: sink.order.firstLine, times: sink.series.time, content: sink.series))
    }
    try order(&parts, key: "time", into: &report)
    var series = QuoteSeries()
    for part in parts {
      series.time += part.content.time
      series.bidPrice += part.content.bidPrice
      series.bidQuantity += part.content.bidQuantity
      series.askPrice += part.content.askPrice
      series.askQuantity += part.content.askQuantity
    }
    return (series, report)
  }

  /// What one input gave.
  private struct Part<Content> {
    var input: TextInput
    var firstLine: Int
    var times: [Int64]
    var content: Content
  }

  private func inputs(_ paths: [String]) throws(TernError) -> [TextInput] {
    guard !paths.isEmpty else { throw TernError(.usage, "no input file is given") }
    var inputs: [TextInput] = []
    for path in paths { inputs += try TextInput.open(path) }
    return inputs
  }

  private func parse(
    _ input: TextInput, layout: SourceLayout, into sink: inout some RowSink, _ report: inout ImportReport
  ) throws(TernError) {
    var parser = RowParser(file: input.path, layout: layout, mapping: options.columns)
    try parser.parse(input, into: &sink)
    report.warnings += parser.warnings
  }

  /// Sorts the parts by time, refuses overlaps and lists the sources.
  private func order<Content>(
    _ parts: inout [Part<Content>], key: String, into report: inout ImportReport
  ) throws(TernError) {
    parts.sort { ($0.times[0], $0.input.path) < ($1.times[0], $1.input.path) }
    for (index, part) in parts.enumerated() {
      let first = part.times[0]
      let last = part.times[part.times.count - 1]
      if index > 0 {
        let before = parts[index - 1]
        let end = before.times[before.times.count - 1]
        guard first > end else {
          throw TernError(
            .data, "overlaps \(before.input.path)", file: part.input.path, line: part.firstLine, key: key,
            found: Timestamp.text(first), expected: "later than \(Timestamp.text(end))")
        }
      }
      report.sources.append(
        ImportReport.Source(
          name: part.input.name, digest: part.input.digest, rows: part.times.count, first: first, last: last))
      report.rows += part.times.count
    }
  }
}
