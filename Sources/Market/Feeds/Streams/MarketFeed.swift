import Diagnostics
import Files
import Market

/// The events of one symbol, one by one, in the order in which they became known.
///
/// Sound sources give strictly ordered candles. A `CandleFileFeed` hands out the rows of its files as they stand, and
/// `CandleGuard` judges them, so that the written rules for disorder are the same for files and for a live connection.
public protocol MarketFeed: AnyObject {
  /// The exchange's symbol, for example `BTCUSDT`.
  var symbol: String { get }
  /// Length of every candle.
  var interval: Interval { get }
  /// Identity of the source's content, for journals; each feed says what it covers. Bounds of time do not change it.
  var digest: Digest { get }
  /// The next event in the order of `MarketEvent.knownTime`, at ties funding, then quote, then candle; nil at the end
  /// and ever after.
  /// - Throws: `TernError` of kind `data` naming the file and the place when the source is unsound; asking again after
  ///   an error gives the same error.
  func next() throws(TernError) -> MarketEvent?
  /// Another feed of the same source, from its beginning; what was proven of the source is not proven again.
  /// - Throws: `TernError` of kind `data` when the source cannot be read.
  func restarted(within bounds: FeedBounds) throws(TernError) -> any MarketFeed
  /// When the first event is known, milliseconds, for a feed that can tell without making the event; to be asked before
  /// any is taken. Nil for any other feed, and without events.
  /// - Throws: `TernError` as `next` does.
  func announcedStart() throws(TernError) -> Int64?
}

extension MarketFeed {
  /// Nothing can be told without making the first event.
  public func announcedStart() throws(TernError) -> Int64? { nil }
}

/// The part of a source that a feed hands out, by the time at which events are known.
public struct FeedBounds: Equatable, Sendable {
  /// First instant, milliseconds since the epoch, UTC, inclusive; events known earlier are left out.
  public var from: Int64
  /// End, milliseconds since the epoch, UTC, exclusive; events known then or later are left out.
  public var to: Int64

  /// Everything.
  public static let all = FeedBounds()

  /// Bounds from `from` (default: the beginning) up to, not including, `to` (default: the end).
  public init(from: Int64 = .min, to: Int64 = .max) {
    self.from = from
    self.to = to
  }

  /// Whether an event that is known at `time` belongs to the part.
  @inlinable
  public func contains(_ time: Int64) -> Bool { time >= from && time < to }
}
