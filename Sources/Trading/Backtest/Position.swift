import Diagnostics
import Market

/// An entry to be made at a candle's open.
struct Entry {
  var bar: Int
  var direction: Direction
  var confidence: Double
}

/// The exits of a position.
struct Exits {
  /// Take-profit price in units, out of reach when there is none.
  var takeProfit: Int64
  /// Stop price in units, out of reach when there is none.
  var stop: Int64
  /// When the holding time is over, milliseconds.
  var deadline: Int64
}

/// A finished position.
struct Closed {
  var trade: Backtest.Trade
  /// Balance afterwards.
  var cash: Money
  /// Candle in which it ended.
  var bar: Int
  /// Whether it ended at that candle's open.
  var atOpen: Bool
}

/// Executes positions against a tape, one at a time.
struct PositionEngine {
  let tape: PriceTape
  let configuration: Backtest.Configuration

  /// The price of a market order that meets `price`: worse by the slippage, then on the next worse tick.
  func fill(_ price: Price, buying: Bool, slippage: Rate) throws(TernError) -> Price {
    let factor = Rate(units: buying ? Rate.scale + slippage.units : Rate.scale - slippage.units)
    let slipped = try price.multiplied(by: factor, buying ? .up : .down)
    let tick = configuration.rules.tickSize
    return max(tick, try slipped.rounded(to: tick, buying ? .up : .down))
  }

  /// Size for a balance: margin fraction × share × leverage of it, floored to the step; nil below the least notional.
  func size(equity: Money, price: Price, share: Rate = .one) throws(TernError) -> Quantity? {
    guard equity > .zero else { return nil }
    let margin = try equity.multiplied(by: configuration.marginFraction, .down).multiplied(by: share, .down)
    let notional = try margin.multiplied(by: configuration.leverage, .down)
    let quantity = try Quantity(notional: notional, price: price).rounded(
      to: configuration.rules.stepSize, .down)
    guard quantity > .zero, try Money(price: price, quantity: quantity) >= configuration.rules.minNotional
    else { return nil }
    return quantity
  }

  /// The configured exits of a position filled at `price`, on ticks away from the entry.
  func exits(of entry: Entry, price: Price) throws(TernError) -> Exits {
    let long = entry.direction == .long
    let gain = configuration.takeProfit.units
    let loss = configuration.stopLoss.units
    let up = Rate(units: Rate.scale + (long ? gain : loss))
    let down = Rate(units: Rate.scale - (long ? loss : gain))
    let tick = configuration.rules.tickSize
    let above = try price.multiplied(by: up, .up).rounded(to: tick, .up)
    let below = max(tick, try price.multiplied(by: down, .down).rounded(to: tick, .down))
    return Exits(
      takeProfit: long ? above.units : below.units, stop: long ? below.units : above.units,
      deadline: tape.openTime[entry.bar] + configuration.horizon.milliseconds)
  }

  /// Holds a position from its entry to its exit.
  /// - Parameters:
  ///   - entry: Where it opens; LONG or SHORT.
  ///   - price: Fill price of the entry.
  ///   - turn: Candle at whose open an opposite signal ends it.
  ///   - cash: Balance before.
  ///   - equity: Where the equity at each candle's close is written, in units; empty to leave it out.
  func hold(
    _ entry: Entry, price: Price, quantity: Quantity, exits: Exits, turn: Int, cash before: Money,
    equity: inout [Int64]
  ) throws(TernError) -> Closed {
    let long = entry.direction == .long
    var account = Account(
      sign: entry.direction.sign, price: price, quantity: quantity, cash: before,
      entryFee: try fee(price, quantity, .taker))
    try account.settle()
    var bar = entry.bar
    var next = tape.firstFunding(after: tape.openTime[bar])
    let last = tape.count - 1

    func finish(
      _ reason: Backtest.ExitReason, _ exit: Price, atOpen: Bool, _ liquidity: Backtest.Liquidity = .taker
    ) throws(TernError) -> Closed {
      let gross = try account.profit(at: exit)
      let fees = try account.entryFee + fee(exit, quantity, liquidity)
      let profit = try gross - fees - account.funding
      let cash = try before + profit
      if !equity.isEmpty { equity[bar] = cash.units }
      return Closed(
        trade: Backtest.Trade(
          direction: entry.direction, entryTime: tape.openTime[entry.bar],
          exitTime: atOpen ? tape.openTime[bar] : tape.closeTime(bar), entryPrice: price, exitPrice: exit,
          quantity: quantity, grossProfit: gross, fees: fees, funding: account.funding, profit: profit,
          reason: reason, confidence: entry.confidence),
        cash: cash, bar: bar, atOpen: atOpen)
    }
    func market(_ units: Int64, _ slippage: Rate) throws(TernError) -> Price {
      try fill(Price(units: units), buying: !long, slippage: slippage)
    }

    while true {
      let open = tape.open[bar]
      if bar > entry.bar {
        while next < tape.funding.count, tape.funding[next].time <= tape.openTime[bar] {
          try account.charge(tape.funding[next])
          next += 1
        }
        if long ? open <= exits.stop : open >= exits.stop {
          return try finish(.stop, try market(open, configuration.stopSlippage), atOpen: true)
        }
        if long ? open >= exits.takeProfit : open <= exits.takeProfit {
          return try finish(
            .takeProfit, Price(units: exits.takeProfit), atOpen: true, configuration.takeProfitLiquidity)
        }
        if tape.openTime[bar] >= exits.deadline {
          return try finish(.time, try market(open, configuration.slippage), atOpen: true)
        }
        if bar == turn {
          return try finish(.reversal, try market(open, configuration.slippage), atOpen: true)
        }
      }
      while next < tape.funding.count, tape.funding[next].time < tape.closeTime(bar) {
        try account.charge(tape.funding[next])
        next += 1
      }
      if long ? tape.low[bar] <= exits.stop : tape.high[bar] >= exits.stop {
        return try finish(.stop, try market(exits.stop, configuration.stopSlippage), atOpen: false)
      }
      if long ? tape.high[bar] >= exits.takeProfit : tape.low[bar] <= exits.takeProfit {
        return try finish(
          .takeProfit, Price(units: exits.takeProfit), atOpen: false, configuration.takeProfitLiquidity)
      }
      let close = tape.close[bar]
      if tape.closeTime(bar) >= exits.deadline {
        return try finish(.time, try market(close, configuration.slippage), atOpen: false)
      }
      if bar == last {
        return try finish(.endOfData, try market(close, configuration.slippage), atOpen: false)
      }
      if account.isRuined(at: close) {
        return try finish(.ruin, try market(close, configuration.slippage), atOpen: false)
      }
      if !equity.isEmpty { equity[bar] = try account.equity(at: Price(units: close)).units }
      bar += 1
    }
  }

  func fee(_ price: Price, _ quantity: Quantity, _ liquidity: Backtest.Liquidity) throws(TernError) -> Money {
    let rate = liquidity == .maker ? configuration.makerFee : configuration.takerFee
    // Rounded up: a fee is never rounded in the trader's favour.
    return try Money(price: price, quantity: quantity).multiplied(by: rate, .up)
  }
}

/// What an open position has done to the balance so far.
private struct Account {
  let sign: Int64
  let price: Price
  let quantity: Quantity
  let cash: Money
  let entryFee: Money
  var funding = Money.zero
  /// Adverse move of the price, in units, at which nothing is left.
  var ruinMove: Int64 = 0

  init(sign: Int64, price: Price, quantity: Quantity, cash: Money, entryFee: Money) {
    self.sign = sign
    self.price = price
    self.quantity = quantity
    self.cash = cash
    self.entryFee = entryFee
  }

  func profit(at mark: Price) throws(TernError) -> Money {
    let gain = try Money(from: price, to: mark, quantity: quantity)
    return sign < 0 ? try gain.negated() : gain
  }

  func equity(at mark: Price) throws(TernError) -> Money {
    try cash - entryFee - funding + profit(at: mark)
  }

  func isRuined(at mark: Int64) -> Bool { sign * (mark - price.units) <= -ruinMove }

  mutating func charge(_ event: PriceTape.Funding) throws(TernError) {
    let notional = try Money(price: event.price, quantity: quantity)
    let paid = try notional.multiplied(by: event.rate)
    funding = try funding + (sign < 0 ? paid.negated() : paid)
    try settle()
  }

  mutating func settle() throws(TernError) {
    let left = try cash - entryFee - funding
    let move = Int128(left.units) * Int128(Quantity.scale) / Int128(quantity.units)
    ruinMove = Int64(clamping: move)
  }
}
