import Diagnostics
import Files
import HDF5Reader
import Market

/// The events of a market data file (`CandleStore`), streamed chunk by chunk: memory does not grow with the file.
///
/// A year of one-minute candles with quotes takes about 10 MB: one chunk of 65,536 rows of every column. Mark prices,
/// which no event carries, are verified and not handed out. After the first event of a chunk nothing is allocated.
public final class StoreFeed: MarketFeed {
  /// What is proven before the first event.
  public enum Verification: Sendable {
    /// Every row obeys the store's rules and every column has the digest that the manifest states, as
    /// `CandleStore.read` checks it: one more pass over the file.
    case columns
    /// The file is the one that was sealed when it was written; rows are checked as they are handed out. A file without
    /// a seal is refused. The seal is checked while whoever opened the store does something else: a broken one is told
    /// with the first event.
    case seal
  }

  /// The exchange's symbol.
  public let symbol: String
  /// Length of every candle.
  public let interval: Interval
  /// The manifest's digest: the dataset's identity, whatever the bounds.
  public var digest: Digest { manifest.digest }
  /// What the store says about itself.
  public let manifest: CandleStore.Manifest

  private let source: HDF5Source
  private var path: String { source.path }
  private let bounds: FeedBounds
  private var candles: StoreGroup
  private var funding: StoreGroup?
  private var quotes: StoreGroup?
  private var failure: TernError?
  private var hasBegun = false

  /// Opens a store: checks its seal, its manifest and, by default, all of its columns.
  /// - Throws: `TernError` of kind `data` when it does not exist, is damaged, cut short, changed, or no store.
  public convenience init(
    _ path: String, bounds: FeedBounds = .all, verification: Verification = .columns
  ) throws(TernError) {
    guard AtomicFile.exists(path) else { throw TernError(.data, "does not exist", file: path) }
    let source = try HDF5Source(path: path, checksApart: verification == .seal)
    do throws(TernError) { try self.init(source, bounds: bounds, verification: verification) } catch {
      // A broken seal says more than what it led to.
      try source.requireSeal()
      throw error
    }
  }

  convenience init(_ source: HDF5Source, bounds: FeedBounds, verification: Verification) throws(TernError) {
    try self.init(
      source, manifest: try CandleStore.readManifest(from: source), bounds: bounds, verification: verification
    )
  }

  /// - Parameter verification: nil for a source that is proven already.
  private init(
    _ source: HDF5Source, manifest: CandleStore.Manifest, bounds: FeedBounds, verification: Verification?
  ) throws(TernError) {
    self.source = source
    self.manifest = manifest
    let path = source.path
    let groups = StoreColumns.Group.allCases.filter(manifest.holds)
    guard manifest.columns.map(\.path) == groups.flatMap(\.paths), groups.first == .candles else {
      throw TernError(
        .data, "the manifest lists unknown or disordered columns", file: path,
        found: manifest.columns.map(\.path).joined(separator: ", "))
    }
    switch verification {
    case .columns: try StoreVerification.run(manifest, in: source)
    case .seal:
      guard source.isSealed else {
        throw TernError(.data, "carries no seal", file: path, expected: "a file as Tern writes it")
      }
    case nil: break
    }
    symbol = manifest.symbol
    interval = manifest.interval
    self.bounds = bounds
    candles = try StoreGroup(.candles, manifest, in: source, hashing: false)
    funding = try StoreFeed.group(.funding, manifest, source)
    quotes = try StoreFeed.group(.quotes, manifest, source)
  }

  /// Waits for the seal and moves every group to its first row within the bounds.
  private func begin() throws(TernError) {
    hasBegun = true
    try source.requireSeal()
    let (opening, overflow) = bounds.from.subtractingReportingOverflow(interval.milliseconds)
    try candles.advance(to: overflow ? .min : opening, guess: manifest.row(at: overflow ? .min : opening))
    try funding?.advance(to: bounds.from)
    try quotes?.advance(to: bounds.from)
  }

  /// The rows of the file that is open already.
  public func restarted(within bounds: FeedBounds) throws(TernError) -> any MarketFeed {
    try StoreFeed(source, manifest: manifest, bounds: bounds, verification: nil)
  }

  /// The next event; nil at the end.
  /// - Throws: `TernError` of kind `data` when the file is damaged or changed while it is read.
  public func next() throws(TernError) -> MarketEvent? {
    try keeping { () throws(TernError) in
      if !hasBegun { try begin() }
      return try read()
    }
  }

  /// When the first event is known, told by the columns of times alone: the others take ten times as long to inflate.
  public func announcedStart() throws(TernError) -> Int64? {
    try keeping { () throws(TernError) in
      if !hasBegun { try begin() }
      let time = min(fundingTime, quoteTime, closeTime)
      return time < bounds.to ? time : nil
    }
  }

  /// Keeps what goes wrong: whoever asks again gets the same error.
  private func keeping<Result>(_ body: () throws(TernError) -> Result) throws(TernError) -> Result {
    if let failure { throw failure }
    do throws(TernError) { return try body() } catch {
      failure = error.inFile(path)
      throw error.inFile(path)
    }
  }

  private var closeTime: Int64 { candles.time == .max ? .max : candles.time &+ interval.milliseconds }
  private var fundingTime: Int64 { funding?.time ?? .max }
  private var quoteTime: Int64 { quotes?.time ?? .max }

  private func read() throws(TernError) -> MarketEvent? {
    let (fundingTime, quoteTime, candleTime) = (fundingTime, quoteTime, closeTime)
    guard min(fundingTime, quoteTime, candleTime) < bounds.to else { return nil }
    switch FeedOrder.first(funding: fundingTime, quote: quoteTime, candle: candleTime) {
    case .funding:
      guard let rate = try funding?.rate() else { return nil }
      try funding?.advance()
      return .funding(time: fundingTime, rate: rate)
    case .quote:
      guard let quote = try quotes?.quote() else { return nil }
      try quotes?.advance()
      return .quote(quote)
    case .candle:
      let candle = try candles.candle(interval)
      try candles.advance()
      return .candle(candle)
    case nil:
      return nil
    }
  }

  private static func group(
    _ group: StoreColumns.Group, _ manifest: CandleStore.Manifest, _ source: HDF5Source
  ) throws(TernError) -> StoreGroup? {
    manifest.holds(group) ? try StoreGroup(group, manifest, in: source, hashing: false) : nil
  }
}

extension HDF5Source: StoreAttributes {}
