import Diagnostics
import Market
import Orders

/// What the simulated venue knows of one market: its candle, its orders, what limits them.
struct MarketBook: Equatable, Sendable {
  /// A funding settlement to come.
  struct Funding: Equatable, Sendable {
    var time: Int64
    var rate: Rate
  }

  let terms: MarketTerms
  let interval: Int64
  /// Whole candles of latency.
  let delay: Int64
  /// In the order in which they were sent.
  var orders: [RestingOrder] = []
  /// The current candle's start; meaningless before the first.
  var openTime: Int64 = 0
  /// Close time of the last candle begun; nil before the first.
  var clock: Int64?
  var open = Price.zero
  var high = Price.zero
  var low = Price.zero
  var close = Price.zero
  /// Close of the candle before.
  var previousClose = Price.zero
  /// The price that an order sent now would meet.
  var price = Price.zero
  /// What the session's orders may still take from the candle.
  var budget = Quantity.zero
  /// Where the exchange takes the position over; zero for nowhere.
  var liquidationPrice = Price.zero
  /// The instant that events have reached.
  var now: Int64 = 0
  /// Whether something was executed inside the candle, after its open.
  var isInside = false
  /// Whether the position was opened inside the candle.
  var openedInside = false
  /// Whether a liquidation's withdrawals are still to be reported.
  var isWithdrawing = false
  private var funding: [Funding] = []
  private var nextFunding = 0

  init(_ terms: MarketTerms, _ configuration: SimulatedVenue.Configuration) {
    self.terms = terms
    interval = terms.interval.milliseconds
    delay = configuration.latency / interval
    orders.reserveCapacity(configuration.maximumOpenOrders)
  }

  /// When the current candle closes.
  var closeTime: Int64 { openTime + interval }

  /// The last settlement told; nil for none.
  var lastFunding: Int64? { funding.last?.time }

  mutating func begin(
    openTime: Int64, _ open: Price, _ high: Price, _ low: Price, _ close: Price, budget: Quantity
  ) {
    previousClose = self.close
    self.openTime = openTime
    (self.open, self.high, self.low, self.close) = (open, high, low, close)
    self.budget = budget
    clock = openTime + interval
    price = open
    now = openTime
    isInside = false
    openedInside = false
  }

  mutating func tell(_ event: Funding) {
    // What was charged is dropped once it is half of what is kept, so that the queue stays as long as it has to be.
    if nextFunding > 16, nextFunding * 2 > funding.count {
      funding.removeFirst(nextFunding)
      nextFunding = 0
    }
    funding.append(event)
  }

  /// Takes the next settlement up to an instant (included); nil when there is none.
  mutating func takeFunding(upTo time: Int64) -> Funding? {
    guard nextFunding < funding.count, funding[nextFunding].time <= time else { return nil }
    nextFunding += 1
    return funding[nextFunding - 1]
  }

  /// The open of the candle that an order meets which is sent at an instant outside a candle's events.
  func firstOpen(sentAt time: Int64) -> Int64 {
    let time = min(max(time, -SimulatedVenue.latestTime), SimulatedVenue.latestTime)
    guard let clock else { return time + delay * interval }
    return clock + (max(0, (time - clock) / interval) + delay) * interval
  }

  /// The price of a market order that meets `price`: worse by the slippage, then on the next worse tick.
  func slipped(_ price: Price, _ side: Side, _ slippage: Rate) throws(TernError) -> Price {
    let factor = Rate(units: Rate.scale + side.sign * slippage.units)
    let rounding = side == .buy ? Rounding.up : .down
    let tick = terms.rules.tickSize
    return max(tick, try price.multiplied(by: factor, rounding).rounded(to: tick, rounding))
  }
}
