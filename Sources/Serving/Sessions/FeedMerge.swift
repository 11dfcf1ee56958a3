import Diagnostics
import Feeds
import Market

/// The events of several markets in the order in which they become known; at ties by market.
public final class FeedMerge {
  private let feeds: [any MarketFeed]
  private let intervals: [Interval]
  private var heads: [MarketEvent?]
  private var skips: [FeedPosition]
  private var isPrimed = false

  /// Merges feeds, the market's index being the feed's.
  /// - Parameter positions: how much of each was taken in before, and is left out now.
  public init(_ feeds: [any MarketFeed], from positions: [FeedPosition]? = nil) {
    self.feeds = feeds
    intervals = feeds.map(\.interval)
    heads = Array(repeating: nil, count: feeds.count)
    skips = positions ?? Array(repeating: FeedPosition(), count: feeds.count)
  }

  /// The next event and its market; nil at the end of all feeds.
  /// - Throws: `TernError` of kind `data` when a source is unsound.
  public func next() throws(TernError) -> (event: MarketEvent, market: Int)? {
    guard let best = try first()?.market, let event = heads[best] else { return nil }
    heads[best] = try advance(best)
    return (event, best)
  }

  /// The instant at which the first event is known, milliseconds, to be asked before any is taken; nil without events.
  ///
  /// A generated market tells it without being generated, a store by one of its columns, so that a session begins at
  /// once.
  /// - Throws: `TernError` of kind `data` when a source is unsound.
  public func startTime() throws(TernError) -> Int64? {
    var start: Int64?
    for feed in feeds {
      guard let announced = try feed.announcedStart() else { return try peekTime() }
      start = min(start ?? .max, announced)
    }
    return start
  }

  /// The instant at which the next event is known, milliseconds; nil at the end of all feeds.
  /// - Throws: `TernError` of kind `data` when a source is unsound.
  public func peekTime() throws(TernError) -> Int64? { try first()?.time }

  private func first() throws(TernError) -> (market: Int, time: Int64)? {
    if !isPrimed {
      for market in feeds.indices { heads[market] = try advance(market) }
      isPrimed = true
    }
    var best: (market: Int, time: Int64)?
    for market in heads.indices {
      guard let event = heads[market] else { continue }
      let time = event.knownTime(intervals[market])
      if best.map({ time < $0.time }) ?? true { best = (market, time) }
    }
    return best
  }

  private func advance(_ market: Int) throws(TernError) -> MarketEvent? {
    while let event = try feeds[market].next() {
      switch event {
      case .candle where skips[market].candles > 0: skips[market].candles -= 1
      case .funding where skips[market].fundings > 0: skips[market].fundings -= 1
      // A quote belongs to the candle after it.
      case .quote where skips[market].candles > 0: continue
      default: return event
      }
    }
    return nil
  }
}
