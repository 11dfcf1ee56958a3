import Diagnostics
import Market

/// Opens whatever a data argument names.
public enum MarketFeeds {
  /// Opens one store, or candle files.
  /// - Parameters:
  ///   - paths: one `.h5` store, or candle files (`.csv`, `.csv.gz`, `.zip`) in any order.
  ///   - symbol: the exchange's symbol; taken from the file name when nil. For a store it must be the store's.
  ///   - interval: the candle interval; taken from the file name when nil. For a store it must be the store's.
  ///   - funding: funding-rate files that belong to candle files.
  ///   - bounds: the part to hand out.
  ///   - verification: what of a store is proven before its first event.
  /// - Throws: `TernError` of kind `usage` when the names do not tell symbol and interval or contradict the store,
  ///   `data` for files that are not sound.
  public static func open(
    _ paths: [String], symbol: String? = nil, interval: String? = nil, funding: [String] = [],
    bounds: FeedBounds = .all, verification: StoreFeed.Verification = .columns
  ) throws(TernError) -> any MarketFeed {
    guard let store = paths.first, paths.count == 1, CandleStore.isStore(store) else {
      if let store = paths.first(where: CandleStore.isStore) {
        throw TernError(.usage, "a store stands alone", file: store, found: "\(paths.count) files")
      }
      let options = try CandleImporter.Options(naming: paths, symbol: symbol, interval: interval)
      return try CandleFileFeed(paths, options: options, funding: funding, bounds: bounds)
    }
    guard funding.isEmpty else {
      throw TernError(.usage, "a store carries its own funding", file: store, key: "funding")
    }
    let feed = try StoreFeed(store, bounds: bounds, verification: verification)
    if let symbol, symbol != feed.symbol {
      throw TernError(
        .usage, "the store holds another symbol", file: store, key: "--symbol", found: symbol,
        expected: feed.symbol)
    }
    if let interval, try Interval(interval) != feed.interval {
      throw TernError(
        .usage, "the store holds another interval", file: store, key: "--interval", found: interval,
        expected: "\(feed.interval)")
    }
    return feed
  }
}
