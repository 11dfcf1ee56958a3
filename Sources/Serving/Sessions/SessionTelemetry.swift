import Accounts
import Decision
import Glibc
import Market
import Risk

/// The parts of a bar's way whose duration is measured.
public enum SessionStage: Int, Sendable, CaseIterable {
  /// The candle at the venue: fills, fees, exits.
  case venue = 0
  /// Marks, limits, states.
  case risk = 1
  /// Features and layers.
  case decision = 2
  /// Position rules and approvals.
  case position = 3
  /// Writing the group.
  case journal = 4
  /// From the candle's arrival to the end of its group.
  case total = 5

  /// `venue`, `risk`, ….
  public var name: String { "\(self)" }
}

/// How long the stages of bars take. Only read by people; nothing decides by it.
public struct SessionTelemetry: Sendable {
  // One by one: equal values of one array would share their counts until each is first written.
  private var histograms = SessionStage.allCases.map { _ in LatencyHistogram() }
  /// Told of every measurement too, so that a server can show it: stage and nanoseconds.
  public var observer: (@Sendable (SessionStage, UInt64) -> Void)?

  /// Nothing measured.
  public init() {}

  /// The durations of a stage.
  public func latency(_ stage: SessionStage) -> LatencyHistogram { histograms[stage.rawValue] }

  /// Reads the monotonic clock, nanoseconds.
  @inline(__always)
  func startWatch() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Books the time since the watch was set to a stage, and sets it again.
  @inline(__always)
  mutating func lap(_ stage: SessionStage, _ watch: inout UInt64) {
    let now = startWatch()
    record(stage, now &- watch)
    watch = now
  }

  @inline(__always)
  mutating func record(_ stage: SessionStage, _ nanoseconds: UInt64) {
    histograms[stage.rawValue].record(nanoseconds)
    observer?(stage, nanoseconds)
  }
}

/// What a lane has done so far.
public struct LaneCounters: Equatable, Sendable {
  /// Decisions.
  public internal(set) var decisions = 0
  /// Decisions by reason.
  public internal(set) var byReason = InlineCounts()
  /// Intents that risk approved, made smaller, rejected.
  public internal(set) var approved = 0
  /// Intents that risk approved with a smaller quantity.
  public internal(set) var reduced = 0
  /// Intents that risk refused.
  public internal(set) var rejected = 0
  /// Refusals by the raw value of their reason.
  public internal(set) var byRiskReason = InlineCounts()
  /// Executed signals that the position rules opened nothing for, by the raw value of their reason.
  public internal(set) var byEntryRefusal = InlineCounts()
  /// Executions.
  public internal(set) var fills = 0
  /// Positions that ended.
  public internal(set) var trades = 0
  /// Positions that ended with a profit after costs.
  public internal(set) var wins = 0
  /// Changes of risk's state.
  public internal(set) var transitions = 0

  mutating func count(_ decision: Decision) {
    decisions += 1
    byReason[decision.reason.rawValue] += 1
  }

  mutating func count(_ refusal: EntryRefusal) { byEntryRefusal[refusal.rawValue] += 1 }

  mutating func count(_ verdict: RiskVerdict) {
    switch verdict {
    case .approved: approved += 1
    case .reduced(_, let reason):
      reduced += 1
      byRiskReason[reason.rawValue] += 1
    case .rejected(let reason):
      rejected += 1
      byRiskReason[reason.rawValue] += 1
    }
  }

  mutating func count(_ trade: ClosedTrade) {
    trades += 1
    if trade.profit > .zero { wins += 1 }
  }
}

/// Counts by a small code, in place.
public struct InlineCounts: Equatable, Sendable {
  private var storage = InlineArray<128, Int>(repeating: 0)

  /// No counts.
  public init() {}

  /// The count of a code below 128; larger ones count as 127.
  public subscript(code: UInt8) -> Int {
    get { storage[Int(min(code, 127))] }
    set { storage[Int(min(code, 127))] = newValue }
  }

  /// Equal counts of all codes.
  public static func == (a: InlineCounts, b: InlineCounts) -> Bool {
    for index in 0..<128 where a.storage[index] != b.storage[index] { return false }
    return true
  }
}
