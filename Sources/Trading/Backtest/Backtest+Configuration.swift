import Diagnostics
import Labels
import Market

/// Bar-level backtest of signals: what following them would have earned, to the last unit of money.
public enum Backtest {
  /// What a signal does that arrives while a position is held.
  public enum WhileInPosition: String, Codable, Sendable, CaseIterable {
    /// It is passed over; the position ends by its own exits.
    case ignore
    /// An opposite signal closes the position at the next open and opens its own; one of the same direction is
    /// passed over.
    case reverse
  }

  /// Which fee an order pays.
  public enum Liquidity: String, Codable, Sendable, CaseIterable {
    /// The order rested in the book.
    case maker
    /// The order took from the book.
    case taker
  }

  /// Rules of trading and costs.
  public struct Configuration: Codable, Equatable, Sendable {
    /// Balance at the start, quote units; default 10000.
    public var initialEquity: Money
    /// Share of equity that is put up as margin for a position; default 0.08.
    public var marginFraction: Rate
    /// Notional of a position over its margin; default 5.
    public var leverage: Rate
    /// Take profit as a fraction of the entry price; default 0.015.
    public var takeProfit: Rate
    /// Stop as a fraction of the entry price; default 0.005.
    public var stopLoss: Rate
    /// Longest holding time; default 60m.
    public var horizon: Interval
    /// Least confidence, 0…1, that executes a signal; default 0.65.
    public var minimumConfidence: Double
    /// Fee of orders that take liquidity, a fraction of notional; default 0.0005.
    public var takerFee: Rate
    /// Fee of orders that rest, a fraction of notional; default 0.0002.
    public var makerFee: Rate
    /// Which fee a take profit pays; default taker, as the labels assume.
    public var takeProfitLiquidity: Liquidity
    /// How much worse than the candle's open or close a market order fills, a fraction; default 0.0001.
    public var slippage: Rate
    /// How much worse than its trigger (or the open behind it) a stop fills, a fraction; default 0.0001.
    public var stopSlippage: Rate
    /// What a signal does that arrives while a position is held; default ignore.
    public var whileInPosition: WhileInPosition
    /// Tick, step and least notional; default those of the BTCUSDT perpetual.
    public var rules: SymbolRules
    /// Random-entry runs the result is compared with; default 200, 0 for none.
    public var randomRuns: Int
    /// Seed of the random entries; default 0.
    public var seed: UInt64
    /// Whether the result keeps the equity at every candle and not only at every day's end; default false.
    public var keepsBars: Bool

    /// Creates a configuration; every value has the default that its property states.
    public init(
      initialEquity: Money = Money(units: 1_000_000_000_000), marginFraction: Rate = Rate(units: 8_000_000),
      leverage: Rate = Rate(units: 500_000_000), takeProfit: Rate = Rate(units: 1_500_000),
      stopLoss: Rate = Rate(units: 500_000), horizon: Interval = Interval(milliseconds: 3_600_000),
      minimumConfidence: Double = 0.65, takerFee: Rate = Rate(units: 50_000),
      makerFee: Rate = Rate(units: 20_000),
      takeProfitLiquidity: Liquidity = .taker, slippage: Rate = Rate(units: 10_000),
      stopSlippage: Rate = Rate(units: 10_000), whileInPosition: WhileInPosition = .ignore,
      rules: SymbolRules = SymbolRules(), randomRuns: Int = 200, seed: UInt64 = 0, keepsBars: Bool = false
    ) {
      self.initialEquity = initialEquity
      self.marginFraction = marginFraction
      self.leverage = leverage
      self.takeProfit = takeProfit
      self.stopLoss = stopLoss
      self.horizon = horizon
      self.minimumConfidence = minimumConfidence
      self.takerFee = takerFee
      self.makerFee = makerFee
      self.takeProfitLiquidity = takeProfitLiquidity
      self.slippage = slippage
      self.stopSlippage = stopSlippage
      self.whileInPosition = whileInPosition
      self.rules = rules
      self.randomRuns = randomRuns
      self.seed = seed
      self.keepsBars = keepsBars
    }
  }

  /// One answer for every candle, given at its close.
  public struct Signals: Equatable, Sendable {
    /// What to do.
    public var direction: [Direction]
    /// How sure the model is, 0…1.
    public var confidence: [Double]

    /// Gathers the columns, one element for every candle.
    public init(direction: [Direction], confidence: [Double]) {
      precondition(direction.count == confidence.count, "signal columns differ in length")
      self.direction = direction
      self.confidence = confidence
    }
  }
}
