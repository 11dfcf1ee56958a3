import Chronology
import Diagnostics
import Market

extension Backtest {
  /// Equity at every candle's close: what all figures of a run but those of its trades are computed from.
  public struct EquityCurve: Equatable, Sendable {
    /// Equity at the start.
    public let initial: Money
    /// Length of a candle, milliseconds.
    public let interval: Int64
    /// Start of each candle, milliseconds, strictly increasing.
    public private(set) var openTime: [Int64]
    /// Equity at each candle's close, in units of 1e-8.
    public private(set) var equity: [Int64]

    /// A curve without candles.
    public init(initial: Money, interval: Interval) {
      self.init(initial: initial, interval: interval.milliseconds, openTime: [], equity: [])
    }

    init(initial: Money, interval: Int64, openTime: [Int64], equity: [Int64]) {
      self.initial = initial
      self.interval = interval
      self.openTime = openTime
      self.equity = equity
    }

    /// Number of candles.
    public var count: Int { openTime.count }

    /// Close time of a candle, milliseconds.
    public func closeTime(_ bar: Int) -> Int64 { openTime[bar] + interval }

    /// Adds the equity at a close; of several markets' closes at one instant, or out of order, the last one counts.
    public mutating func append(closeTime: Int64, equity value: Money) {
      guard let last = openTime.last, closeTime - interval <= last else {
        openTime.append(closeTime - interval)
        equity.append(value.units)
        return
      }
      equity[equity.count - 1] = value.units
    }

    /// Equity at every candle's close.
    public var bars: [EquityPoint] {
      equity.indices.map { EquityPoint(time: closeTime($0), equity: Money(units: equity[$0])) }
    }

    /// Equity at the last close of every UTC day; a close at midnight ends the day before it.
    public var daily: [EquityPoint] {
      var points: [EquityPoint] = []
      guard count > 0 else { return points }
      var day = Timestamp.dayNumber(of: closeTime(0) - 1)
      for bar in equity.indices {
        let next = Timestamp.dayNumber(of: closeTime(bar) - 1)
        while day < next {
          points.append(EquityPoint(time: (day + 1) * Timestamp.day, equity: Money(units: equity[bar - 1])))
          day += 1
        }
      }
      points.append(EquityPoint(time: closeTime(count - 1), equity: Money(units: equity[count - 1])))
      return points
    }

    /// Number of candles in which one of the spans lies, at least in part.
    /// - Parameter spans: start and end (exclusive) of holding times, milliseconds, by start.
    func held(_ spans: [(start: Int64, end: Int64)]) -> Int {
      var held = 0
      var bar = 0
      for span in spans {
        while bar < count, closeTime(bar) <= span.start { bar += 1 }
        while bar < count, openTime[bar] < span.end {
          held += 1
          bar += 1
        }
      }
      return held
    }
  }
}
