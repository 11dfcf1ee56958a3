extension StatusDocument {
  /// The account in quote currency.
  public struct Account: Codable, Equatable, Sendable {
    /// Quote currency: `USDT`.
    public var currency: String
    /// Equity at the session's very first start.
    public var initialEquity: String
    /// Cash plus marked positions.
    public var equity: String
    /// Highest equity so far.
    public var peakEquity: String
    /// Realised result of the day (UTC), fees and funding included.
    public var realisedToday: String
    /// Unrealised result of all positions.
    public var unrealised: String
    /// Fees paid so far.
    public var fees: String
    /// Funding received (positive) or paid (negative) so far.
    public var funding: String

    enum CodingKeys: String, CodingKey {
      case currency, equity, unrealised, fees, funding
      case initialEquity = "initial_equity"
      case peakEquity = "peak_equity"
      case realisedToday = "realised_today"
    }

    /// Creates an account.
    public init(
      currency: String, initialEquity: String, equity: String, peakEquity: String, realisedToday: String,
      unrealised: String, fees: String, funding: String
    ) {
      self.currency = currency
      self.initialEquity = initialEquity
      self.equity = equity
      self.peakEquity = peakEquity
      self.realisedToday = realisedToday
      self.unrealised = unrealised
      self.fees = fees
      self.funding = funding
    }
  }

  /// Use of the limits of the day and of the system. Losses are positive fractions.
  public struct Risk: Codable, Equatable, Sendable {
    /// Loss of the day as a fraction of the day's first equity, 0 in profit.
    public var dayLoss: Double
    /// The day's loss that halts.
    public var dayLossLimit: Double
    /// Fall from the equity peak as a fraction.
    public var drawdown: Double
    /// The drawdown that shuts down.
    public var drawdownLimit: Double
    /// Trades opened today.
    public var tradesToday: Int
    /// Trades a day may have.
    public var tradesLimit: Int
    /// Losing trades in a row.
    public var consecutiveLosses: Int
    /// Losing trades in a row that halt.
    public var consecutiveLossesLimit: Int
    /// Realised over normal volatility, when known.
    public var volatilityRatio: Double?
    /// The ratio that closes all.
    public var volatilityRatioLimit: Double?
    /// Rolling Sharpe ratio, when known.
    public var rollingSharpe: Double?
    /// Whether the rolling Sharpe ratio asks for a review.
    public var isReviewDue = false

    enum CodingKeys: String, CodingKey {
      case drawdown
      case dayLoss = "day_loss"
      case dayLossLimit = "day_loss_limit"
      case drawdownLimit = "drawdown_limit"
      case tradesToday = "trades_today"
      case tradesLimit = "trades_limit"
      case consecutiveLosses = "consecutive_losses"
      case consecutiveLossesLimit = "consecutive_losses_limit"
      case volatilityRatio = "volatility_ratio"
      case volatilityRatioLimit = "volatility_ratio_limit"
      case rollingSharpe = "rolling_sharpe"
      case isReviewDue = "is_review_due"
    }

    /// Creates the use of the limits.
    public init(
      dayLoss: Double, dayLossLimit: Double, drawdown: Double, drawdownLimit: Double, tradesToday: Int,
      tradesLimit: Int, consecutiveLosses: Int, consecutiveLossesLimit: Int
    ) {
      self.dayLoss = dayLoss
      self.dayLossLimit = dayLossLimit
      self.drawdown = drawdown
      self.drawdownLimit = drawdownLimit
      self.tradesToday = tradesToday
      self.tradesLimit = tradesLimit
      self.consecutiveLosses = consecutiveLosses
      self.consecutiveLossesLimit = consecutiveLossesLimit
    }
  }
}
