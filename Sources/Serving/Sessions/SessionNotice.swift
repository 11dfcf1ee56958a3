import Accounts
import Feeds
import Files
import Market
import Orders
import Risk

/// Something that people should see of a session: an execution, a refusal, an alert.
public enum SessionNotice: Equatable, Sendable {
  /// An execution.
  case fill(Fill)
  /// A position that ended.
  case trade(ClosedTrade)
  /// Risk refused an intent.
  case refused(OrderIntent, RiskReason)
  /// Risk changed its state, or asks for a review.
  case state(RiskTransition)
  /// A candle, or its absence, that is not as it should be.
  case alert(market: Int, CandleGuard.Code, CandleGuard.Action)
  /// A funding settlement that repeats, comes after its candle or is no rate was passed over.
  case settlementIgnored(market: Int)
  /// Another stack decides a market.
  case reloaded(market: Int)
  /// A person's command.
  case command(OperatorCommand)
}

/// The latest notices, in a ring that does not allocate.
public struct NoticeRing: Sendable {
  /// A notice with its time and lane.
  public struct Entry: Equatable, Sendable {
    /// When, milliseconds since the epoch, UTC.
    public var time: Int64
    /// Whose: 0 is the champion.
    public var lane: UInt8
    /// What.
    public var notice: SessionNotice
  }

  private static let capacity = 64
  private var entries: [Entry] = []
  private var oldest = 0

  init() { entries.reserveCapacity(NoticeRing.capacity) }

  mutating func append(_ notice: SessionNotice, time: Int64, lane: UInt8 = 0) {
    let entry = Entry(time: time, lane: lane, notice: notice)
    guard entries.count == NoticeRing.capacity else { return entries.append(entry) }
    entries[oldest] = entry
    oldest = (oldest + 1) % NoticeRing.capacity
  }

  /// The notices, the latest first.
  public var latest: [Entry] {
    entries.indices.reversed().map { entries[(oldest + $0) % entries.count] }
  }
}
