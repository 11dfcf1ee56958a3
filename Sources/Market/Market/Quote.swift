/// The best bid and ask at an instant.
public struct Quote: Equatable, Sendable {
  /// When the quote was known, milliseconds since the epoch, UTC.
  public var time: Int64
  /// Best bid price, quote units.
  public var bidPrice: Double
  /// Quantity at the best bid, base units.
  public var bidQuantity: Double
  /// Best ask price, quote units.
  public var askPrice: Double
  /// Quantity at the best ask, base units.
  public var askQuantity: Double

  /// Gathers the parts.
  public init(time: Int64, bidPrice: Double, bidQuantity: Double, askPrice: Double, askQuantity: Double) {
    self.time = time
    self.bidPrice = bidPrice
    self.bidQuantity = bidQuantity
    self.askPrice = askPrice
    self.askQuantity = askQuantity
  }
}

extension QuoteSeries {
  /// Quote `index` as a row.
  public subscript(index: Int) -> Quote {
    Quote(
      time: time[index], bidPrice: bidPrice[index], bidQuantity: bidQuantity[index],
      askPrice: askPrice[index], askQuantity: askQuantity[index])
  }

  /// Adds a quote at the end.
  public mutating func append(_ quote: Quote) {
    time.append(quote.time)
    bidPrice.append(quote.bidPrice)
    bidQuantity.append(quote.bidQuantity)
    askPrice.append(quote.askPrice)
    askQuantity.append(quote.askQuantity)
  }
}
