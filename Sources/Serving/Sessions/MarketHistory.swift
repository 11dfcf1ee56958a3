import Features
import Market

/// The latest accepted candles and funding of a market, from which a newly loaded stack learns what came before it.
struct MarketHistory {
  /// Room for the longest lookback of the feature catalogue, rounded up.
  static let candleCapacity = 1 << 15
  private static let fundingCapacity = 1 << 10

  private var candles: [Candle] = []
  private var oldestCandle = 0
  private var funding: [(time: Int64, rate: Double)] = []
  private var oldestFunding = 0

  init() {
    candles.reserveCapacity(MarketHistory.candleCapacity)
    funding.reserveCapacity(MarketHistory.fundingCapacity)
  }

  mutating func removeAll() {
    candles.removeAll(keepingCapacity: true)
    funding.removeAll(keepingCapacity: true)
    (oldestCandle, oldestFunding) = (0, 0)
  }

  mutating func append(_ candle: Candle) {
    guard candles.count == MarketHistory.candleCapacity else { return candles.append(candle) }
    candles[oldestCandle] = candle
    oldestCandle = (oldestCandle + 1) % MarketHistory.candleCapacity
  }

  mutating func appendFunding(time: Int64, rate: Double) {
    guard funding.count == MarketHistory.fundingCapacity else { return funding.append((time, rate)) }
    funding[oldestFunding] = (time, rate)
    oldestFunding = (oldestFunding + 1) % MarketHistory.fundingCapacity
  }

  /// Gives everything in the order in which it became known: funding before the candle that closes with it or later.
  func forEach(
    interval: Int64, funding giveFunding: (Int64, Double) -> Void, candle giveCandle: (Candle) -> Void
  ) {
    var next = 0
    for index in candles.indices {
      let candle = candles[(oldestCandle + index) % candles.count]
      while next < funding.count {
        let event = funding[(oldestFunding + next) % funding.count]
        guard event.time <= candle.openTime + interval else { break }
        giveFunding(event.time, event.rate)
        next += 1
      }
      giveCandle(candle)
    }
    while next < funding.count {
      let event = funding[(oldestFunding + next) % funding.count]
      giveFunding(event.time, event.rate)
      next += 1
    }
  }
}
