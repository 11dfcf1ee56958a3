import Decision
import Diagnostics
import Files
import Market

/// Whoever decides a market: a stack, or a script of signals decided elsewhere.
public protocol DecisionMaker: AnyObject {
  /// How probabilities become a verdict.
  var rule: VerdictRule { get }
  /// Tells of a funding settlement.
  func observeFunding(time: Int64, rate: Double)
  /// Forgets all candles and funding.
  func reset()
  /// Takes in the next closed candle and decides.
  /// - Throws: `TernError` of kind `data` for a candle that cannot be used.
  func decide(_ candle: Candle, quote: Quote?) throws(TernError) -> Decision
}

/// A decision maker with the plan that its decisions are traded by.
public struct SeatedMaker {
  /// Who decides.
  public var maker: any DecisionMaker
  /// Sizes, exits and threshold.
  public var plan: TradePlan
  /// Digest of the stack; nil for a script.
  public var stack: Digest?

  /// Gathers the parts.
  public init(maker: any DecisionMaker, plan: TradePlan, stack: Digest? = nil) {
    self.maker = maker
    self.plan = plan
    self.stack = stack
  }
}
