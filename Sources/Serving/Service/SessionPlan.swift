import Diagnostics
import Feeds
import Files
import Market
import Orders
import Sessions
import Stacks

/// A configuration with everything it names found and checked: a session can begin.
public struct SessionPlan {
  /// What was asked for.
  public let configuration: ServeConfiguration
  /// What the session is.
  public let header: SessionHeader
  /// The registry's stacks.
  public let stacks: RegistryStacks
  /// References of the lanes' stacks, by lane and market, for the watch on aliases.
  public let references: [[String]]
  /// Where each market's candles come from, for people.
  public let sources: [String]
  /// The markets' sources as they were opened and proven.
  private let opened: [any MarketFeed]
  private let from: Int64?
  private let to: Int64?

  /// Finds stacks and candles.
  /// - Parameters:
  ///   - from: when trading begins, milliseconds; candles before it, as many as the features look back on, warm them up.
  ///   - to: end of the candles, milliseconds, exclusive.
  /// - Throws: `TernError` of kind `configuration` or `data` naming the key or the file.
  public init(_ configuration: ServeConfiguration, from: Int64? = nil, to: Int64? = nil) throws(TernError) {
    try configuration.validate()
    self.configuration = configuration
    self.from = from
    self.to = to
    stacks = RegistryStacks(configuration.registry)
    guard let reference = configuration.stack else {
      throw TernError(
        .configuration, "is missing", key: "stack", expected: "a reference such as phase1@champion")
    }
    guard !configuration.markets.isEmpty else {
      throw TernError(.configuration, "there is no market", key: "markets", expected: "data or synthetic")
    }
    var lanes = [(name: "champion", references: configuration.markets.map { $0.stack ?? reference })]
    for variant in configuration.variants {
      lanes.append((variant.name, configuration.markets.map { _ in variant.reference }))
    }
    references = lanes.map(\.references)

    var terms: [MarketTerms] = []
    var digests: [Digest] = []
    var sources: [String] = []
    var opened: [any MarketFeed] = []
    for (index, market) in configuration.markets.enumerated() {
      let feed = try SessionPlan.feed(market, bounds: .all)
      terms.append(try SessionPlan.terms(market, feed, index))
      digests.append(feed.digest)
      opened.append(feed)
      sources.append(market.synthetic == nil ? market.data.joined(separator: ", ") : "synthetic market")
    }
    self.sources = sources
    self.opened = opened
    var headerLanes: [SessionHeader.Lane] = []
    for lane in lanes {
      var seats: [Digest] = []
      for (reference, terms) in zip(lane.references, terms) {
        let stack = try stacks.stack(reference: reference)
        guard configuration.allowsOtherSymbols || stack.description.symbol == terms.symbol else {
          throw TernError(
            .configuration, "the stack was judged on another symbol; allow_other_symbols lets it decide",
            key: reference, found: terms.symbol, expected: stack.description.symbol)
        }
        seats.append(stack.digest)
      }
      headerLanes.append(SessionHeader.Lane(name: lane.name, stacks: seats))
    }
    let session = SessionConfiguration(
      markets: terms, initialEquity: configuration.initialEquity, tradingFrom: from,
      verdict: configuration.verdict, position: configuration.position, risk: configuration.risk,
      venue: configuration.venue, candles: configuration.candles)
    try session.validate()
    header = SessionHeader(configuration: session, lanes: headerLanes, sources: digests)
  }

  /// The feeds of all markets, from the warm-up on.
  /// - Parameter positions: how much of each was taken in before.
  public func feeds(from positions: [FeedPosition]? = nil) throws(TernError) -> FeedMerge {
    var feeds: [any MarketFeed] = []
    for (index, feed) in opened.enumerated() {
      feeds.append(try feed.restarted(within: try bounds(market: index)))
    }
    return FeedMerge(feeds, from: positions)
  }

  private func bounds(market: Int) throws(TernError) -> FeedBounds {
    var lookback = 0
    for lane in header.lanes {
      lookback = max(lookback, try stacks.stack(lane.stacks[market]).schema.lookback)
    }
    let interval = header.configuration.markets[market].interval.milliseconds
    // One interval more: the first candle of the lookback closes after it opens.
    let warmUp = Int64(lookback + 1) * interval
    return FeedBounds(from: from.map { $0 - warmUp } ?? .min, to: to ?? .max)
  }

  static func feed(
    _ market: ServeConfiguration.MarketSection, bounds: FeedBounds
  ) throws(TernError) -> any MarketFeed {
    if let synthetic = market.synthetic { return try SyntheticFeed(synthetic, bounds: bounds) }
    return try MarketFeeds.open(
      market.data, symbol: market.terms?.symbol, interval: market.terms?.interval.description,
      funding: market.funding, bounds: bounds, verification: .seal)
  }

  private static func terms(
    _ market: ServeConfiguration.MarketSection, _ feed: any MarketFeed, _ index: Int
  ) throws(TernError) -> MarketTerms {
    guard let terms = market.terms else { return MarketTerms(symbol: feed.symbol, interval: feed.interval) }
    guard terms.symbol == feed.symbol, terms.interval == feed.interval else {
      throw TernError(
        .configuration, "the terms are of another market than the candles", key: "markets.\(index).terms",
        found: "\(terms.symbol) \(terms.interval)", expected: "\(feed.symbol) \(feed.interval)")
    }
    return terms
  }
}
