import Diagnostics
import Files
import Glibc
import Market
import Sessions

/// What a finished run did: the document of `tern-serve replay --json` and `paper --json`.
public struct SessionSummary: Codable, Sendable {
  /// A lane's result.
  public struct Lane: Codable, Sendable {
    /// `champion`, `challenger` or `shadow`.
    public var name: String
    /// Digests of the stacks at the end, by market.
    public var stacks: [Digest]
    /// Decisions.
    public var decisions: Int
    /// Decisions that were to be executed.
    public var signals: Int
    /// Intents that risk approved, also with a smaller quantity.
    public var approved: Int
    /// Intents that risk refused.
    public var rejected: Int
    /// Executions.
    public var fills: Int
    /// Positions that ended.
    public var trades: Int
    /// Share of them with a profit after costs; nil without any.
    public var winRate: Double?
    /// Equity at the end, exact.
    public var equity: Money
    /// Balance at the end, exact.
    public var cash: Money
    /// All fees.
    public var fees: Money
    /// All funding paid; negative when received.
    public var funding: Money
    /// `equity / initial − 1`.
    public var totalReturn: Double
    /// The deepest fall from the highest equity at closes, a fraction.
    public var maximumDrawdown: Double
    /// Risk's state at the end.
    public var state: String

    enum CodingKeys: String, CodingKey {
      case name, stacks, decisions, signals, approved, rejected, fills, trades, equity, cash, fees, funding,
        state
      case winRate = "win_rate"
      case totalReturn = "total_return"
      case maximumDrawdown = "maximum_drawdown"
    }

    init(_ view: LaneView, header: SessionHeader) {
      name = view.name
      stacks = header.configuration.markets.indices.compactMap { view.stack(market: $0) }
      let counters = view.counters
      decisions = counters.decisions
      signals = counters.byReason[0]
      approved = counters.approved + counters.reduced
      rejected = counters.rejected
      fills = counters.fills
      trades = counters.trades
      winRate = trades > 0 ? Double(counters.wins) / Double(trades) : nil
      equity = view.account.equity
      cash = view.account.cash
      fees = view.account.fees
      funding = view.account.funding
      totalReturn = equity.doubleValue / header.configuration.initialEquity.doubleValue - 1
      maximumDrawdown = view.maximumDrawdown
      state = view.risk.state.name
    }
  }

  /// How long a stage takes, microseconds.
  public struct Latency: Codable, Sendable {
    /// Half of all bars take at most this long.
    public var p50: Double
    /// Ninety-nine of a hundred.
    public var p99: Double
    /// The longest.
    public var maximum: Double

    init(_ histogram: LatencyHistogram) {
      p50 = Double(histogram.quantile(0.5)) / 1000
      p99 = Double(histogram.quantile(0.99)) / 1000
      maximum = Double(histogram.maximum) / 1000
    }
  }

  /// `replay`, `paper` or `backtest`.
  public var mode: String
  /// Candles taken in by this process and before it, ignored ones included.
  public var candles: Int
  /// The champion's intents.
  public var intents: Int
  /// SHA-256 over them: equal decisions have equal digests.
  public var intentsDigest: Digest
  /// The champion, then whoever ran beside it.
  public var lanes: [Lane]
  /// Seconds that the loop ran in this process.
  public var seconds: Double
  /// Candles a second in this process.
  public var candlesPerSecond: Double
  /// Latencies by stage, microseconds.
  public var latency: [String: Latency]
  /// The journal; nil for a backtest.
  public var journal: String?
  /// Whether the session was taken up from its journal.
  public var isResumed: Bool
  /// Resident memory at the end, bytes.
  public var residentBytes: Int64

  enum CodingKeys: String, CodingKey {
    case mode, candles, intents, lanes, seconds, latency, journal
    case intentsDigest = "intents_digest"
    case candlesPerSecond = "candles_per_second"
    case isResumed = "resumed"
    case residentBytes = "resident_bytes"
  }

  /// Sums a session up.
  /// - Parameters:
  ///   - seconds: how long the loop ran.
  ///   - candlesHere: candles taken in meanwhile.
  public init(
    _ session: Session, mode: String, seconds: Double, candlesHere: Int, journal: String?, isResumed: Bool
  ) {
    self.mode = mode
    candles = session.candles
    intents = session.intentCount
    intentsDigest = session.intentsDigest
    lanes = session.views.map { Lane($0, header: session.header) }
    self.seconds = seconds
    candlesPerSecond = seconds > 0 ? Double(candlesHere) / seconds : 0
    var latency: [String: Latency] = [:]
    for stage in SessionStage.allCases { latency[stage.name] = Latency(session.telemetry.latency(stage)) }
    self.latency = latency
    self.journal = journal
    self.isResumed = isResumed
    residentBytes = ProcessMemory.resident
  }
}

/// What the system says of this process's memory.
enum ProcessMemory {
  /// Resident bytes; 0 where the system does not tell.
  static var resident: Int64 {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let words = text.split(separator: " ")
    guard words.count > 1, let pages = Int64(words[1]) else { return 0 }
    return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
