import Diagnostics
import Market
import Orders

/// What a round trip is assumed to cost, as fractions of notional.
public struct TradingCosts: Equatable, Sendable {
  /// Fee of an order that takes liquidity; entry and exit both pay it.
  public var takerFee: Rate
  /// How much worse than the price of the moment a market order fills.
  public var slippage: Rate
  /// How much worse than its trigger a stop fills.
  public var stopSlippage: Rate

  /// Gathers the parts; the slippages default to 0.0001.
  public init(
    takerFee: Rate, slippage: Rate = Rate(units: 10_000), stopSlippage: Rate = Rate(units: 10_000)
  ) {
    self.takerFee = takerFee
    self.slippage = slippage
    self.stopSlippage = stopSlippage
  }
}
