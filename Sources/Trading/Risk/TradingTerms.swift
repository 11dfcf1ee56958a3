import Market
import Orders

/// What judging an order needs to know of its market, in plain units of 1e-8.
struct TradingTerms: Equatable, Sendable {
  let tick: Int64
  let step: Int64
  let minimumNotional: Int64
  let leverage: Int64
  /// The dearer of the two fees; a rebate counts as none.
  let fee: Int64

  init(_ terms: MarketTerms) {
    tick = terms.rules.tickSize.units
    step = terms.rules.stepSize.units
    minimumNotional = terms.rules.minNotional.units
    leverage = terms.leverage.units
    fee = max(terms.takerFee.units, terms.makerFee.units, 0)
  }
}

/// An approved opening order that has neither filled nor ended: what it may still become counts against the limits.
struct PendingOpening: Equatable, Sendable {
  /// The order's number; zero for none.
  var order: UInt64 = 0
  /// Base units that have not filled.
  var remaining: Int64 = 0
  /// The dearest price it is assumed to fill at.
  var highest: Int64 = 0
  /// The most that one base unit is assumed to lose by filling away from the last close.
  var loss: Int64 = 0
  /// Whether its first fill opens a position.
  var opensPosition = false
}
