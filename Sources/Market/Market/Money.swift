import Diagnostics

/// A price: quote units for one base unit.
public struct Price: FixedPoint {
  /// The price in units of 1e-8.
  public let units: Int64
  /// A price of `units` times 1e-8.
  public init(units: Int64) { self.units = units }
  /// The word used in error messages.
  public static var meaning: String { "price" }
}

/// An amount of the base asset.
public struct Quantity: FixedPoint {
  /// The quantity in units of 1e-8.
  public let units: Int64
  /// A quantity of `units` times 1e-8.
  public init(units: Int64) { self.units = units }
  /// The word used in error messages.
  public static var meaning: String { "quantity" }

  /// What a notional buys at a price, `notional / price`, rounded down unless told otherwise.
  /// - Throws: `TernError` of kind `data` for a price that is not positive, and on overflow.
  public init(notional: Money, price: Price, _ rounding: Rounding = .down) throws(TernError) {
    guard price.units > 0 else {
      throw TernError(
        .data, "cannot divide by a price", found: price.description, expected: "a positive price")
    }
    self = try Quantity.fitting(
      rounding.divide(Int128(notional.units) * Int128(Quantity.scale), by: Int128(price.units)))
  }
}

/// An amount of the quote asset.
public struct Money: FixedPoint {
  /// The amount in units of 1e-8.
  public let units: Int64
  /// An amount of `units` times 1e-8.
  public init(units: Int64) { self.units = units }
  /// The word used in error messages.
  public static var meaning: String { "amount of money" }

  /// A notional: `price × quantity`, to the nearest 1e-8 unless told otherwise.
  ///
  /// With a price in ticks and a quantity in steps whose product has no more than eight places this is exact.
  /// - Throws: `TernError` of kind `data` on overflow.
  public init(price: Price, quantity: Quantity, _ rounding: Rounding = .nearest) throws(TernError) {
    self = try Money.fitting(
      rounding.divide(Int128(price.units) * Int128(quantity.units), by: Int128(Money.scale)))
  }

  /// What a move from one price to another earns on a quantity held long (negative for a fall):
  /// `(to − from) × quantity`, formed in 128 bits and rounded once.
  /// - Throws: `TernError` of kind `data` on overflow.
  public init(from: Price, to: Price, quantity: Quantity, _ rounding: Rounding = .nearest) throws(TernError) {
    let move = Int128(to.units) - Int128(from.units)
    self = try Money.fitting(rounding.divide(move * Int128(quantity.units), by: Int128(Money.scale)))
  }
}

/// A dimensionless fraction: a fee, a funding rate, a slippage. 0.0005 is five hundredths of a percent.
public struct Rate: FixedPoint {
  /// The rate in units of 1e-8.
  public let units: Int64
  /// A rate of `units` times 1e-8.
  public init(units: Int64) { self.units = units }
  /// The word used in error messages.
  public static var meaning: String { "rate" }
  /// The rate 1.
  public static var one: Rate { Rate(units: Rate.scale) }
}
