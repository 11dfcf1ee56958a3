import Diagnostics
import Feeds
import Files
import Journal
import Sessions

/// Finds what a journal's candles are to be held against.
public enum Certification {
  /// The feeds of a journal's markets, from the same instant on as the session had them.
  /// - Throws: `TernError` of kind `data` when the journal holds no session or a source is another than the journal's.
  public static func feeds(
    _ journal: String, _ configuration: ServeConfiguration
  ) throws(TernError) -> FeedMerge {
    let reader = try JournalReader(path: journal, mode: .strict)
    guard let record = try reader.next(), record.kind == .session else {
      throw TernError(.data, "the journal holds no session", file: journal)
    }
    let header = try CanonicalJSON.decode(SessionHeader.self, from: Array(record.payload), file: journal)
    guard configuration.markets.count == header.sources.count else {
      throw TernError(
        .usage, "names another number of markets than the journal", key: "markets",
        found: "\(configuration.markets.count)", expected: "\(header.sources.count)")
    }
    var feeds: [any MarketFeed] = []
    for (market, digest) in zip(configuration.markets, header.sources) {
      // The first record carries the time of the first event.
      let feed = try SessionPlan.feed(market, bounds: FeedBounds(from: record.time))
      guard feed.digest == digest else {
        throw TernError(
          .data, "the candles are not the journal's", file: market.data.first, found: "\(feed.digest)",
          expected: "\(digest)")
      }
      feeds.append(feed)
    }
    return FeedMerge(feeds)
  }
}
