import Diagnostics
import Files
import Market

/// The events of a market that lies in memory.
public final class SeriesFeed: MarketFeed {
  /// The exchange's symbol.
  public let symbol: String
  /// Length of every candle.
  public let interval: Interval
  /// The digest that `CandleStore` would write for the same data, whatever the bounds.
  public let digest: Digest

  private let data: MarketData
  private let bounds: FeedBounds
  private var candle = 0
  private var funding = 0
  private var quote = 0

  /// Streams `data`.
  /// - Throws: `TernError` of kind `data` for series that a store would refuse: none at all, disordered, malformed.
  public convenience init(_ data: MarketData, bounds: FeedBounds = .all) throws(TernError) {
    let manifest = try CandleStore.describe(data, provenance: CandleStore.Provenance(origin: "memory"))
    self.init(data, digest: manifest.digest, bounds: bounds)
  }

  /// Streams data that were checked when they were loaded, under the digest found then.
  public init(_ data: MarketData, digest: Digest, bounds: FeedBounds = .all) {
    symbol = data.candles.symbol
    interval = data.candles.interval
    self.data = data
    self.digest = digest
    self.bounds = bounds
  }

  /// The same data anew.
  public func restarted(within bounds: FeedBounds) throws(TernError) -> any MarketFeed {
    SeriesFeed(data, digest: digest, bounds: bounds)
  }

  /// The next event; nil at the end.
  public func next() throws(TernError) -> MarketEvent? {
    while let event = nextUnbounded() {
      let time = event.knownTime(interval)
      if time >= bounds.to { return nil }
      if time >= bounds.from { return event }
    }
    return nil
  }

  private func nextUnbounded() -> MarketEvent? {
    let fundingTime = time(data.funding?.time, funding)
    let quoteTime = time(data.quotes?.time, quote)
    let candleTime = candle < data.candles.count ? data.candles.closeTime(candle) : .max
    switch FeedOrder.first(funding: fundingTime, quote: quoteTime, candle: candleTime) {
    case .funding:
      defer { funding += 1 }
      return data.funding.map { .funding(time: $0.time[funding], rate: $0.rate[funding]) }
    case .quote:
      defer { quote += 1 }
      return data.quotes.map { .quote($0[quote]) }
    case .candle:
      defer { candle += 1 }
      return .candle(data.candles[candle])
    case nil:
      return nil
    }
  }

  private func time(_ times: [Int64]?, _ index: Int) -> Int64 {
    guard let times, index < times.count else { return .max }
    return times[index]
  }
}

/// Which of three sources has the next event.
enum FeedOrder {
  case funding, quote, candle

  /// The earliest, at ties in the order of the parameters; nil when all are `Int64.max`, which stands for the end.
  @inline(__always)
  static func first(funding: Int64, quote: Int64, candle: Int64) -> FeedOrder? {
    if funding <= quote && funding <= candle { return funding == .max ? nil : .funding }
    return quote <= candle ? .quote : .candle
  }
}
