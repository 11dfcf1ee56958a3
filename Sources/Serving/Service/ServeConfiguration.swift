import Decision
import Diagnostics
import Feeds
import Market
import Monitoring
import Orders
import Risk
import Sessions
import Simulation

/// What `tern-serve` is told: which stacks decide which markets, under which limits, and where everything lies.
///
/// Read from YAML; every key has a default but `stack` and the markets' data, which the command line can give too.
public struct ServeConfiguration: Codable, Equatable, Sendable {
  /// One market.
  public struct MarketSection: Codable, Equatable, Sendable {
    /// Recorded candles: one store (`.h5`) or candle files; default none.
    public var data: [String] = []
    /// Funding-rate files that belong to candle files; default none.
    public var funding: [String] = []
    /// A generated market instead of recorded candles; default none.
    public var synthetic: SyntheticMarket.Configuration?
    /// The exchange's rules and costs; default those of BTCUSDT for the data's symbol and interval.
    public var terms: MarketTerms?
    /// The stack that decides this market; default the session's.
    public var stack: String?

    /// A market whose data the command line names.
    public init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case data, funding, synthetic, terms, stack
    }

    /// Reads a market; an unknown key is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      data = try values.decodeIfPresent([String].self, forKey: .data) ?? data
      funding = try values.decodeIfPresent([String].self, forKey: .funding) ?? funding
      synthetic = try values.decodeIfPresent(SyntheticMarket.Configuration.self, forKey: .synthetic)
      terms = try values.decodeIfPresent(MarketTerms.self, forKey: .terms)
      stack = try values.decodeIfPresent(String.self, forKey: .stack)
    }
  }

  /// Where and how the journal is written.
  public struct JournalSection: Codable, Equatable, Sendable {
    /// The journal's path; default none.
    public var path: String?
    /// Whether every group waits for the disk before it takes effect; default true for paper trading, false for a
    /// replay, which can be repeated.
    public var flush: Bool?

    /// The defaults.
    public init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable { case path, flush }

    /// Reads the section; an unknown key is rejected.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      path = try values.decodeIfPresent(String.self, forKey: .path)
      flush = try values.decodeIfPresent(Bool.self, forKey: .flush)
    }
  }

  /// The registry's folder; default `registry`.
  public var registry = "registry"
  /// The stack that decides, such as `phase1@champion`.
  public var stack: String?
  /// A stack that runs beside it with an account of its own; default none.
  public var challenger: String?
  /// A second one; default none.
  public var shadow: String?
  /// Whether a stack may decide a symbol that it was not judged on; default false.
  public var allowsOtherSymbols = false
  /// The markets.
  public var markets: [MarketSection] = []
  /// Balance at the start, quote units; default 10000.
  public var initialEquity = Money(units: 1_000_000_000_000)
  /// When a signal is executed.
  public var verdict = VerdictRule.Configuration()
  /// Sizes and exits beyond the stack's own.
  public var position = PositionRules.Configuration()
  /// The limits of the three tiers.
  public var risk = RiskLimits()
  /// How orders meet the market.
  public var venue = SimulatedVenue.Configuration()
  /// The rules for candles that are not as they should be.
  public var candles = CandleGuard.Configuration()
  /// The journal.
  public var journal = JournalSection()
  /// The status endpoint; default none.
  public var endpoint: StatusEndpoint.Configuration?
  /// Paper trading: market time over real time; 0 is as fast as possible. Default 60.
  public var speed = 60.0

  /// The defaults.
  public init() {}

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case registry, stack, challenger, shadow, markets, verdict, position, risk, venue, candles, journal,
      endpoint,
      speed
    case allowsOtherSymbols = "allow_other_symbols"
    case initialEquity = "initial_equity"
  }

  /// Reads a configuration; a missing key takes its default, an unknown one is rejected.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? standard
    }
    registry = try value(.registry, registry)
    stack = try values.decodeIfPresent(String.self, forKey: .stack)
    challenger = try values.decodeIfPresent(String.self, forKey: .challenger)
    shadow = try values.decodeIfPresent(String.self, forKey: .shadow)
    allowsOtherSymbols = try value(.allowsOtherSymbols, allowsOtherSymbols)
    markets = try value(.markets, markets)
    initialEquity = try values.decodeFixedPoint(Money.self, forKey: .initialEquity) ?? initialEquity
    verdict = try value(.verdict, verdict)
    position = try value(.position, position)
    risk = try value(.risk, risk)
    venue = try value(.venue, venue)
    candles = try value(.candles, candles)
    journal = try value(.journal, journal)
    endpoint = try values.decodeIfPresent(StatusEndpoint.Configuration.self, forKey: .endpoint)
    speed = try value(.speed, speed)
  }

  /// Checks what can be checked without opening anything.
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public func validate() throws(TernError) {
    guard speed >= 0, speed.isFinite else {
      throw TernError(
        .configuration, "is out of range", key: "speed", found: "\(speed)", expected: "0 or more")
    }
    for (index, market) in markets.enumerated() {
      guard market.data.isEmpty != (market.synthetic == nil) else {
        throw TernError(
          .configuration, "needs one source of candles", key: "markets.\(index)",
          found: market.data.isEmpty ? "none" : "data and synthetic", expected: "data or synthetic")
      }
    }
    try endpoint?.validate()
  }

  /// The stacks beside the champion, by lane.
  var variants: [(name: String, reference: String)] {
    [("challenger", challenger), ("shadow", shadow)].compactMap { name, reference in
      reference.map { (name, $0) }
    }
  }
}
