import Market

extension Backtest {
  /// Why a position ended.
  public enum ExitReason: String, Codable, Sendable, CaseIterable {
    /// The take profit filled.
    case takeProfit = "take_profit"
    /// The stop filled.
    case stop
    /// The horizon was over.
    case time
    /// An opposite signal turned the position.
    case reversal
    /// The data ended.
    case endOfData = "end_of_data"
    /// Equity was used up.
    case ruin
    /// A hostile regime or troubled data; only the decision loop ends positions so.
    case emergency
    /// Risk closed everything; only the decision loop ends positions so.
    case flatten
    /// The exchange took the position over; only the decision loop ends positions so.
    case liquidation
  }

  /// One position from entry to exit.
  public struct Trade: Codable, Equatable, Sendable {
    /// The market; nil where there is only one.
    public var symbol: String?
    /// LONG or SHORT.
    public var direction: Direction
    /// Open time of the entry candle, milliseconds.
    public var entryTime: Int64
    /// When it ended, milliseconds: the open of the exit candle where it filled there, else that candle's close.
    public var exitTime: Int64
    /// Fill price of the entry; the average of several fills.
    public var entryPrice: Price
    /// Fill price of the exit; the average of several fills.
    public var exitPrice: Price
    /// Size: everything that was opened.
    public var quantity: Quantity
    /// `(exit − entry) × quantity`, signed by the direction.
    public var grossProfit: Money
    /// Fees of entry and exit, never negative unless a fee is a rebate.
    public var fees: Money
    /// Funding paid; negative when it was received.
    public var funding: Money
    /// `grossProfit − fees − funding`: exactly what the trade changed the balance by.
    public var profit: Money
    /// Why it ended.
    public var reason: ExitReason
    /// Confidence of the signal that opened it, 0…1.
    public var confidence: Double

    /// Gathers the parts.
    public init(
      symbol: String? = nil, direction: Direction, entryTime: Int64, exitTime: Int64, entryPrice: Price,
      exitPrice: Price, quantity: Quantity, grossProfit: Money, fees: Money, funding: Money, profit: Money,
      reason: ExitReason, confidence: Double
    ) {
      self.symbol = symbol
      self.direction = direction
      self.entryTime = entryTime
      self.exitTime = exitTime
      self.entryPrice = entryPrice
      self.exitPrice = exitPrice
      self.quantity = quantity
      self.grossProfit = grossProfit
      self.fees = fees
      self.funding = funding
      self.profit = profit
      self.reason = reason
      self.confidence = confidence
    }
  }

  /// A position that is still held when the candles end.
  public struct OpenPosition: Codable, Equatable, Sendable {
    /// The market.
    public var symbol: String
    /// LONG or SHORT.
    public var direction: Direction
    /// Time of its first execution, milliseconds.
    public var entryTime: Int64
    /// Average entry price.
    public var entryPrice: Price
    /// What is held.
    public var quantity: Quantity
    /// Result so far before costs, valued at the last close.
    public var grossProfit: Money
    /// Fees so far.
    public var fees: Money
    /// Funding paid so far; negative when received.
    public var funding: Money

    /// Gathers the parts.
    public init(
      symbol: String, direction: Direction, entryTime: Int64, entryPrice: Price, quantity: Quantity,
      grossProfit: Money, fees: Money, funding: Money
    ) {
      self.symbol = symbol
      self.direction = direction
      self.entryTime = entryTime
      self.entryPrice = entryPrice
      self.quantity = quantity
      self.grossProfit = grossProfit
      self.fees = fees
      self.funding = funding
    }
  }

  /// Equity at an instant.
  public struct EquityPoint: Codable, Equatable, Sendable {
    /// Close time of the candle, milliseconds.
    public var time: Int64
    /// Balance plus the open position marked at the close.
    public var equity: Money
  }

  /// The deepest fall from a peak of the equity at candle closes.
  public struct Drawdown: Codable, Equatable, Sendable {
    /// Depth as a fraction of the peak, 0 or more.
    public var depth: Double
    /// When the peak before it was reached, milliseconds.
    public var peakTime: Int64
    /// When it was deepest, milliseconds.
    public var troughTime: Int64
    /// When equity was back at the peak; nil if it never was.
    public var recoveryTime: Int64?
    /// From the peak to recovery, or to the end of the data, days.
    public var lengthDays: Double
    /// The longest time, of any depth, that equity stayed below a former peak, days.
    public var longestDays: Double
  }

  /// Figures of a run. Ratios that cannot be formed (no trades, no loss, a single day) are nil.
  public struct Metrics: Codable, Equatable, Sendable {
    /// First open to last close, days.
    public var days: Double
    /// Equity at the end.
    public var finalEquity: Money
    /// `final / initial − 1`.
    public var totalReturn: Double
    /// `(final / initial)^(365 / days) − 1`; −1 when nothing is left.
    public var annualizedReturn: Double?
    /// Standard deviation of daily returns (n − 1) times √365.
    public var annualizedVolatility: Double?
    /// Mean over standard deviation (n − 1) of daily returns, times √365; risk-free rate 0.
    public var sharpe: Double?
    /// Mean of daily returns over `√mean(min(r, 0)²)`, times √365.
    public var sortino: Double?
    /// Annualised return over maximum drawdown.
    public var calmar: Double?
    /// The deepest drawdown.
    public var drawdown: Drawdown
    /// Number of trades.
    public var trades: Int
    /// Share of trades with a profit above zero after costs.
    public var winRate: Double?
    /// Sum of profits over the sum of losses, after costs.
    public var profitFactor: Double?
    /// Mean profit of a trade after costs, quote units.
    public var expectancy: Double?
    /// Mean over trades of profit after costs / entry notional.
    public var expectancyOfNotional: Double?
    /// Share of candles at whose open-to-close a position was held at some time.
    public var exposure: Double
    /// Traded notional, entries and exits, over mean equity at candle closes.
    public var turnover: Double
    /// Mean holding time, minutes.
    public var meanHoldingMinutes: Double?
    /// All fees.
    public var fees: Money
    /// All funding paid; negative when received.
    public var funding: Money
    /// Profit before fees and funding.
    public var grossProfit: Money
  }

  /// Signals that did not become trades.
  public struct Skipped: Codable, Equatable, Sendable {
    /// Below the least confidence.
    public var lowConfidence = 0
    /// Passed over because a position was held.
    public var inPosition = 0
    /// The next candle was missing, so there was no price to enter at.
    public var gap = 0
    /// The size was below the least notional or a single step.
    public var belowMinimum = 0

    /// None, unless said otherwise.
    public init(lowConfidence: Int = 0, inPosition: Int = 0, gap: Int = 0, belowMinimum: Int = 0) {
      self.lowConfidence = lowConfidence
      self.inPosition = inPosition
      self.gap = gap
      self.belowMinimum = belowMinimum
    }
  }

  /// What the strategy is held against.
  public struct Baselines: Codable, Equatable, Sendable {
    /// A run of a single position: total return and the rest.
    public var buyAndHold: Metrics
    /// Return of never trading: 0.
    public var alwaysNeutral: Double
    /// Random entries; nil without trades or with `randomRuns` 0.
    public var randomEntry: RandomEntry?
  }

  /// As many trades as the strategy made, in the same direction mix and with the same exits, entered at random.
  public struct RandomEntry: Codable, Equatable, Sendable {
    /// Number of runs.
    public var runs: Int
    /// Total return of each run, in order of the run's stream.
    public var totalReturns: [Double]
    /// Mean of the total returns.
    public var mean: Double
    /// Standard deviation (n − 1) of the total returns; 0 for one run.
    public var standardDeviation: Double
    /// The 5 %, 50 % and 95 % quantiles of the total returns, linearly interpolated.
    public var quantiles: [Double]
    /// Mean number of trades of a run: fewer than the strategy's when a run reaches the end of the data.
    public var meanTrades: Double
    /// `(1 + runs at least as good as the strategy) / (1 + runs)`.
    public var pValue: Double
  }

  /// Everything a run gives.
  public struct Result: Codable, Equatable, Sendable {
    /// How it was run.
    public var configuration: Configuration
    /// The positions, in order of entry.
    public var trades: [Trade]
    /// Equity at the last close of every UTC day; days without candles carry the last value on.
    public var daily: [EquityPoint]
    /// Equity at every candle's close; nil unless asked for.
    public var bars: [EquityPoint]?
    /// The figures.
    public var metrics: Metrics
    /// Signals that did not become trades.
    public var skipped: Skipped
    /// What it is held against.
    public var baselines: Baselines
  }
}
