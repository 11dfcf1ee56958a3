import Diagnostics
import Files
import Market

/// The rows of candle files (CSV, gzip, ZIP), streamed in file order, and funding rates from files beside them.
///
/// Files are taken in the order of their first rows. Within and between files nothing is judged: repeated, disordered or
/// contradictory candles are handed out as they stand, for `CandleGuard` to judge. A row that cannot be read is an
/// error. Funding files are read as a whole and strictly, as `CandleImporter` reads them.
public final class CandleFileFeed: MarketFeed {
  /// The exchange's symbol.
  public let symbol: String
  /// Length of every candle.
  public let interval: Interval
  /// SHA-256 of the file's bytes, or, of several files, over the digests of all of them in the order of reading. Files with
  /// equal candles in other bytes have other digests; `CandleStore.describe` tells the candles' own, once all are read.
  public let digest: Digest

  private let options: CandleImporter.Options
  private let texts: [TextFile]
  private let bounds: FeedBounds
  private let funding: FundingSeries
  private var fundingIndex = 0
  private var textIndex = 0
  private var reader: CandleFileReader?
  private var candle: Candle?
  private var failure: TernError?

  /// Opens candle files.
  /// - Parameters:
  ///   - paths: the candle files, in any order.
  ///   - options: symbol, interval and columns.
  ///   - funding: funding-rate files.
  ///   - bounds: the part to hand out; rows outside are read and left out, wherever they stand.
  /// - Throws: `TernError` of kind `data` when a file cannot be read or its first row is unsound.
  public init(
    _ paths: [String], options: CandleImporter.Options, funding: [String] = [], bounds: FeedBounds = .all
  ) throws(TernError) {
    guard !paths.isEmpty else { throw TernError(.usage, "no candle file is named") }
    var inputs: [(first: Int64, text: TextFile)] = []
    var digests: [(first: Int64, path: String, digest: Digest)] = []
    for path in paths {
      let (texts, digest) = try TextFile.open(path)
      var earliest = Int64.max
      for text in texts {
        guard let first = try CandleFileReader(text, options).nextRow() else { continue }
        inputs.append((first.openTime, text))
        earliest = min(earliest, first.openTime)
      }
      digests.append((earliest, path, digest))
    }
    inputs.sort { ($0.first, $0.text.path) < ($1.first, $1.text.path) }
    digests.sort { ($0.first, $0.path) < ($1.first, $1.path) }
    self.options = options
    self.bounds = bounds
    symbol = options.symbol
    interval = options.interval
    texts = inputs.map(\.text)
    var files = digests.map(\.digest)
    self.funding =
      funding.isEmpty ? FundingSeries() : try CandleImporter(options: options).funding(from: funding).series
    for path in funding.sorted() { files.append(try TextFile.open(path).digest) }
    digest =
      files.count == 1
      ? files[0] : Digest(of: "tern-files 1\n\(files.map { "\($0)\n" }.joined())".utf8)
    candle = try nextCandle()
  }

  private init(restarting other: CandleFileFeed, within bounds: FeedBounds) throws(TernError) {
    (symbol, interval, digest) = (other.symbol, other.interval, other.digest)
    (options, texts, funding) = (other.options, other.texts, other.funding)
    self.bounds = bounds
    candle = try nextCandle()
  }

  /// The rows of the same files anew.
  public func restarted(within bounds: FeedBounds) throws(TernError) -> any MarketFeed {
    try CandleFileFeed(restarting: self, within: bounds)
  }

  /// The next event; nil at the end.
  /// - Throws: `TernError` of kind `data` naming file and line of a row that cannot be read.
  public func next() throws(TernError) -> MarketEvent? {
    while let event = try nextUnbounded() {
      if bounds.contains(event.knownTime(interval)) { return event }
    }
    return nil
  }

  private func nextUnbounded() throws(TernError) -> MarketEvent? {
    let fundingTime = fundingIndex < funding.time.count ? funding.time[fundingIndex] : .max
    if let candle, candle.openTime &+ interval.milliseconds < fundingTime {
      // The row after it may be unreadable, which is an error only once this one was handed out.
      do throws(TernError) {
        self.candle = try nextCandle()
      } catch {
        self.candle = nil
        failure = error
      }
      return .candle(candle)
    }
    if candle == nil, let failure { throw failure }
    guard fundingTime < .max else { return nil }
    defer { fundingIndex += 1 }
    return .funding(time: fundingTime, rate: funding.rate[fundingIndex])
  }

  private func nextCandle() throws(TernError) -> Candle? {
    while true {
      if let row = try reader?.nextRow() { return row }
      reader = nil
      guard textIndex < texts.count else { return nil }
      reader = try CandleFileReader(texts[textIndex], options)
      textIndex += 1
    }
  }
}
