/// The lanes that the engine fills before the nodes run, on the base clock.
struct InputLanes {
  let open, high, low, close, volume: Lane
  /// Number of trades; NaN where unknown.
  let tradeCount: Lane
  /// Taker-buy volume; NaN where unknown.
  let takerBuyVolume: Lane
  /// Latest funding rate, its change, mean and standard score over recent settlements, and the fraction of a funding
  /// period until the next.
  let fundingRate, fundingChange, fundingMean, fundingScore, fundingWait: Lane
  /// Best bid and ask; NaN where unknown.
  let bidPrice, bidQuantity, askPrice, askQuantity: Lane
  /// Sine and cosine of the time of day and week of the close.
  let daySine, dayCosine, weekSine, weekCosine: Lane
  /// 1 for the first bar of a UTC day, else 0.
  let dayStart: Lane

  init(_ graph: Graph) {
    func input() -> Lane { graph.lane(clock: 0, warmUp: 0, memory: 1, depth: 0) }
    (open, high, low, close, volume) = (input(), input(), input(), input(), input())
    (tradeCount, takerBuyVolume) = (input(), input())
    let window = FundingTracker.windowMilliseconds / graph.interval.milliseconds
    func funding() -> Lane {
      graph.lane(clock: 0, warmUp: Int(window), memory: Int(window) + 1, depth: 0)
    }
    (fundingRate, fundingChange, fundingMean, fundingScore, fundingWait) = (
      funding(), funding(), funding(), funding(), funding()
    )
    (bidPrice, bidQuantity, askPrice, askQuantity) = (input(), input(), input(), input())
    (daySine, dayCosine, weekSine, weekCosine) = (input(), input(), input(), input())
    dayStart = input()
  }
}
