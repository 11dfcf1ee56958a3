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
  /// Candles up to here (excluded) are written.
  private var written = 0

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
  var curve: Backtest.EquityCurve {
    Backtest.EquityCurve(
      initial: initial, interval: tape.interval, openTime: tape.openTime, equity: equity)
  }
}
