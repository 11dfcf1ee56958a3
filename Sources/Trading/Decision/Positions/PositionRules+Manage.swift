import Accounts
import Diagnostics
import Market
import Orders

extension PositionRules {
  /// Says what shall be done with a position that is held.
  mutating func manage(
    _ decision: Decision, _ position: Position, _ stop: Price?, _ equity: Money, _ terms: MarketTerms,
    _ candle: Candle, _ dataTrouble: Bool, _ actions: inout PositionActions
  ) throws(TernError) {
    guard let side = position.closingSide else { return }
    let isLong = side == .sell
    let direction = position.direction
    state.followPrice(candle, entryTime: position.entryTime, isLong: isLong)
    if dataTrouble || isHostile(decision, to: direction) {
      actions.append(.intent(.close(market: market, side: side, purpose: .emergencyExit)))
      return
    }
    let (deadline, isNever) = position.entryTime.addingReportingOverflow(plan.horizon.milliseconds)
    if !isNever, decision.closeTime >= deadline {
      actions.append(.intent(.close(market: market, side: side, purpose: .timeExit)))
      return
    }
    if decision.executes, decision.verdict != direction, configuration.onOpposite != .ignore {
      actions.append(.intent(.close(market: market, side: side, purpose: .signalExit)))
      if configuration.onOpposite == .reverse {
        open(decision, side, equity, terms, candle, dataTrouble, &actions)
      }
      return
    }
    guard configuration.managesGains else { return }
    let close = try Price(candle.close)
    guard
      try !moveStop(position, isLong: isLong, close: close, stop: stop, side: side, terms: terms, &actions)
    else { return }
    guard try !takePartialProfits(position, close: close, side: side, terms: terms, &actions) else { return }
    if decision.executes, decision.verdict == direction {
      try add(position, close: close, side: side.opposite, terms: terms, &actions)
    }
  }

  /// Tightens the stop where break-even or trailing want it.
  /// - Returns: Whether the close lies beyond the trailing stop, so that the position is closed instead.
  private mutating func moveStop(
    _ position: Position, isLong: Bool, close: Price, stop: Price?, side: Side, terms: MarketTerms,
    _ actions: inout PositionActions
  ) throws(TernError) -> Bool {
    func isTighter(_ price: Price, than other: Price) -> Bool { isLong ? price > other : price < other }
    var wanted: Price?
    if let level = configuration.breakEvenAt {
      if !state.isBreakEven { state.isBreakEven = try reaches(level, position, at: close) }
      if state.isBreakEven {
        let price = try breakEvenPrice(position, isLong: isLong, tick: terms.rules.tickSize)
        // A stop that the price has passed already would fill at once.
        if isTighter(close, than: price) { wanted = price }
      }
    }
    if let level = configuration.trailFrom, state.best > .zero,
      try reaches(level, position, at: state.best)
    {
      let distance = configuration.trailDistance.units
      let factor = Rate(units: isLong ? Rate.scale - distance : Rate.scale + distance)
      let price = try onTick(
        try state.best.multiplied(by: factor, isLong ? .down : .up), terms.rules.tickSize,
        isLong ? .down : .up)
      guard isTighter(close, than: price) else {
        actions.append(.intent(.close(market: market, side: side, purpose: .protectiveStop)))
        return true
      }
      wanted = wanted.map { isTighter(price, than: $0) ? price : $0 } ?? price
    }
    if let wanted, stop.map({ isTighter(wanted, than: $0) }) ?? true { actions.append(.moveStop(to: wanted)) }
    return false
  }

  /// Orders the partial profits that the close has reached, as one.
  /// - Returns: Whether anything was ordered.
  private mutating func takePartialProfits(
    _ position: Position, close: Price, side: Side, terms: MarketTerms, _ actions: inout PositionActions
  ) throws(TernError) -> Bool {
    var quantity = Quantity.zero
    while state.partialsTaken < configuration.partialProfits.count {
      let part = configuration.partialProfits[state.partialsTaken]
      guard try reaches(part.at, position, at: close) else { break }
      state.partialsTaken += 1
      quantity = try quantity + share(part.share, terms)
    }
    guard quantity > .zero else { return false }
    if quantity >= position.size {
      actions.append(.intent(.close(market: market, side: side, purpose: .partialTakeProfit)))
    } else {
      actions.append(
        .intent(
          OrderIntent(
            market: market, purpose: .partialTakeProfit, side: side, kind: .market, quantity: quantity)))
    }
    return true
  }

  /// Enlarges a winning position that the signal still agrees with.
  private mutating func add(
    _ position: Position, close: Price, side: Side, terms: MarketTerms, _ actions: inout PositionActions
  ) throws(TernError) {
    guard state.addsMade < configuration.maximumAdds, try reaches(configuration.addAt, position, at: close)
    else { return }
    let quantity = try share(configuration.addShare, terms)
    guard quantity > .zero, try Money(price: close, quantity: quantity) >= terms.rules.minNotional else {
      return
    }
    state.addsMade += 1
    actions.append(
      .intent(
        OrderIntent(
          market: market, purpose: .add, side: side, kind: .market, quantity: quantity,
          protection: protection)))
  }

  /// A share of the initial quantity, down to a step.
  private func share(_ share: Rate, _ terms: MarketTerms) throws(TernError) -> Quantity {
    try state.initialQuantity.multiplied(by: share, .down).rounded(to: terms.rules.stepSize, .down)
  }

  /// Whether closing at a price would gain at least a fraction of the entry notional, before costs.
  private func reaches(
    _ gain: Rate, _ position: Position, at price: Price
  ) throws(TernError) -> Bool {
    let profit = Int128(try position.unrealised(at: price).units)
    return profit * Int128(Rate.scale) >= Int128(gain.units) * Int128(position.entryNotional.units)
  }

  /// The stop at which a position ends without loss, both fees and the stop's slippage counted, on the next tick to the
  /// side of the gain.
  ///
  /// Long: `entry · (1 + fee) / ((1 − fee) · (1 − stopSlippage))`; short: the same with the signs turned.
  func breakEvenPrice(_ position: Position, isLong: Bool, tick: Price) throws(TernError) -> Price {
    let sign: Int64 = isLong ? 1 : -1
    let fee = sign * costs.takerFee.units
    let slippage = sign * costs.stopSlippage.units
    // At most 2^63 · 2^27 · 2^27: it fits 128 bits.
    let numerator =
      Int128(position.entryPrice.units) * Int128(Rate.scale + fee) * Int128(Rate.scale)
    let denominator = Int128(Rate.scale - fee) * Int128(Rate.scale - slippage)
    let exact = isLong ? (numerator + denominator - 1) / denominator : numerator / denominator
    guard let units = Int64(exactly: exact) else {
      throw TernError(.data, "a stop price overflows", found: position.entryPrice.description)
    }
    return try onTick(Price(units: units), tick, isLong ? .up : .down)
  }

  private func onTick(_ price: Price, _ tick: Price, _ rounding: Rounding) throws(TernError) -> Price {
    max(tick, try price.rounded(to: tick, rounding))
  }
}

extension PositionRules.State {
  /// Keeps the best price since the entry: a candle's extreme when all of it lies after the entry, else its close.
  mutating func followPrice(_ candle: Candle, entryTime: Int64, isLong: Bool) {
    let isWhole = candle.openTime >= entryTime
    let value = isWhole ? (isLong ? candle.high : candle.low) : candle.close
    guard let price = try? Price(value), price > .zero else { return }
    if best == .zero || (isLong ? price > best : price < best) { best = price }
  }
}

extension PositionRules.Configuration {
  /// Whether any rule looks at the gain of a position.
  var managesGains: Bool {
    breakEvenAt != nil || trailFrom != nil || !partialProfits.isEmpty || maximumAdds > 0
  }
}
