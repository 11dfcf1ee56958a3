import Diagnostics
import Market

/// How a stack's signals are traded: the threshold, sizes and exits that it was judged with.
public struct TradePlan: Equatable, Sendable {
  /// Least calibrated confidence that executes a signal, 0…1.
  public var confidence: Double
  /// Share of equity put up as margin for a position of full size.
  public var marginFraction: Rate
  /// Notional of a position over its margin.
  public var leverage: Rate
  /// Take profit as a fraction of the entry price.
  public var takeProfit: Rate
  /// Stop as a fraction of the entry price.
  public var stopLoss: Rate
  /// Longest holding time.
  public var horizon: Interval

  /// Gathers the parts; the defaults are those of the design: 65 %, 8 %, 5×, 1.5 %, 0.5 %, 60m.
  public init(
    confidence: Double = 0.65, marginFraction: Rate = Rate(units: 8_000_000),
    leverage: Rate = Rate(units: 500_000_000), takeProfit: Rate = Rate(units: 1_500_000),
    stopLoss: Rate = Rate(units: 500_000), horizon: Interval = Interval(milliseconds: 3_600_000)
  ) {
    self.confidence = confidence
    self.marginFraction = marginFraction
    self.leverage = leverage
    self.takeProfit = takeProfit
    self.stopLoss = stopLoss
    self.horizon = horizon
  }

  /// The longest horizon accepted: 366 days.
  static let longestHorizon: Int64 = 366 * 86_400_000

  /// Checks every value.
  /// - Throws: `TernError` of kind `data` naming the key.
  public func validate() throws(TernError) {
    try require(confidence >= 0 && confidence <= 1, "confidence", "\(confidence)", "0 to 1")
    try require(
      marginFraction > .zero && marginFraction <= .one, "limits.margin_fraction",
      marginFraction.description, "above 0, at most 1")
    try require(
      leverage > .zero && leverage.units <= 125 * Rate.scale, "limits.leverage", leverage.description,
      "above 0, at most 125")
    try require(
      takeProfit > .zero && takeProfit < .one, "limits.take_profit", takeProfit.description,
      "between 0 and 1")
    try require(
      stopLoss > .zero && stopLoss < .one, "limits.stop_loss", stopLoss.description, "between 0 and 1")
    try require(
      horizon.milliseconds <= TradePlan.longestHorizon, "limits.horizon", horizon.description, "at most 366d")
  }

  private func require(
    _ condition: Bool, _ key: String, _ found: String, _ expected: String
  ) throws(TernError) {
    if !condition { throw TernError(.data, "is out of range", key: key, found: found, expected: expected) }
  }
}
