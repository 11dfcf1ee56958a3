import Diagnostics
import Market

/// What becomes known at the close of one synthetic candle.
struct SyntheticBar {
  var candle: Candle
  /// Best bid and ask at the close.
  var quote: Quote
  /// Mark price at the close.
  var markPrice: Double
  /// The rate, where the close is a settlement.
  var fundingRate: Double?
}

/// Writes the observable market around the hidden state, candle by candle with bounded memory.
struct SyntheticGenerator {
  /// The hidden causes of the latest candle.
  private(set) var state: SyntheticState
  private let configuration: SyntheticMarket.Configuration
  private let ticks: DecimalGrid
  private let steps: DecimalGrid
  private let length: Int64
  private let hours: Double
  private let count: Int
  private var index = 0
  private var logPrice: Double
  private var premium = 0.0
  private var premiumSum = 0.0
  private var premiumCount = 0.0
  private var volumeDeviation = 0.0
  private var pathRandom: NormalSource
  private var jumpRandom: NormalSource
  private var flowRandom: NormalSource
  private var bookRandom: NormalSource
  private var premiumRandom: NormalSource

  private static let subSteps = 12

  /// Prepares the first candle.
  /// - Throws: `TernError` of kind `configuration` for settings out of range.
  init(_ configuration: SyntheticMarket.Configuration) throws(TernError) {
    try configuration.validate()
    guard let ticks = DecimalGrid(configuration.tickSize), let steps = DecimalGrid(configuration.stepSize)
    else {
      throw TernError(.configuration, "the grids are not decimal", key: "tick_size")
    }
    self.configuration = configuration
    self.ticks = ticks
    self.steps = steps
    length = configuration.interval.milliseconds
    hours = Double(length) / 3_600_000
    count = Int(Int64(configuration.days) * 86_400_000 / length)
    logPrice = PortableMath.log(configuration.price)
    state = SyntheticState(configuration, logPrice: logPrice)
    pathRandom = NormalSource(seed: configuration.seed, stream: 4)
    jumpRandom = NormalSource(seed: configuration.seed, stream: 5)
    flowRandom = NormalSource(seed: configuration.seed, stream: 6)
    bookRandom = NormalSource(seed: configuration.seed, stream: 7)
    premiumRandom = NormalSource(seed: configuration.seed, stream: 8)
  }

  /// The next candle and what belongs to it; nil after the last.
  mutating func next() -> SyntheticBar? {
    guard index < count else { return nil }
    let time = configuration.start + Int64(index) * length
    index += 1
    // The drift of this candle was decided by the state at the last close, before the state advances.
    let drift = state.drift(logPrice: logPrice)
    state.advance(to: time, logPrice: logPrice)
    let start = logPrice
    let path = walk(drift)
    let shock = (logPrice - start - drift) / state.volatility
    var candle = Candle(
      openTime: time, open: ticks.value(path.open), high: ticks.value(path.high), low: ticks.value(path.low),
      close: ticks.value(path.close), volume: 0)
    trade(shock, into: &candle)
    let quote = quote(path.close, time + length)
    let (markPrice, rate) = settle(logPrice - start, time + length)
    return SyntheticBar(candle: candle, quote: quote, markPrice: markPrice, fundingRate: rate)
  }

  /// Moves the log price through one candle; prices in ticks.
  private mutating func walk(_ drift: Double) -> (open: Int, high: Int, low: Int, close: Int) {
    let count = Double(SyntheticGenerator.subSteps)
    let deviation = state.volatility / count.squareRoot()
    // −σ²/2 makes the price itself, not its logarithm, the fair game.
    let fair = -deviation * deviation / 2
    let hasJump = jumpRandom.uniform() < configuration.jumpsPerDay * hours / 24
    let jumpStep = Int(jumpRandom.uniform() * count)
    let jumpDeviation = configuration.jumpSize * state.volatility / hours.squareRoot()
    let jump = jumpDeviation * jumpRandom.next() - jumpDeviation * jumpDeviation / 2
    let open = tickPrice()
    var (high, low, last) = (open, open, open)
    for index in 0..<SyntheticGenerator.subSteps {
      logPrice += drift / count + fair + deviation * pathRandom.next()
      if hasJump && index == jumpStep { logPrice += jump }
      last = tickPrice()
      high = max(high, last)
      low = min(low, last)
    }
    return (open, high, low, last)
  }

  private func tickPrice() -> Int {
    // One tick to 1e12 of them: a path that leaves this range is held at its border.
    let bounded = max(-600, min(600, logPrice))
    return max(1, Int(min(1e12, ticks.countUnrounded(PortableMath.exp(bounded)).rounded())))
  }

  /// Volume follows volatility and the size of the move; takers lean with the move and with the hidden signal.
  private mutating func trade(_ shock: Double, into candle: inout Candle) {
    volumeDeviation = 0.9 * volumeDeviation + 0.15 * flowRandom.next()
    let activity =
      configuration.volumePerMinute * hours * 60 * state.relativeVolatility
      * PortableMath.exp(volumeDeviation + 0.25 * (min(4, abs(shock)) - 0.8) + 0.25 * flowRandom.next())
    let volume = max(1, steps.count(min(activity, 1e9)))
    let lean =
      0.35 * state.signal + 0.20 * shock / (1 + abs(shock)) + 0.15 * flowRandom.next()
    let share = (1 + max(-0.95, min(0.95, lean))) / 2
    let taker = min(volume, Int((Double(volume) * share).rounded()))
    let trades = max(1, (steps.value(volume) * 35 * PortableMath.exp(0.15 * flowRandom.next())).rounded())
    candle.volume = steps.value(volume)
    candle.takerBuyVolume = steps.value(taker)
    candle.tradeCount = trades
  }

  /// The best bid and ask at the close, whose quantities lean with the hidden signal.
  private mutating func quote(_ close: Int, _ time: Int64) -> Quote {
    let width = 1 + Int(bookRandom.uniform() * state.relativeVolatility * 2)
    let lastAtAsk = bookRandom.uniform() < 0.5
    let bid = max(1, lastAtAsk ? close - width : close)
    let ask = lastAtAsk && close > bid ? close : bid + width
    let imbalance = max(-0.95, min(0.95, 0.45 * state.signal + 0.25 * bookRandom.next()))
    let depth =
      configuration.volumePerMinute * 0.2 / max(0.3, state.relativeVolatility)
      * PortableMath.exp(0.4 * bookRandom.next())
    return Quote(
      time: time, bidPrice: ticks.value(bid),
      bidQuantity: steps.value(max(1, steps.count(depth * (1 + imbalance) / 2))), askPrice: ticks.value(ask),
      askQuantity: steps.value(max(1, steps.count(depth * (1 - imbalance) / 2))))
  }

  /// Mark price and, every eight hours, a funding rate from the mean premium, which leans with the recent trend.
  private mutating func settle(_ change: Double, _ time: Int64) -> (markPrice: Double, rate: Double?) {
    let keep = PortableMath.exp(-hours / 4)
    premium = keep * premium + 0.01 * change + 1e-5 * (hours * 60).squareRoot() * premiumRandom.next()
    premiumSum += premium
    premiumCount += 1
    let index = PortableMath.exp(logPrice) * (1 - premium / 4)
    let markPrice = (index * 1e8).rounded() / 1e8
    guard time % 28_800_000 == 0 else { return (markPrice, nil) }
    let rate = max(-0.003, min(0.003, 1e-4 + premiumSum / premiumCount))
    premiumSum = 0
    premiumCount = 0
    return (markPrice, (rate * 1e8).rounded() / 1e8)
  }
}
