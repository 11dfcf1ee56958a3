import Diagnostics
import Market
import Orders

extension PositionRules {
  /// Orders a position in the verdict's direction, or says why not.
  func open(
    _ decision: Decision, _ side: Side, _ equity: Money, _ terms: MarketTerms, _ candle: Candle,
    _ dataTrouble: Bool, _ actions: inout PositionActions
  ) {
    guard !dataTrouble else {
      actions.refusal = .dataTrouble
      return
    }
    guard !isHostile(decision, to: decision.verdict) else {
      actions.refusal = .hostileRegime
      return
    }
    guard let multiplier = sizeMultiplier(confidence: decision.confidence) else {
      actions.refusal = .unknownVolatility
      return
    }
    guard equity > .zero else {
      actions.refusal = .noEquity
      return
    }
    do throws(TernError) {
      let close = try Price(candle.close)
      let quantity = try size(equity: equity, multiplier: multiplier, close: close, terms: terms)
      guard quantity > .zero, try Money(price: close, quantity: quantity) >= terms.rules.minNotional else {
        actions.refusal = .belowMinimum
        return
      }
      actions.append(
        .intent(
          OrderIntent(
            market: market, purpose: .entry, side: side, kind: .market, quantity: quantity,
            protection: protection)))
    } catch {
      actions.refusal = .amountOutOfRange
    }
  }

  /// The stack's exits.
  var protection: Protection { Protection(stopLoss: plan.stopLoss, takeProfit: plan.takeProfit) }

  /// Share of the full size: by confidence times by volatility, rounded down to 1e-8; nil while the volatility that it
  /// depends on is not known.
  func sizeMultiplier(confidence: Double) -> Rate? {
    var multiplier = 1.0
    let span = configuration.fullConfidence - minimumConfidence
    if configuration.confidenceScaling, span > 0 {
      let least = configuration.minimumSize.doubleValue
      let fraction = min(max((confidence - minimumConfidence) / span, 0), 1)
      multiplier = least + (1 - least) * fraction
    }
    if let target = configuration.targetVolatility {
      guard let current = state.volatility.value(window: configuration.volatilityWindow) else { return nil }
      if current > target { multiplier *= target / current }
    }
    return Rate(units: Int64((multiplier * Double(Rate.scale)).rounded(.down)))
  }

  /// `floor_step(equity × marginFraction × multiplier × leverage / close)`, every product rounded down.
  private func size(
    equity: Money, multiplier: Rate, close: Price, terms: MarketTerms
  ) throws(TernError) -> Quantity {
    let margin = try equity.multiplied(by: plan.marginFraction, .down).multiplied(by: multiplier, .down)
    let notional = try margin.multiplied(by: plan.leverage, .down)
    return try Quantity(notional: notional, price: close).rounded(to: terms.rules.stepSize, .down)
  }

  /// Whether the regimes hostile to a direction together reach the limit.
  func isHostile(_ decision: Decision, to direction: Direction) -> Bool {
    guard let limit = configuration.emergencyRegimeProbability, decision.regime != nil else { return false }
    let against: Regime
    switch direction {
    case .long: against = .trendingDown
    case .short: against = .trendingUp
    case .neutral: return false
    }
    let probability =
      Double(decision.regimeProbabilities[Int(against.rawValue)])
      + Double(decision.regimeProbabilities[Int(Regime.reversal.rawValue)])
      + Double(decision.regimeProbabilities[Int(Regime.highVolatility.rawValue)])
    return probability >= limit
  }
}
