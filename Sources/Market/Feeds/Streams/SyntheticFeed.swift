import Diagnostics
import Files
import Market

/// The events of a synthetic market, generated one by one: bit-identical to `SyntheticMarket.generate`, in constant
/// memory, whatever the number of days. Mark prices, which no event carries, are generated and not handed out.
public final class SyntheticFeed: MarketFeed {
  /// The exchange's symbol.
  public let symbol: String
  /// Length of every candle.
  public let interval: Interval
  /// SHA-256 over the canonical recipe, from which every value follows. It is not the digest of a store with the same
  /// candles, which would need all of them.
  public let digest: Digest

  private let bounds: FeedBounds
  private var generator: SyntheticGenerator
  private var bar: SyntheticBar?
  private var stage = Stage.funding
  private let configuration: SyntheticMarket.Configuration
  /// Whether the candles before the bounds have been generated and dropped.
  private var isPositioned = false

  /// What of the present candle is handed out next.
  private enum Stage { case funding, quote, candle }

  /// Streams the market of a recipe.
  /// - Throws: `TernError` of kind `configuration` for settings out of range.
  public init(
    _ configuration: SyntheticMarket.Configuration, bounds: FeedBounds = .all
  ) throws(TernError) {
    generator = try SyntheticGenerator(configuration)
    self.configuration = configuration
    symbol = configuration.symbol
    interval = configuration.interval
    self.bounds = bounds
    digest = Digest(of: Array("tern-synthetic 1\n".utf8) + (try CanonicalJSON.encode(configuration)))
  }

  /// The same market anew.
  public func restarted(within bounds: FeedBounds) throws(TernError) -> any MarketFeed {
    try SyntheticFeed(configuration, bounds: bounds)
  }

  /// The close of the first candle within the bounds; nil when there is none.
  public func announcedStart() throws(TernError) -> Int64? {
    let length = interval.milliseconds
    let last = configuration.start + Int64(configuration.days) * 86_400_000
    var start = configuration.start + length
    if bounds.from > start {
      guard bounds.from <= last else { return nil }
      start += (bounds.from - start + length - 1) / length * length
    }
    return start <= last && start < bounds.to ? start : nil
  }

  /// The next event; nil at the end.
  public func next() throws(TernError) -> MarketEvent? {
    if !isPositioned {
      isPositioned = true
      repeat { bar = generator.next() } while isBeforeBounds
    }
    // Everything about a candle is known at its close, so the bounds keep or drop all of it.
    guard let bar, bar.quote.time < bounds.to else { return nil }
    if stage == .funding {
      stage = .quote
      if let rate = bar.fundingRate { return .funding(time: bar.quote.time, rate: rate) }
    }
    if stage == .quote {
      stage = .candle
      return .quote(bar.quote)
    }
    stage = .funding
    self.bar = generator.next()
    return .candle(bar.candle)
  }

  private var isBeforeBounds: Bool { bar.map { $0.quote.time < bounds.from } ?? false }
}
