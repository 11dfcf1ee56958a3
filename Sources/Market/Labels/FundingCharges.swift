import Market

/// What holding a position through funding instants costs.
struct FundingCharges {
  private let candles: CandleSeries
  /// Instants, to the whole second, that fall into some candle.
  private var time: [Int64] = []
  /// `rate × price` of each instant.
  private var charge: [Double] = []
  /// First instant after the entry that `advance` was last told of.
  private var next = 0

  init(_ candles: CandleSeries, funding: FundingSeries?) {
    self.candles = candles
    guard let funding else { return }
    var bar = 0
    for index in funding.time.indices {
      let instant = wholeSecond(funding.time[index])
      while bar < candles.count, candles.closeTime(bar) <= instant { bar += 1 }
      guard bar < candles.count else { break }
      guard candles.openTime[bar] <= instant else { continue }
      time.append(instant)
      charge.append(funding.rate[index] * candles.open[bar])
    }
  }

  /// Moves on to trades entered at the open of a candle; candles must come in order.
  mutating func advance(toEntryBar bar: Int) {
    while next < time.count, time[next] <= candles.openTime[bar] { next += 1 }
  }

  /// What a long pays (a short receives) between its entry and the close of its exit candle, a fraction of the
  /// entry price.
  func paidByLong(entryBar: Int, exitBar: Int) -> Double {
    let end = candles.closeTime(exitBar)
    var index = next
    var sum = 0.0
    while index < time.count, time[index] < end {
      sum += charge[index]
      index += 1
    }
    return sum == 0 ? 0 : sum / candles.open[entryBar]
  }

  private func wholeSecond(_ instant: Int64) -> Int64 {
    let rest = instant % 1000
    return instant - (rest < 0 ? rest + 1000 : rest)
  }
}
