import Accounts
import Decision
import Execution
import Feeds
import Files
import Market
import Orders
import Risk

/// A lane as others may look at it.
public struct LaneView {
  private let lane: TradingLane

  init(_ lane: TradingLane) { self.lane = lane }

  /// `champion`, `challenger` or `shadow`.
  public var name: String { lane.name }
  /// The account.
  public var account: Account { lane.account }
  /// What risk says of itself.
  public var risk: RiskStatus { lane.risk.status }
  /// The limits.
  public var limits: RiskLimits { lane.risk.limits }
  /// What the lane has done.
  public var counters: LaneCounters { lane.counters }
  /// The latest notices.
  public var notices: NoticeRing { lane.notices }
  /// The deepest fall below the highest equity at closes, a fraction.
  public var maximumDrawdown: Double { lane.maximumDrawdown }
  /// The latest decision of a market; nil before the first.
  public func decision(market: Int) -> Decision? { lane.decisions[market] }
  /// Where a market's exits lie.
  public func exits(market: Int) -> ExitPrices { lane.protections.exits(market: market) }
  /// Digest of the stack that decides a market; nil for a script.
  public func stack(market: Int) -> Digest? { lane.seats[market].stack }
  /// Least confidence that executes a market's signals.
  public func minimumConfidence(market: Int) -> Double { lane.seats[market].rules.minimumConfidence }
  /// Orders that are at the venue or on their way.
  public var openOrders: Int { lane.orders.count }
  /// How much may still be opened in a market at its last price, and what binds.
  public func headroom(market: Int, direction: Direction) -> Headroom {
    lane.headroom(market: market, direction: direction)
  }
}

extension Session {
  /// The champion, then whoever runs beside it.
  public var views: [LaneView] { lanes.map(LaneView.init) }

  /// The champion.
  public var champion: LaneView { LaneView(lanes[0]) }

  /// Has an observer told of what the champion does; it must outlive the session's use.
  public func observe(with observer: any LaneObserver) { lanes[0].observer = observer }

  /// Number of candles that were decided on.
  public var acceptedCandles: Int {
    candleCounts[CandleGuard.Code.accepted.number] + candleCounts[CandleGuard.Code.gap(missing: 0).number]
  }
}
