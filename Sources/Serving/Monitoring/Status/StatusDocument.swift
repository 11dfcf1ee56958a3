import Diagnostics
import Files

/// What a session says about itself at one moment: the document behind `/status`, the page and `tern-serve status`.
///
/// Times are milliseconds since the epoch, UTC. Money, prices and quantities are exact decimal texts; fractions are
/// plain numbers (0.02 is two percent). What is not known (yet) is absent.
public struct StatusDocument: Codable, Equatable, Sendable {
  /// The version of this layout; readers refuse others.
  public var format = 2
  /// The program and its run.
  public var program: Program
  /// The session's clock.
  public var time: Int64
  /// ACTIVE, REDUCING, HALTED or SHUTDOWN.
  public var state: String
  /// Reason codes of a state other than ACTIVE.
  public var stateReasons: [String] = []
  /// Whether bars are being decided: the stack is loaded, the journal recovered and open, the loop turns.
  public var isReady = false
  /// Why not, when not ready.
  public var readinessReason: String?
  /// Symbols whose features do not have their lookback yet; their candles are decided as NEUTRAL.
  public var warmingUp: [String] = []
  /// The stack that decides.
  public var stack: Stack
  /// Where candles come from.
  public var feed: Feed
  /// The journal, when one is written.
  public var journal: Journal?
  /// One entry a symbol, in configured order.
  public var symbols: [Symbol] = []
  /// The account.
  public var account: Account
  /// Use of the limits.
  public var risk: Risk
  /// The equity curve, thinned to a few hundred points, oldest first.
  public var equityPoints: [EquityPoint] = []
  /// The latest orders, fills, alerts and rejections, newest first; at most 20 are shown.
  public var events: [Event] = []
  /// Latency of each stage of a decision.
  public var stages: [Stage] = []
  /// The champion and what runs beside it with counterfactual results.
  public var variants: [Variant] = []

  enum CodingKeys: String, CodingKey {
    case format, program, time, state, stack, feed, journal, symbols, account, risk, events, stages, variants
    case stateReasons = "state_reasons"
    case isReady = "is_ready"
    case readinessReason = "readiness_reason"
    case warmingUp = "warming_up"
    case equityPoints = "equity_points"
  }

  /// Creates a document; the remaining fields are set one by one.
  public init(
    program: Program, time: Int64, state: String, stack: Stack, feed: Feed, account: Account, risk: Risk
  ) {
    self.program = program
    self.time = time
    self.state = state
    self.stack = stack
    self.feed = feed
    self.account = account
    self.risk = risk
  }

  /// The document as JSON bytes: keys sorted, no white space.
  /// - Throws: `TernError` of kind `internalFailure` when a number is not finite.
  public func encoded() throws(TernError) -> [UInt8] { try CanonicalJSON.encode(self) }

  /// Reads a document.
  /// - Throws: `TernError` of kind `data` when it is malformed or of another layout.
  public init(json bytes: [UInt8]) throws(TernError) {
    self = try CanonicalJSON.decode(StatusDocument.self, from: bytes)
    guard format == 2 else {
      throw TernError(.data, "status has another layout", key: "format", found: "\(format)", expected: "2")
    }
  }
}

extension StatusDocument {
  /// The program and its run.
  public struct Program: Codable, Equatable, Sendable {
    /// `tern-serve`.
    public var name: String
    /// Semantic version.
    public var version: String
    /// `replay`, `paper` or `live`.
    public var mode: String
    /// Process identifier.
    public var pid: Int
    /// Wall-clock start of the process.
    public var startedAt: Int64

    enum CodingKeys: String, CodingKey {
      case name, version, mode, pid
      case startedAt = "started_at"
    }

    /// Creates the description of a run.
    public init(name: String, version: String, mode: String, pid: Int, startedAt: Int64) {
      self.name = name
      self.version = version
      self.mode = mode
      self.pid = pid
      self.startedAt = startedAt
    }
  }

  /// The stack that decides.
  public struct Stack: Codable, Equatable, Sendable {
    /// Name in the registry.
    public var name: String
    /// The alias that was resolved, if any: `champion`.
    public var alias: String?
    /// Digest of the stack.
    public var digest: String
    /// Wall-clock time at which it took over.
    public var loadedAt: Int64
    /// Times that a moved alias replaced the stack.
    public var reloads = 0
    /// Times that a moved alias named a stack that was refused, so that the old one stayed.
    public var refusedReloads = 0

    enum CodingKeys: String, CodingKey {
      case name, alias, digest, reloads
      case loadedAt = "loaded_at"
      case refusedReloads = "refused_reloads"
    }

    /// Creates the description of a stack.
    public init(name: String, alias: String?, digest: String, loadedAt: Int64) {
      self.name = name
      self.alias = alias
      self.digest = digest
      self.loadedAt = loadedAt
    }
  }

  /// Where candles come from.
  public struct Feed: Codable, Equatable, Sendable {
    /// A file or the synthetic market's recipe, as configured.
    public var source: String
    /// Candle seconds per wall-clock second; absent: as fast as possible.
    public var speed: Double?
    /// Bars decided so far, all symbols together.
    public var barsDecided: Int
    /// Whether the last candle was read.
    public var isFinished: Bool

    enum CodingKeys: String, CodingKey {
      case source, speed
      case barsDecided = "bars_decided"
      case isFinished = "is_finished"
    }

    /// Creates the description of a feed.
    public init(source: String, speed: Double?, barsDecided: Int, isFinished: Bool) {
      self.source = source
      self.speed = speed
      self.barsDecided = barsDecided
      self.isFinished = isFinished
    }
  }

  /// The journal.
  public struct Journal: Codable, Equatable, Sendable {
    /// Where it is written.
    public var path: String
    /// Records in it.
    public var records: Int
    /// Hash of the last record, in hexadecimal.
    public var head: String

    /// Creates the description of a journal.
    public init(path: String, records: Int, head: String) {
      self.path = path
      self.records = records
      self.head = head
    }
  }
}
