/// One thing that became known about a market.
public enum MarketEvent: Equatable, Sendable {
  /// A funding settlement: the instant, milliseconds since the epoch, UTC, and the rate as a fraction of notional;
  /// positive means that longs pay shorts.
  case funding(time: Int64, rate: Double)
  /// The best bid and ask at an instant.
  case quote(Quote)
  /// A closed candle.
  case candle(Candle)

  /// The instant at which the event is known, milliseconds since the epoch, UTC: a candle at its close.
  /// - Parameter interval: the length of the market's candles.
  @inlinable
  public func knownTime(_ interval: Interval) -> Int64 {
    switch self {
    case .funding(let time, _): return time
    case .quote(let quote): return quote.time
    case .candle(let candle): return candle.openTime &+ interval.milliseconds
    }
  }
}
