extension StatusDocument {
  /// A point of the equity curve, for drawing only.
  public struct EquityPoint: Codable, Equatable, Sendable {
    /// When.
    public var time: Int64
    /// Equity in quote currency.
    public var equity: Double

    /// Creates a point.
    public init(time: Int64, equity: Double) {
      self.time = time
      self.equity = equity
    }
  }

  /// Something that happened.
  public struct Event: Codable, Equatable, Sendable {
    /// When, by the session's clock.
    public var time: Int64
    /// `order`, `fill`, `rejection`, `alert`, `state` or `reload`.
    public var kind: String
    /// The symbol concerned.
    public var symbol: String?
    /// Reason code of a rejection, an alert or a change of state.
    public var code: String?
    /// One line for people.
    public var text: String

    /// Creates an event.
    public init(time: Int64, kind: String, symbol: String? = nil, code: String? = nil, text: String) {
      self.time = time
      self.kind = kind
      self.symbol = symbol
      self.code = code
      self.text = text
    }
  }

  /// Latency of a stage in microseconds, estimated from its histogram.
  public struct Stage: Codable, Equatable, Sendable {
    /// `features`, `regime`, `signal`, `risk`, `journal`, `total`, …
    public var name: String
    /// Observations.
    public var count: Int
    /// Median.
    public var p50: Double?
    /// 99th percentile.
    public var p99: Double?

    enum CodingKeys: String, CodingKey {
      case name, count
      case p50 = "p50_us"
      case p99 = "p99_us"
    }

    /// Creates a stage; the quantiles are absent until something was observed.
    public init(name: String, count: Int, p50: Double?, p99: Double?) {
      self.name = name
      self.count = count
      self.p50 = p50
      self.p99 = p99
    }

    /// Creates a stage from its histogram of seconds.
    public init(name: String, _ histogram: Histogram) {
      let snapshot = histogram.snapshot()
      self.init(
        name: name, count: Int(clamping: snapshot.count),
        p50: snapshot.quantile(0.5).map { $0 * 1e6 }, p99: snapshot.quantile(0.99).map { $0 * 1e6 })
    }
  }

  /// A stack that decides for real or beside the one that does.
  public struct Variant: Codable, Equatable, Sendable {
    /// `champion`, `challenger` or `shadow`.
    public var role: String
    /// Digest of the stack.
    public var digest: String
    /// Bars that it decided.
    public var barsDecided: Int
    /// Fraction of those on which its verdict equalled the champion's.
    public var agreement: Double?
    /// Trades that it closed.
    public var trades: Int
    /// Fraction of those with a positive net result.
    public var winRate: Double?
    /// Net return as a fraction of the initial equity.
    public var netReturn: Double
    /// Largest fall from a peak as a fraction.
    public var maximumDrawdown: Double

    enum CodingKeys: String, CodingKey {
      case role, digest, agreement, trades
      case barsDecided = "bars_decided"
      case winRate = "win_rate"
      case netReturn = "net_return"
      case maximumDrawdown = "maximum_drawdown"
    }

    /// Creates a variant.
    public init(
      role: String, digest: String, barsDecided: Int, agreement: Double?, trades: Int, winRate: Double?,
      netReturn: Double, maximumDrawdown: Double
    ) {
      self.role = role
      self.digest = digest
      self.barsDecided = barsDecided
      self.agreement = agreement
      self.trades = trades
      self.winRate = winRate
      self.netReturn = netReturn
      self.maximumDrawdown = maximumDrawdown
    }
  }
}
