import Market

/// How large an opening may be: the limits on size, judged for the position as it would be after the order has filled
/// at the worst price it is assumed to fill at and its costs have been paid.
///
/// All amounts are exact in units of 1e-8 and rounded against the order.
struct OpeningSize {
  /// The dearest price per base unit it is assumed to fill at.
  let highest: Int64
  /// The cheapest.
  let lowest: Int64
  /// The most that one base unit is assumed to lose by filling away from the last close.
  let loss: Int64
  let terms: TradingTerms
  let limits: RiskLimits
  let equity: Int64
  /// Notional of what is held in the market: the larger of what was paid and what it is worth, within 64 bits.
  let held: Int128
  /// Notional, margin and costs to come of all other markets, openings under way included.
  let others: Exposure

  /// What an account carries apart from the market that is judged.
  struct Exposure {
    var notional: Int128 = 0
    var margin: Int128 = 0
    var cost: Int128 = 0
  }

  /// The limit that a quantity (base units, positive) breaks first; nil when it breaks none. A larger quantity never
  /// breaks fewer.
  func refusal(_ quantity: Int64) -> RiskReason? {
    let notional = product(highest, quantity)
    // Beyond the range of money; below it every product here fits 128 bits.
    guard notional <= Int128(Int64.max) else { return .marginLimit }
    let cost = product(loss, quantity) + share(notional, terms.fee) + others.cost
    let left = Int128(equity) - cost
    guard left > 0 else { return .insufficientEquity }
    let scale = Int128(Rate.scale)
    let margin = OpeningSize.margin(held + notional, leverage: terms.leverage)
    if margin * scale > left * Int128(limits.maximumMargin.units) { return .marginLimit }
    if (margin + others.margin) * scale > left * Int128(limits.maximumAccountMargin.units) {
      return .accountMargin
    }
    if (held + notional + others.notional) * scale > left * Int128(limits.maximumLeverage.units) {
      return .leverageLimit
    }
    return nil
  }

  /// The largest whole number of steps up to `limit` base units that breaks no limit; zero for none.
  func largest(upTo limit: Int64) -> Int64 {
    var fits: Int64 = 0
    var exceeds = limit / terms.step + 1
    while exceeds - fits > 1 {
      let middle = fits + (exceeds - fits) / 2
      if refusal(middle * terms.step) == nil { fits = middle } else { exceeds = middle }
    }
    return fits * terms.step
  }

  /// The quantity (base units) beyond which no limit can allow anything, to begin a search from.
  var bound: Int64 {
    let notional = Int128(equity) * Int128(limits.maximumLeverage.units) / Int128(Rate.scale)
    let quantity = notional * Int128(Quantity.scale) / Int128(max(highest, 1))
    return Int64(clamping: min(max(quantity, 0), Int128(Int64.max / 2)))
  }

  /// Whether the exchange would accept the order at the cheapest price it is assumed to fill at.
  func reachesMinimum(_ quantity: Int64) -> Bool {
    Int128(lowest) * Int128(quantity) >= Int128(terms.minimumNotional) * Int128(Quantity.scale)
  }

  /// Margin of a notional, rounded up.
  static func margin(_ notional: Int128, leverage: Int64) -> Int128 {
    (notional * Int128(Rate.scale) + Int128(leverage) - 1) / Int128(leverage)
  }

  /// `price × quantity` of values that are not negative, rounded up.
  static func product(_ price: Int64, _ quantity: Int64) -> Int128 {
    (Int128(price) * Int128(quantity) + Int128(Money.scale - 1)) / Int128(Money.scale)
  }

  /// A fraction of an amount that is not negative, rounded up.
  static func share(_ amount: Int128, _ rate: Int64) -> Int128 {
    (amount * Int128(rate) + Int128(Rate.scale - 1)) / Int128(Rate.scale)
  }

  private func product(_ price: Int64, _ quantity: Int64) -> Int128 { OpeningSize.product(price, quantity) }
  private func share(_ amount: Int128, _ rate: Int64) -> Int128 { OpeningSize.share(amount, rate) }
}
