import Diagnostics

/// Funding events of a perpetual future, in strictly increasing time order.
public struct FundingSeries: Equatable, Sendable {
  /// Settlement instants, milliseconds since the epoch, UTC. A rate is known from its instant on.
  public var time: [Int64] = []
  /// Rates as fractions of notional per settlement; positive means that longs pay shorts.
  public var rate: [Double] = []
  /// Creates an empty series.
  public init() {}
  /// Creates a series from its columns.
  public init(time: [Int64], rate: [Double]) {
    precondition(time.count == rate.count, "funding columns differ in length")
    self.time = time
    self.rate = rate
  }

  /// Checks what everything that charges funding relies on: rates are numbers within ±1, instants increase.
  /// - Throws: `TernError` of kind `data` naming the event.
  public func validate() throws(TernError) {
    for index in time.indices {
      guard rate[index].magnitude <= 1 else {
        throw TernError(
          .data, "is not a funding rate", key: "funding_time \(time[index])", found: "\(rate[index])",
          expected: "a fraction of notional within ±1")
      }
      guard index == 0 || time[index - 1] < time[index] else {
        throw TernError(
          .data, "funding events are repeated or out of order", key: "funding_time \(time[index])",
          expected: "later than \(time[index - 1])")
      }
    }
  }
}

/// Mark prices, in strictly increasing time order.
public struct MarkPriceSeries: Equatable, Sendable {
  /// Instants at which the price was known, milliseconds since the epoch, UTC.
  public var time: [Int64] = []
  /// Prices, quote units.
  public var price: [Double] = []
  /// Creates an empty series.
  public init() {}
  /// Creates a series from its columns.
  public init(time: [Int64], price: [Double]) {
    precondition(time.count == price.count, "mark-price columns differ in length")
    self.time = time
    self.price = price
  }
}

/// Best bid and ask snapshots, in strictly increasing time order.
public struct QuoteSeries: Equatable, Sendable {
  /// Instants at which the quote was known, milliseconds since the epoch, UTC.
  public var time: [Int64] = []
  /// Best bid prices, quote units.
  public var bidPrice: [Double] = []
  /// Quantities at the best bid, base units.
  public var bidQuantity: [Double] = []
  /// Best ask prices, quote units.
  public var askPrice: [Double] = []
  /// Quantities at the best ask, base units.
  public var askQuantity: [Double] = []
  /// Creates an empty series.
  public init() {}
}

/// Everything known of one market: its candles and what the source has beside them.
public struct MarketData: Equatable, Sendable {
  /// The candles.
  public var candles: CandleSeries
  /// Funding rates, when the source has them.
  public var funding: FundingSeries?
  /// Mark prices, when the source has them.
  public var markPrice: MarkPriceSeries?
  /// Best bid and ask, when the source has them.
  public var quotes: QuoteSeries?

  /// Gathers the parts.
  public init(
    candles: CandleSeries, funding: FundingSeries? = nil, markPrice: MarkPriceSeries? = nil,
    quotes: QuoteSeries? = nil
  ) {
    self.candles = candles
    self.funding = funding
    self.markPrice = markPrice
    self.quotes = quotes
  }
}
