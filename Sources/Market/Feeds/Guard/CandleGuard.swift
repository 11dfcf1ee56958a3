import Diagnostics
import Market

/// The written rules for the live candles of one symbol: which are used, and what happens when something is wrong.
///
/// A candle is judged in this order, and the first rule that applies decides:
///
/// | finding | when | candle | action |
/// |---|---|---|---|
/// | malformed | impossible values, or prices below 1e-8 or from 1e9 on | dropped | ignore; flatten from the `flatten_after`-th trouble on |
/// | misaligned | opens off the interval's grid | dropped | ignore |
/// | duplicate | the last accepted candle again | dropped | ignore, without an alert |
/// | conflicting duplicate | its time, other values | dropped | ignore |
/// | out of order | an earlier time | dropped | ignore |
/// | absurd | a price beyond `maximum_jump` of the last accepted close, or more than `maximum_missing` candles missing | dropped until confirmed | as malformed |
/// | gap | candles are missing, or an absurd level was confirmed | used | hold; flatten beyond `flatten_after_missing` |
/// | accepted | none of these | used | accept |
///
/// Troubles are malformed and absurd candles; an accepted candle sets their count back, the other findings leave it.
/// Silence is judged by a clock, see `silence(now:)`.
///
/// Equal inputs give equal judgements; nothing is allocated. Accepted candles strictly increase in time, lie on the
/// interval's grid and are well-formed.
public struct CandleGuard: Sendable {
  /// What exact money can hold: a price below rounds to nothing, one above has no place in an account.
  private static let lowestPrice = 1e-8
  private static let highestPrice = 1e9

  /// Length of every candle.
  public let interval: Interval
  /// The limits.
  public let configuration: Configuration
  /// The latest candle that was accepted.
  public private(set) var lastAccepted: Candle?
  /// Consecutive troubles so far.
  public private(set) var troubles = 0

  /// The latest of a run of absurd candles that agree, and their number.
  private var absurd: Candle?
  private var absurdCount = 0
  /// What silence has been reported since the last accepted candle.
  private var reported = Action.accept
  /// The instant from which silence counts while no candle has been accepted.
  private var listeningSince: Int64?
  private let stale: Int64
  private let flatten: Int64

  /// Creates a guard that has seen nothing.
  /// - Throws: `TernError` of kind `configuration` for limits out of range.
  public init(interval: Interval, configuration: Configuration = Configuration()) throws(TernError) {
    try configuration.validate(for: interval)
    self.interval = interval
    self.configuration = configuration
    stale = configuration.staleMilliseconds(interval)
    flatten = configuration.flattenMilliseconds(interval)
  }

  /// Judges the next candle that arrived.
  public mutating func judge(_ candle: Candle) -> Judgement {
    guard StoreRules.calendar.contains(candle.openTime), CandleRules.holds(candle),
      candle.low >= CandleGuard.lowestPrice, candle.high < CandleGuard.highestPrice
    else { return trouble(.malformed) }
    guard CandleRules.isAligned(candle.openTime, to: interval) else { return Judgement(.misaligned, .ignore) }
    guard let last = lastAccepted else { return accept(candle, missing: 0) }
    if candle.openTime == last.openTime {
      return Judgement(CandleGuard.areEqual(candle, last) ? .duplicate : .conflictingDuplicate, .ignore)
    }
    guard candle.openTime > last.openTime else { return Judgement(.outOfOrder, .ignore) }
    // The grid of intervals that are no part of a day or a week begins at the first candle.
    guard (candle.openTime - last.openTime) % interval.milliseconds == 0 else {
      return Judgement(.misaligned, .ignore)
    }
    let missing = CandleGuard.missing(from: last, to: candle, interval)
    guard missing <= configuration.maximumMissing, isNear(candle, last) else {
      return judgeAbsurd(candle, missing: missing)
    }
    return accept(candle, missing: missing)
  }

  /// Judges silence at an instant, milliseconds since the epoch, UTC: whether no candle was accepted for too long.
  ///
  /// Silence counts from the last accepted candle's close; before the first candle, from the first call. From
  /// `stale_after` on it holds, from `flatten_after_stale` on it flattens; each is reported once until a candle is
  /// accepted. A clock that runs backward reports nothing.
  public mutating func silence(now: Int64) -> Judgement? {
    let start: Int64
    if let last = lastAccepted {
      start = last.openTime + interval.milliseconds
    } else if let listeningSince {
      start = listeningSince
    } else {
      listeningSince = now
      return nil
    }
    let (silence, overflow) = now.subtractingReportingOverflow(start)
    guard !overflow, silence >= stale else { return nil }
    let action: Action = silence >= flatten ? .flatten : .hold
    guard action.rawValue > reported.rawValue else { return nil }
    reported = action
    return Judgement(.stale(silence: silence), action)
  }

  private mutating func accept(_ candle: Candle, missing: Int) -> Judgement {
    lastAccepted = candle
    troubles = 0
    absurd = nil
    absurdCount = 0
    reported = .accept
    guard missing > 0 else { return Judgement(.accepted, .accept) }
    return Judgement(.gap(missing: missing), missing > configuration.flattenAfterMissing ? .flatten : .hold)
  }

  private mutating func trouble(_ code: Code) -> Judgement {
    // The count stops where it cannot matter any more, so that it never overflows.
    troubles = min(troubles + 1, configuration.flattenAfter)
    return Judgement(code, troubles >= configuration.flattenAfter ? .flatten : .ignore)
  }

  /// Counts absurd candles that agree with one another; the last needed one is believed.
  private mutating func judgeAbsurd(_ candle: Candle, missing: Int) -> Judgement {
    if let before = absurd, candle.openTime > before.openTime, isNear(candle, before),
      CandleGuard.missing(from: before, to: candle, interval) <= configuration.maximumMissing
    {
      absurdCount += 1
    } else if let before = absurd, CandleGuard.areEqual(candle, before) {
      // The same candle once more confirms nothing.
      return trouble(.absurd)
    } else {
      absurdCount = 1
    }
    absurd = candle
    guard absurdCount >= configuration.confirmations else { return trouble(.absurd) }
    // Also with nothing missing the level is new: the history before it says nothing about what comes.
    let judgement = accept(candle, missing: missing)
    return judgement.code == .accepted ? Judgement(.gap(missing: 0), .hold) : judgement
  }

  /// Whether all prices of a candle lie within the largest jump of another's close.
  private func isNear(_ candle: Candle, _ other: Candle) -> Bool {
    let reach = configuration.maximumJump * other.close
    // The high and the low enclose open and close.
    return candle.high - other.close <= reach && other.close - candle.low <= reach
  }

  private static func missing(from last: Candle, to candle: Candle, _ interval: Interval) -> Int {
    Int((candle.openTime - last.openTime) / interval.milliseconds) - 1
  }

  /// Whether all fields are equal; NaN, which stands for what the source does not tell, equals itself here.
  private static func areEqual(_ a: Candle, _ b: Candle) -> Bool {
    a.openTime == b.openTime && a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close
      && isSame(a.volume, b.volume) && isSame(a.tradeCount, b.tradeCount)
      && isSame(a.takerBuyVolume, b.takerBuyVolume)
  }

  private static func isSame(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }
}
