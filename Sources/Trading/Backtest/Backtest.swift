import Compute
import Diagnostics
import Market

extension Backtest {
  /// Follows signals through the candles and accounts for every unit of money.
  ///
  /// **Timing.** A signal decided at the close of candle t with at least the minimum confidence enters at the open
  /// of t+1. If t+1 does not follow t directly (a gap, the end of the data) the signal lapses.
  ///
  /// **Prices.** Market orders (entry, time exit, reversal, end of data) fill at the open or close, worse by
  /// `slippage`, on the next worse tick. Take profit and stop lie at `fill × (1 ± fraction)` on the next tick away
  /// from the entry. The take profit is a resting order and fills at its price, never better. The stop fills at
  /// its price, or at the open of a candle that opens beyond it, worse by `stopSlippage`.
  ///
  /// **Order within a candle.** At the open: funding due, stop or take profit that the open lies beyond, end of the
  /// horizon (after a gap), reversal. Then the stop on the candle's high or low before the take profit. Then, at
  /// the close, the end of the horizon, the end of the data, and ruin (nothing left of the equity).
  /// A gap in the data carries the position to the next candle there is.
  ///
  /// **Funding.** A position pays `rate × price × quantity` (a short receives it) at each instant strictly after its
  /// entry up to and including the open at which it ends, or before the close of the candle within which it
  /// ends; `price` is the open of the candle that holds the instant, or in a gap the last close before it.
  ///
  /// **Money.** One position at a time. Its notional is `equity × marginFraction × leverage`, the quantity floored to
  /// the step, skipped below the least notional. Fees are rounded up to 1e-8, everything else to the nearest.
  /// Equity at a close is the balance plus `(close − entry) × quantity`; it equals the initial equity plus the sum
  /// of all trades' `profit` to the last unit whenever nothing is held.
  ///
  /// - Throws: `TernError` of kind `configuration` or `data`.
  public static func run(
    _ candles: CandleSeries, signals: Signals, funding: FundingSeries? = nil,
    configuration: Configuration = Configuration()
  ) throws(TernError) -> Result {
    try configuration.validate()
    guard signals.direction.count == candles.count else {
      throw TernError(
        .data, "signals and candles differ in number", found: "\(signals.direction.count)",
        expected: "\(candles.count)")
    }
    guard candles.count > 0 else { throw TernError(.data, "there are no candles to trade on") }
    let tape = try PriceTape(candles, funding: funding)
    let engine = PositionEngine(tape: tape, configuration: configuration)
    var skipped = Skipped()
    let entries = entries(signals, tape, configuration, &skipped)
    var ledger = Ledger(tape: tape, initial: configuration.initialEquity)
    try follow(entries, engine, &ledger, &skipped)
    ledger.fillTail()
    let curve = ledger.curve
    let metrics = try Metrics(curve: curve, trades: ledger.trades)
    return Result(
      configuration: configuration, trades: ledger.trades, daily: curve.daily,
      bars: configuration.keepsBars ? curve.bars : nil, metrics: metrics, skipped: skipped,
      baselines: try baselines(engine, trades: ledger.trades, shares: nil, totalReturn: metrics.totalReturn))
  }

  /// What trades made elsewhere on the same candles are held against.
  /// - Parameters:
  ///   - trades: the trades, whose number and directions the random entries take over.
  ///   - shares: each trade's size as a share of the full size, which they take over too; nil for full size.
  ///   - totalReturn: what the trades earned, a fraction.
  ///   - configuration: sizes, exits and costs; signals and thresholds do not matter here.
  /// - Throws: `TernError` of kind `configuration` or `data`.
  public static func baselines(
    _ candles: CandleSeries, funding: FundingSeries?, trades: [Trade], shares: [Rate]?, totalReturn: Double,
    configuration: Configuration
  ) throws(TernError) -> Baselines {
    precondition(shares.map { $0.count == trades.count } ?? true, "one share for each trade")
    try configuration.validate()
    guard candles.count > 0 else { throw TernError(.data, "there are no candles to trade on") }
    let engine = PositionEngine(
      tape: try PriceTape(candles, funding: funding), configuration: configuration)
    return try baselines(engine, trades: trades, shares: shares, totalReturn: totalReturn)
  }

  private static func baselines(
    _ engine: PositionEngine, trades: [Trade], shares: [Rate]?, totalReturn: Double
  ) throws(TernError) -> Baselines {
    Baselines(
      buyAndHold: try buyAndHold(engine), alwaysNeutral: 0,
      randomEntry: try randomEntry(engine, like: trades, shares: shares, totalReturn: totalReturn))
  }

  /// Signals that may become trades, by the candle at whose open they would enter.
  private static func entries(
    _ signals: Signals, _ tape: PriceTape, _ configuration: Configuration, _ skipped: inout Skipped
  ) -> [Entry] {
    var entries: [Entry] = []
    for row in signals.direction.indices where signals.direction[row] != .neutral {
      // Written so that a confidence of NaN does not pass.
      guard signals.confidence[row] >= configuration.minimumConfidence else {
        skipped.lowConfidence += 1
        continue
      }
      guard row + 1 < tape.count, tape.follows(row + 1) else {
        skipped.gap += 1
        continue
      }
      entries.append(
        Entry(bar: row + 1, direction: signals.direction[row], confidence: signals.confidence[row]))
    }
    return entries
  }

  /// Opens and closes positions in order.
  private static func follow(
    _ entries: [Entry], _ engine: PositionEngine, _ ledger: inout Ledger, _ skipped: inout Skipped
  ) throws(TernError) {
    let reverses = engine.configuration.whileInPosition == .reverse
    let turns = reverses ? turns(entries) : []
    var index = 0
    while index < entries.count {
      let entry = entries[index]
      let turn = reverses ? turns[index] : .max
      index += 1
      let open = Price(units: engine.tape.open[entry.bar])
      let price = try engine.fill(
        open, buying: entry.direction == .long, slippage: engine.configuration.slippage)
      guard let quantity = try engine.size(equity: ledger.cash, price: price) else {
        skipped.belowMinimum += 1
        continue
      }
      let exits = try engine.exits(of: entry, price: price)
      let closed = try ledger.book(entry) { (equity: inout [Int64], cash) throws(TernError) in
        try engine.hold(
          entry, price: price, quantity: quantity, exits: exits, turn: turn, cash: cash, equity: &equity)
      }
      // A position that a reversal or a stop ended at an open leaves that open to an opposite signal.
      let isFree = { (other: Entry) in
        other.bar > closed.bar
          || (reverses && closed.atOpen && other.bar == closed.bar && other.direction != entry.direction)
      }
      while index < entries.count, !isFree(entries[index]) {
        skipped.inPosition += 1
        index += 1
      }
    }
  }

  /// For each entry the candle of the next one in the opposite direction.
  private static func turns(_ entries: [Entry]) -> [Int] {
    var result = [Int](repeating: .max, count: entries.count)
    for index in entries.indices.dropLast().reversed() {
      let next = entries[index + 1]
      result[index] = next.direction != entries[index].direction ? next.bar : result[index + 1]
    }
    return result
  }

  /// A long of all the equity from the first open to the last close.
  private static func buyAndHold(_ engine: PositionEngine) throws(TernError) -> Metrics {
    let configuration = engine.configuration
    var ledger = Ledger(tape: engine.tape, initial: configuration.initialEquity)
    let entry = Entry(bar: 0, direction: .long, confidence: 1)
    let price = try engine.fill(
      Price(units: engine.tape.open[0]), buying: true, slippage: configuration.slippage)
    let affordable = try configuration.initialEquity.multiplied(
      by: Rate(units: Rate.scale - max(0, configuration.takerFee.units)), .down)
    let quantity = try Quantity(notional: affordable, price: price)
      .rounded(to: configuration.rules.stepSize, .down)
    if quantity > .zero {
      let never = Exits(takeProfit: .max, stop: .min, deadline: .max)
      _ = try ledger.book(entry) { (equity: inout [Int64], cash) throws(TernError) in
        try engine.hold(
          entry, price: price, quantity: quantity, exits: never, turn: .max, cash: cash, equity: &equity)
      }
    }
    ledger.fillTail()
    return try Metrics(curve: ledger.curve, trades: ledger.trades)
  }
}
