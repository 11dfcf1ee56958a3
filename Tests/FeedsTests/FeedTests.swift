import Datasets
import Diagnostics
import Files
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Feeds

/// All events of a feed, which must begin when it has announced, if it has.
func drain(_ feed: any MarketFeed) throws -> [MarketEvent] {
  let announced = try feed.announcedStart()
  var events: [MarketEvent] = []
  while let event = try feed.next() { events.append(event) }
  let start = events.first?.knownTime(feed.interval)
  if !(feed is SeriesFeed || feed is CandleFileFeed) || announced != nil { #expect(announced == start) }
  #expect(try feed.next() == nil)
  return events
}

@Suite struct FeedTests {
  private func recipe(days: Int, interval: String = "1m", seed: UInt64 = 1) throws
    -> SyntheticMarket.Configuration
  {
    var recipe = SyntheticMarket.Configuration()
    recipe.days = days
    recipe.interval = try Interval(interval)
    recipe.seed = seed
    return recipe
  }

  /// The definition: everything sorted by the time it is known, funding before quote before candle.
  private func sorted(_ data: MarketData, _ bounds: FeedBounds = .all) -> [MarketEvent] {
    var events: [(time: Int64, rank: Int, event: MarketEvent)] = []
    if let funding = data.funding {
      for index in funding.time.indices {
        events.append(
          (funding.time[index], 0, .funding(time: funding.time[index], rate: funding.rate[index])))
      }
    }
    if let quotes = data.quotes {
      for index in quotes.time.indices { events.append((quotes.time[index], 1, .quote(quotes[index]))) }
    }
    for index in 0..<data.candles.count {
      events.append((data.candles.closeTime(index), 2, .candle(data.candles[index])))
    }
    return events.filter { bounds.contains($0.time) }.sorted { ($0.time, $0.rank) < ($1.time, $1.rank) }.map(
      \.event)
  }

  private func bounds(_ data: MarketData) -> [FeedBounds] {
    let first = data.candles.closeTime(0)
    let last = data.candles.closeTime(data.candles.count - 1)
    let middle = data.candles.closeTime(data.candles.count / 2)
    return [
      .all, FeedBounds(from: middle), FeedBounds(to: middle), FeedBounds(from: first + 1, to: last),
      FeedBounds(from: middle + 1, to: middle + 1), FeedBounds(from: last + 1), FeedBounds(to: first),
      FeedBounds(from: last, to: .max),
    ]
  }

  @Test(arguments: [("1m", 1), ("30m", 20), ("1h", 3)])
  func seriesSyntheticAndStoreFeedsAgreeWithTheDefinition(interval: String, days: Int) throws {
    let folder = try Folder()
    let recipe = try recipe(days: days, interval: interval, seed: 7)
    var data = try SyntheticMarket.generate(recipe)
    for bounds in bounds(data) {
      let expected = sorted(data, bounds)
      #expect(try drain(SeriesFeed(data, bounds: bounds)) == expected)
      #expect(try drain(SyntheticFeed(recipe, bounds: bounds)) == expected)
    }
    // Gaps, funding off the closes, sparse quotes.
    for index in [5, 6, 20] { remove(index, from: &data) }
    data.funding?.time[0] += 17
    data.quotes?.time[3] -= 12_345
    let path = folder.path + "/market.h5"
    let manifest = try CandleStore.write(data, to: path, provenance: .init(origin: "import"))
    for bounds in bounds(data) {
      let expected = sorted(data, bounds)
      #expect(try drain(SeriesFeed(data, bounds: bounds)) == expected)
      for verification in [StoreFeed.Verification.columns, .seal] {
        let feed = try StoreFeed(path, bounds: bounds, verification: verification)
        #expect(feed.digest == manifest.digest && feed.manifest == manifest)
        #expect(feed.symbol == "SYNTHUSDT" && feed.interval == recipe.interval)
        #expect(try drain(feed) == expected)
      }
    }
    #expect(try SeriesFeed(data).digest == manifest.digest)
  }

  private func remove(_ index: Int, from data: inout MarketData) {
    let candles = data.candles
    data.candles = candles.slice(0..<index)
    data.candles.append(contentsOf: candles.slice(index + 1..<candles.count))
  }

  /// 70,000 candles lie in two chunks of 65,536 rows.
  @Test func streamsAcrossChunks() throws {
    let folder = try Folder()
    var data = try SyntheticMarket.generate(recipe(days: 49))
    let path = folder.path + "/market.h5"
    try CandleStore.write(data, to: path, provenance: .init(origin: "import"))
    let expected = sorted(data)
    #expect(data.candles.count == 70_560)
    #expect(try drain(StoreFeed(path)) == expected)
    let late = FeedBounds(from: data.candles.closeTime(66_000), to: data.candles.closeTime(66_010))
    #expect(try drain(StoreFeed(path, bounds: late)) == sorted(data, late))
    data.funding = nil
    data.quotes = nil
    data.markPrice = nil
    try CandleStore.write(data, to: path, provenance: .init(origin: "import"))
    #expect(try drain(StoreFeed(path)) == sorted(data))
  }

  /// The stores' digests of these recipes, as written before the generator became a stream.
  @Test func theSyntheticMarketIsTheOneItWas() throws {
    let data = try SyntheticMarket.generate(recipe(days: 1))
    let manifest = try CandleStore.describe(data, provenance: .init(origin: "synthesize"))
    #expect(
      manifest.digest.description == "sha256:95d519a08dee52d35f25a679503ad8d1c521ea55136512452b644199da756621"
    )
    #expect(try SyntheticFeed(recipe(days: 1)).digest == SyntheticFeed(recipe(days: 1)).digest)
    #expect(try SyntheticFeed(recipe(days: 1)).digest != SyntheticFeed(recipe(days: 1, seed: 2)).digest)
  }

  @Test func unsoundSeriesAreRefused() throws {
    var data = try SyntheticMarket.generate(recipe(days: 1, interval: "30m"))
    data.candles.close[3] = .nan
    #expect(throws: TernError.self) { try SeriesFeed(data) }
    var bad = try recipe(days: 1)
    bad.days = 0
    #expect(throws: TernError.self) { try SyntheticFeed(bad) }
  }

  @Test func opensWhatAnArgumentNames() throws {
    let folder = try Folder()
    let data = try SyntheticMarket.generate(recipe(days: 1, interval: "30m"))
    let store = folder.path + "/market.h5"
    try CandleStore.write(data, to: store, provenance: .init(origin: "import"))
    #expect(try drain(MarketFeeds.open([store])) == sorted(data))
    #expect(try MarketFeeds.open([store], symbol: "SYNTHUSDT", interval: "30m").symbol == "SYNTHUSDT")
    let csv = try folder.write(Sample.text(), "BTCUSDT-1m-2023-01.csv")
    let feed = try MarketFeeds.open([csv])
    #expect(feed.symbol == "BTCUSDT" && feed.interval == .minute && feed is CandleFileFeed)
    #expect(try MarketFeeds.open([csv], symbol: "ETHUSDT", interval: "60s").symbol == "ETHUSDT")
    let anonymous = try folder.write(Sample.text(), "candles.csv")
    for open: () throws -> any MarketFeed in [
      { try MarketFeeds.open([]) }, { try MarketFeeds.open([anonymous]) },
      { try MarketFeeds.open([csv, store]) },
      { try MarketFeeds.open([store], symbol: "BTCUSDT") }, { try MarketFeeds.open([store], interval: "1m") },
      { try MarketFeeds.open([store], funding: [csv]) },
    ] {
      let error = #expect(throws: TernError.self) { try open() }
      #expect(error?.kind == .usage, "\(String(describing: error))")
    }
    for path in ["/absent.h5", "/absent-BTCUSDT-1m.csv"] {
      let error = #expect(throws: TernError.self) { try MarketFeeds.open([folder.path + path]) }
      #expect(error?.kind == .data && error?.file == folder.path + path)
    }
  }
}
