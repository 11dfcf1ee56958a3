import Market

/// Candles as a file has them, defects included: possibly unsorted, repeated, not finite or contradictory.
public struct RawCandles: Equatable, Sendable {
  /// A cell or row that could not be read.
  public struct Defect: Codable, Equatable, Sendable {
    /// The file (or `archive.zip/entry.csv`).
    public var file: String
    /// The line, counted from one.
    public var line: Int
    /// What is wrong, as the strict import would have said it.
    public var message: String
  }

  /// The rows in file order, files in time order. A number that could not be read is NaN.
  public var series: CandleSeries
  /// Index of each row's file in `files`.
  public var file: [Int32] = []
  /// Line of each row in its file, counted from one.
  public var line: [Int32] = []
  /// Whether a cell of each row could not be read.
  public var isDamaged: [Bool] = []
  /// The files' names.
  public var files: [String] = []
  /// Rows and cells that could not be read, at most `defectLimit` of them; rows without a readable time are left out.
  public var defects: [Defect] = []
  /// Number of such rows and cells.
  public var defectCount = 0
  /// Most defects that are kept as examples.
  public static let defectLimit = 1000

  /// An empty collection.
  public init(symbol: String, interval: Interval) {
    series = CandleSeries(symbol: symbol, interval: interval)
  }

  /// The rows of a series that is in memory already.
  public init(_ series: CandleSeries) {
    self.series = series
    file = Array(repeating: 0, count: series.count)
    line = (0..<series.count).map { Int32(clamping: $0 + 1) }
    isDamaged = Array(repeating: false, count: series.count)
    files = [series.symbol]
  }

  /// Where a row came from, for messages.
  public func place(of row: Int) -> String { "\(files[Int(file[row])]):\(line[row])" }

  mutating func append(_ part: RawCandles, file path: String, defects: [Defect], count: Int) {
    let index = Int32(files.count)
    files.append(path)
    series.append(contentsOf: part.series)
    file += Array(repeating: index, count: part.series.count)
    line += part.line
    isDamaged += part.isDamaged
    self.defects += defects.prefix(RawCandles.defectLimit - self.defects.count)
    defectCount += count
  }
}
