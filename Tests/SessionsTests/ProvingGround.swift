import DecisionFixtures
import Diagnostics
import Feeds
import Files
import Foundation
import Market
import Orders
import Registry
import StackFixtures
import Stacks
import TestSupport

@testable import Sessions

/// A registry of small stacks, and a day of candles for them.
final class ProvingGround: StackSource, Sendable {
  let registry: String
  let data: MarketData
  /// Two stacks over the same features, and one over others.
  let stacks: [LoadedStack]

  private static let shared = Result { try ProvingGround() }
  static func standard() throws -> ProvingGround { try shared.get() }

  /// - Parameter minutes: number of candles.
  init(minutes: Int = 1_440) throws {
    registry = NSTemporaryDirectory() + "tern-test-\(UUID().uuidString)"
    let registry = try ModelRegistry(directory: registry)
    var stacks: [LoadedStack] = []
    for (features, seed) in [(3, UInt64(1)), (3, 2), (5, 3)] {
      var parts = try StackParts(features: features, share: 0.05, seed: seed)
      // Random forests are seldom sure, and here they shall trade.
      parts.description.confidence = 0.4
      let version = try parts.register("demo", in: registry)
      stacks.append(try LoadedStack(reference: "demo@\(version.version)", registry: self.registry))
    }
    self.stacks = stacks
    let day = try SmallMarket.days(1, seed: 11)
    data = SmallMarket.removing(day) { $0 >= minutes || $0 == 700 || ($0 >= 900 && $0 < 910) }
  }

  deinit { try? FileManager.default.removeItem(atPath: registry) }

  func stack(_ digest: Digest) throws(TernError) -> LoadedStack {
    guard let stack = stacks.first(where: { $0.digest == digest }) else {
      throw TernError(.data, "there is no stack", found: "\(digest)")
    }
    return stack
  }

  func header(_ lanes: [String] = ["champion"]) -> SessionHeader {
    var configuration = SessionConfiguration(markets: [MarketTerms(symbol: data.candles.symbol)])
    configuration.position.partialProfits = [.init(at: Rate(units: 200_000), share: Rate(units: 50_000_000))]
    configuration.position.maximumAdds = 1
    configuration.position.addAt = Rate(units: 150_000)
    configuration.position.trailFrom = Rate(units: 300_000)
    configuration.risk.maximumDailyTrades = 500
    configuration.risk.maximumConsecutiveLosses = 500
    return SessionHeader(
      configuration: configuration,
      lanes: lanes.enumerated().map { .init(name: $1, stacks: [stacks[$0].digest]) },
      sources: [Digest(of: Array("source".utf8))])
  }

  /// The events that are still to come for a session.
  func feed(_ data: MarketData? = nil, from session: Session? = nil) -> FeedMerge {
    FeedMerge(
      [SeriesFeed(data ?? self.data, digest: Digest(of: Array("source".utf8)))], from: session?.feedPositions)
  }

  /// Runs a session to the end of the candles, or for a number of events.
  func run(
    _ session: Session, _ feed: FeedMerge? = nil, events: Int = .max,
    before: (Session) throws -> Void = { _ in }
  ) throws {
    let feed = feed ?? self.feed(from: session)
    var count = 0
    while count < events, let next = try feed.next() {
      if case .candle = next.event { try before(session) }
      try session.observe(next.event, market: next.market)
      count += 1
    }
  }

  func start() throws -> Int64 { try feed().peekTime() ?? 0 }

  func recorded(_ path: String, _ lanes: [String] = ["champion"]) throws -> Session {
    try Session.recorded(header: header(lanes), stacks: self, time: start(), journal: path, flushes: false)
  }

  func resumed(_ path: String) throws -> Session {
    let resumption = try Session.resumed(journal: path, stacks: self, flushes: false)
    if let session = resumption.session { return session }
    return try resumption.begin(header: header(), stacks: self, time: start(), flushes: false)
  }
}
