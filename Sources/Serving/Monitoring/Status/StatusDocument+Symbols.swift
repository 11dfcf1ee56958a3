extension StatusDocument {
  /// A symbol: its last candle, what the layers made of it, and the position.
  public struct Symbol: Codable, Equatable, Sendable {
    /// `BTCUSDT`.
    public var symbol: String
    /// The last candle that was decided.
    public var candle: Candle?
    /// L1: regimes and their probabilities in the stack's class order.
    public var regimes: [Probability] = []
    /// L3: LONG, SHORT and NEUTRAL with their calibrated probabilities.
    public var signals: [Probability] = []
    /// What was made of them.
    public var verdict: Verdict?
    /// The open position.
    public var position: Position?

    /// Creates a symbol of which nothing is known yet.
    public init(symbol: String) { self.symbol = symbol }
  }

  /// A closed candle.
  public struct Candle: Codable, Equatable, Sendable {
    /// Its open time.
    public var openTime: Int64
    /// Its close time, at which it became known.
    public var closeTime: Int64
    /// Close price.
    public var close: String
    /// Wall-clock milliseconds since it arrived.
    public var age: Int64

    enum CodingKeys: String, CodingKey {
      case close
      case openTime = "open_time"
      case closeTime = "close_time"
      case age = "age_ms"
    }

    /// Creates a candle.
    public init(openTime: Int64, closeTime: Int64, close: String, age: Int64) {
      self.openTime = openTime
      self.closeTime = closeTime
      self.close = close
      self.age = age
    }
  }

  /// A class and its probability.
  public struct Probability: Codable, Equatable, Sendable {
    /// The class: `RANGING`, `LONG`.
    public var name: String
    /// Between 0 and 1.
    public var probability: Double

    /// Creates a probability.
    public init(_ name: String, _ probability: Double) {
      self.name = name
      self.probability = probability
    }
  }

  /// The decision on the last candle.
  public struct Verdict: Codable, Equatable, Sendable {
    /// LONG, SHORT or NEUTRAL.
    public var side: String
    /// Confidence of the signal, 0 to 1.
    public var confidence: Double
    /// Confidence below which nothing is executed, 0 to 1.
    public var minimumConfidence: Double
    /// Expected return after costs as a fraction of the notional, when the stack computes it.
    public var expectedValue: Double?
    /// Reason code when the signal was not executed.
    public var reason: String?

    enum CodingKeys: String, CodingKey {
      case side, confidence, reason
      case minimumConfidence = "minimum_confidence"
      case expectedValue = "expected_value"
    }

    /// Creates a verdict.
    public init(
      side: String, confidence: Double, minimumConfidence: Double, expectedValue: Double? = nil,
      reason: String? = nil
    ) {
      self.side = side
      self.confidence = confidence
      self.minimumConfidence = minimumConfidence
      self.expectedValue = expectedValue
      self.reason = reason
    }
  }

  /// An open position.
  public struct Position: Codable, Equatable, Sendable {
    /// LONG or SHORT.
    public var side: String
    /// In units of the base asset, without sign.
    public var quantity: String
    /// Average entry price.
    public var entryPrice: String
    /// Price of the last mark.
    public var markPrice: String
    /// The resting stop.
    public var stopPrice: String?
    /// The resting take profit.
    public var takeProfitPrice: String?
    /// Result if closed at the mark, in quote currency, before fees.
    public var unrealised: String
    /// Time of the first fill.
    public var openedAt: Int64

    enum CodingKeys: String, CodingKey {
      case side, quantity, unrealised
      case entryPrice = "entry_price"
      case markPrice = "mark_price"
      case stopPrice = "stop_price"
      case takeProfitPrice = "take_profit_price"
      case openedAt = "opened_at"
    }

    /// Creates a position.
    public init(
      side: String, quantity: String, entryPrice: String, markPrice: String, stopPrice: String? = nil,
      takeProfitPrice: String? = nil, unrealised: String, openedAt: Int64
    ) {
      self.side = side
      self.quantity = quantity
      self.entryPrice = entryPrice
      self.markPrice = markPrice
      self.stopPrice = stopPrice
      self.takeProfitPrice = takeProfitPrice
      self.unrealised = unrealised
      self.openedAt = openedAt
    }
  }
}
