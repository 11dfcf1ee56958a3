import Chronology
import Diagnostics
import Market

/// The account over time: trades, and equity at every candle's close.
struct Ledger {
  let tape: PriceTape
  let initial: Money
  private(set) var cash: Money
  private(set) var trades: [Backtest.Trade] = []
  /// Equity at each candle's close, in units.
  private(set) var equity: [Int64]
  /// Candles in which a position was held at some time.
  private(set) var heldBars = 0
  /// Candles up to here (excluded) are written.
  private var written = 0
  private var lastHeldBar = -1

  init(tape: PriceTape, initial: Money) {
    self.tape = tape
    self.initial = initial
    cash = initial
    equity = Array(repeating: initial.units, count: tape.count)
  }

  /// Takes in one position, which `hold` executes while writing the equity of the candles it lives in.
  mutating func book(
    _ entry: Entry, hold: (inout [Int64], Money) throws(TernError) -> Closed
  ) throws(TernError) -> Closed {
    fill(to: entry.bar)
    let closed = try hold(&equity, cash)
    cash = closed.cash
    trades.append(closed.trade)
    let lastBar = closed.atOpen ? closed.bar - 1 : closed.bar
    heldBars += max(0, lastBar - max(entry.bar - 1, lastHeldBar))
    lastHeldBar = max(lastHeldBar, lastBar)
    // A position that ended at an open leaves the rest of that candle flat, or to its successor.
    written = closed.bar + 1
    return closed
  }

  /// Writes the flat candles after the last position.
  mutating func fillTail() { fill(to: tape.count) }

  private mutating func fill(to bar: Int) {
    while written < bar {
      equity[written] = cash.units
      written += 1
    }
  }

  /// Equity at every candle's close.
  var bars: [Backtest.EquityPoint] {
    equity.indices.map { Backtest.EquityPoint(time: tape.closeTime($0), equity: Money(units: equity[$0])) }
  }

  /// Equity at the last close of every UTC day; a close at midnight ends the day before it.
  var daily: [Backtest.EquityPoint] {
    var points: [Backtest.EquityPoint] = []
    guard tape.count > 0 else { return points }
    var day = Timestamp.dayNumber(of: tape.closeTime(0) - 1)
    for bar in equity.indices {
      let next = Timestamp.dayNumber(of: tape.closeTime(bar) - 1)
      while day < next {
        points.append(
          Backtest.EquityPoint(time: (day + 1) * Timestamp.day, equity: Money(units: equity[bar - 1])))
        day += 1
      }
    }
    points.append(
      Backtest.EquityPoint(
        time: tape.closeTime(tape.count - 1), equity: Money(units: equity[tape.count - 1])))
    return points
  }
}
