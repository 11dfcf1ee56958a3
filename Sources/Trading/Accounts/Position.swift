import Diagnostics
import Market
import Orders

/// What is held in one market, to the last unit of money.
///
/// The cost of what is held is kept as the exact sum of its executions' notionals, not as an average price, so that
/// partial exits lose nothing to rounding: an exit of a share takes that share of the cost, the rest stays.
public struct Position: Equatable, Sendable {
  /// Base units held; negative for a short, zero for none.
  public internal(set) var quantity: Quantity = .zero
  /// Notional paid for what is held, `Σ price × quantity`, signed like `quantity`.
  public internal(set) var cost: Money = .zero
  /// Price that the position was last valued at; zero before the first.
  public internal(set) var mark: Price = .zero
  /// Time of the execution that opened it, milliseconds; zero for none.
  public internal(set) var entryTime: Int64 = 0
  /// The largest quantity held since it was opened, without sign.
  public internal(set) var peakQuantity: Quantity = .zero
  /// Number of executions that enlarged it, the first included.
  public internal(set) var openings: Int32 = 0
  /// Result of the parts already closed, before costs.
  public internal(set) var grossProfit: Money = .zero
  /// Fees since it was opened.
  public internal(set) var fees: Money = .zero
  /// Funding paid since it was opened; negative when received.
  public internal(set) var funding: Money = .zero

  /// Nothing held.
  public init() {}

  /// LONG, SHORT or NEUTRAL.
  public var direction: Direction {
    quantity.units > 0 ? .long : quantity.units < 0 ? .short : .neutral
  }

  /// Whether nothing is held.
  public var isFlat: Bool { quantity.units == 0 }

  /// Base units held, without sign.
  public var size: Quantity { Quantity(units: abs(quantity.units)) }

  /// Entry notional of what is held, without sign.
  public var entryNotional: Money { Money(units: abs(cost.units)) }

  /// The side that reduces it; nil when nothing is held.
  public var closingSide: Side? { isFlat ? nil : quantity.units > 0 ? .sell : .buy }

  /// Average entry price, `|cost| / |quantity|`, to the nearest 1e-8; zero when nothing is held.
  public var entryPrice: Price {
    guard !isFlat else { return .zero }
    let exact = Int128(abs(cost.units)) * Int128(Price.scale)
    let size = Int128(abs(quantity.units))
    return Price(units: Int64(clamping: (exact + size / 2) / size))
  }

  /// Value at a price, signed like the quantity.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func value(at price: Price) throws(TernError) -> Money {
    try Money(price: price, quantity: quantity)
  }

  /// What closing at a price would earn before costs.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func unrealised(at price: Price) throws(TernError) -> Money {
    isFlat ? .zero : try value(at: price) - cost
  }

  /// Margin put up for it: entry notional over leverage, rounded up.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func margin(leverage: Rate) throws(TernError) -> Money {
    try Position.margin(notional: entryNotional, leverage: leverage)
  }

  /// Margin that a notional needs, rounded up.
  /// - Throws: `TernError` of kind `data` on overflow.
  public static func margin(notional: Money, leverage: Rate) throws(TernError) -> Money {
    precondition(leverage.units > 0, "leverage must be positive")
    let exact = Int128(notional.units) * Int128(Rate.scale)
    let divisor = Int128(leverage.units)
    guard let units = Int64(exactly: (exact + divisor - 1) / divisor) else {
      throw TernError(.data, "a margin overflows", found: notional.description)
    }
    return Money(units: units)
  }

  /// Price at which the exchange takes an isolated position over: margin plus unrealised result equals the
  /// maintenance margin.
  ///
  /// Long: `(cost − margin) / (quantity × (1 − maintenance))`; short: `(cost + margin) / (quantity × (1 + maintenance))`.
  /// Rounded to the side where it is met earlier. Zero when nothing is held or the price would not be positive.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func liquidationPrice(leverage: Rate, maintenanceMargin: Rate) throws(TernError) -> Price {
    guard !isFlat else { return .zero }
    let margin = Int128(try margin(leverage: leverage).units)
    let cost = Int128(abs(cost.units))
    let size = Int128(abs(quantity.units))
    let isLong = quantity.units > 0
    let left = isLong ? cost - margin : cost + margin
    guard left > 0 else { return .zero }
    let rate = Int128(isLong ? Rate.scale - maintenanceMargin.units : Rate.scale + maintenanceMargin.units)
    // At most 2^63 · 1e8 · 1e8 and 2^63 · 2^28: both fit 128 bits.
    let numerator = left * Int128(Price.scale) * Int128(Rate.scale)
    let denominator = size * rate
    let quotient = isLong ? (numerator + denominator - 1) / denominator : numerator / denominator
    guard let units = Int64(exactly: quotient) else {
      throw TernError(.data, "a liquidation price overflows", found: entryPrice.description)
    }
    return Price(units: units)
  }
}
