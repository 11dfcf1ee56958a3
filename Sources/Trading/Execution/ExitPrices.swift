import Diagnostics
import Market
import Orders

/// Where the exits of a position lie.
public struct ExitPrices: Equatable, Sendable {
  /// Trigger of the stop; nil for none.
  public var stop: Price?
  /// Price of the take profit; nil for none.
  public var takeProfit: Price?

  /// Gathers the prices.
  public init(stop: Price? = nil, takeProfit: Price? = nil) {
    self.stop = stop
    self.takeProfit = takeProfit
  }

  /// The exits at fractions of an entry price: `entry × (1 ± fraction)`, on the next tick away from the entry, never
  /// below one tick. A fraction of zero means no such exit.
  /// - Throws: `TernError` of kind `data` on overflow.
  public init(
    entry: Price, isLong: Bool, protection: Protection, tick: Price
  ) throws(TernError) {
    stop = try Self.price(entry, protection.stopLoss, above: !isLong, tick)
    takeProfit = try Self.price(entry, protection.takeProfit, above: isLong, tick)
  }

  private static func price(
    _ entry: Price, _ fraction: Rate, above: Bool, _ tick: Price
  ) throws(TernError) -> Price? {
    guard fraction > .zero else { return nil }
    let factor = Rate(units: above ? Rate.scale + fraction.units : Rate.scale - fraction.units)
    let rounding = above ? Rounding.up : .down
    return max(tick, try entry.multiplied(by: factor, rounding).rounded(to: tick, rounding))
  }
}
