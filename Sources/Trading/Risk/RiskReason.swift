/// Why risk changed its state, refused an order or made it smaller. Codes are never reused.
public enum RiskReason: UInt8, Sendable, CaseIterable {
  /// The loss since the day began has reached the day's limit.
  case dailyLoss = 1
  /// Losing trades in a row have reached the day's limit.
  case consecutiveLosses = 2
  /// The fall from the equity peak has reached the limit, or equity is gone.
  case drawdown = 3
  /// Realised volatility has reached its multiple of normal.
  case volatility = 4
  /// The rolling Sharpe ratio has fallen below its limit; asks for a review, changes no state.
  case sharpeReview = 5
  /// A person commanded it.
  case operatorCommand = 6
  /// A new UTC day has begun.
  case dayRolled = 7
  /// A person has re-armed the system.
  case rearmed = 8
  /// Realised volatility is back near normal.
  case volatilityNormal = 9

  /// Openings are not allowed while volatility closes everything.
  case openingWhileReducing = 20
  /// Openings are not allowed while halted.
  case openingWhileHalted = 21
  /// Openings are not allowed after a shutdown.
  case openingWhileShutdown = 22
  /// The market's data is in trouble.
  case dataHold = 23
  /// There is no price to judge an opening by.
  case noPrice = 24
  /// Equity is gone, or the cost of opening would take it.
  case insufficientEquity = 25
  /// An opening order for this market is still under way.
  case openingPending = 26
  /// The most positions that a day allows have been opened.
  case dailyTrades = 27
  /// The most positions that the account may hold are held.
  case openPositions = 28

  /// The position's margin would exceed its share of equity.
  case marginLimit = 40
  /// All positions' margin would exceed its share of equity.
  case accountMargin = 41
  /// The market's leverage, or all notional over equity, exceeds the limit.
  case leverageLimit = 42
  /// An opening order brings no stop.
  case stopMissing = 43
  /// The stop lies further away than the limit.
  case stopTooFar = 44
  /// An opening order brings no take profit.
  case takeProfitMissing = 45
  /// The take profit lies further away than the limit.
  case takeProfitTooFar = 46
  /// The exchange would not accept so small an order.
  case belowMinimumNotional = 47

  /// The session has no such market.
  case unknownMarket = 60
  /// The order contradicts itself.
  case badOrder = 61
  /// Not a positive whole number of steps.
  case badQuantity = 62
  /// Not a positive whole number of ticks, or a price on a market order.
  case badPrice = 63
  /// Nothing is held.
  case nothingToReduce = 64
  /// The order would do the opposite of its purpose to what is held.
  case wrongSide = 65
  /// The order asks to close more than is held.
  case moreThanHeld = 66

  /// `DAILY_LOSS`, `MARGIN_LIMIT`, ….
  public var name: String {
    switch self {
    case .dailyLoss: return "DAILY_LOSS"
    case .consecutiveLosses: return "CONSECUTIVE_LOSSES"
    case .drawdown: return "DRAWDOWN"
    case .volatility: return "VOLATILITY"
    case .sharpeReview: return "SHARPE_REVIEW"
    case .operatorCommand: return "OPERATOR"
    case .dayRolled: return "DAY_ROLLED"
    case .rearmed: return "REARMED"
    case .volatilityNormal: return "VOLATILITY_NORMAL"
    case .openingWhileReducing: return "OPENING_WHILE_REDUCING"
    case .openingWhileHalted: return "OPENING_WHILE_HALTED"
    case .openingWhileShutdown: return "OPENING_WHILE_SHUTDOWN"
    case .dataHold: return "DATA_HOLD"
    case .noPrice: return "NO_PRICE"
    case .insufficientEquity: return "INSUFFICIENT_EQUITY"
    case .openingPending: return "OPENING_PENDING"
    case .dailyTrades: return "DAILY_TRADES"
    case .openPositions: return "OPEN_POSITIONS"
    case .marginLimit: return "MARGIN_LIMIT"
    case .accountMargin: return "ACCOUNT_MARGIN"
    case .leverageLimit: return "LEVERAGE_LIMIT"
    case .stopMissing: return "STOP_MISSING"
    case .stopTooFar: return "STOP_TOO_FAR"
    case .takeProfitMissing: return "TAKE_PROFIT_MISSING"
    case .takeProfitTooFar: return "TAKE_PROFIT_TOO_FAR"
    case .belowMinimumNotional: return "BELOW_MIN_NOTIONAL"
    case .unknownMarket: return "UNKNOWN_MARKET"
    case .badOrder: return "BAD_ORDER"
    case .badQuantity: return "BAD_QUANTITY"
    case .badPrice: return "BAD_PRICE"
    case .nothingToReduce: return "NOTHING_TO_REDUCE"
    case .wrongSide: return "WRONG_SIDE"
    case .moreThanHeld: return "MORE_THAN_HELD"
    }
  }
}
