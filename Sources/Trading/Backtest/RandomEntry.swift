import Compute
import Diagnostics
import Market

extension Backtest {
  /// Runs that make the strategy's number of trades, in its direction mix and with its exits, at random candles.
  ///
  /// Run r draws from Philox stream r: the entry candles uniformly, then a shuffle of the strategy's directions and
  /// sizes. An
  /// entry that falls into an open position waits for its end, so that trades do not overlap. Reversals are not
  /// imitated.
  static func randomEntry(
    _ engine: PositionEngine, like trades: [Trade], shares: [Rate]?, totalReturn: Double
  ) throws(TernError) -> RandomEntry? {
    let runs = engine.configuration.randomRuns
    let bars = (1..<max(1, engine.tape.count)).filter { engine.tape.follows($0) }
    guard runs > 0, !trades.isEmpty, !bars.isEmpty else { return nil }
    let initial = engine.configuration.initialEquity
    let models = trades.indices.map { (direction: trades[$0].direction, share: shares?[$0] ?? .one) }
    var returns: [Double] = []
    var made = 0
    for run in 0..<runs {
      var random = Philox(seed: engine.configuration.seed, stream: UInt64(run))
      let outcome = try randomRun(engine, bars, models, &random)
      returns.append(outcome.cash.doubleValue / initial.doubleValue - 1)
      made += outcome.trades
    }
    let number = Double(runs)
    let mean = returns.reduce(0, +) / number
    let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let sorted = returns.sorted()
    let better = returns.count(where: { $0 >= totalReturn })
    return RandomEntry(
      runs: runs, totalReturns: returns, mean: mean,
      standardDeviation: runs > 1 ? (squares / (number - 1)).squareRoot() : 0,
      quantiles: [0.05, 0.5, 0.95].map { quantile(sorted, $0) }, meanTrades: Double(made) / number,
      pValue: Double(1 + better) / Double(1 + runs))
  }

  private static func randomRun(
    _ engine: PositionEngine, _ bars: [Int], _ models: [(direction: Direction, share: Rate)],
    _ random: inout Philox
  ) throws(TernError) -> (cash: Money, trades: Int) {
    let draws = models.map { _ in random.integer(below: bars.count) }.sorted()
    var shuffled = models
    for last in stride(from: shuffled.count - 1, to: 0, by: -1) {
      shuffled.swapAt(last, random.integer(below: last + 1))
    }
    var cash = engine.configuration.initialEquity
    var unrecorded: [Int64] = []
    var free = 0
    var made = 0
    for (draw, model) in zip(draws, shuffled) {
      var index = draw
      while index < bars.count, bars[index] < free { index += 1 }
      guard index < bars.count else { break }
      let entry = Entry(bar: bars[index], direction: model.direction, confidence: 1)
      let price = try engine.fill(
        Price(units: engine.tape.open[entry.bar]), buying: model.direction == .long,
        slippage: engine.configuration.slippage)
      guard let quantity = try engine.size(equity: cash, price: price, share: model.share) else { continue }
      let closed = try engine.hold(
        entry, price: price, quantity: quantity, exits: try engine.exits(of: entry, price: price), turn: .max,
        cash: cash, equity: &unrecorded)
      cash = closed.cash
      free = closed.bar + 1
      made += 1
    }
    return (cash, made)
  }

  /// A quantile of sorted values by linear interpolation.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let position = share * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[index] + (sorted[index + 1] - sorted[index]) * (position - Double(index))
  }
}
