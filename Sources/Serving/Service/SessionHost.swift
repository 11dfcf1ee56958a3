import Chronology
import Diagnostics
import Files
import Glibc
import Journal
import Market
import Sessions
import Stacks
import Synchronization

/// Runs a session: takes it up or begins it, feeds it, watches aliases, and ends it in order.
///
/// One thread decides. Whoever looks at the session meanwhile, the status endpoint, does so under its lock and between
/// two candles.
public final class SessionHost: @unchecked Sendable {
  /// How the candles are paced.
  public enum Mode: String, Sendable {
    /// As fast as possible; aliases are not watched, so that the same command gives the same journal.
    case replay
    /// By the clock, at a multiple of real time; aliases are watched.
    case paper
  }

  /// What the session was made from.
  public let plan: SessionPlan
  /// How it runs.
  public let mode: Mode
  /// Path of the journal.
  public let journal: String
  /// Whether it was taken up from its journal.
  public let isResumed: Bool
  /// What a crash had left in the journal; nil for a clean end.
  public let tornTail: String?
  /// When it began to run, milliseconds since the epoch, UTC.
  public let startedAt: Int64
  /// Told of how far the feed is: its time and the number of candles.
  var onProgress: ((Int64, Int) -> Void)?

  // The session is touched by the deciding thread, and by others only while they hold the lock.
  private let session: Session
  private let lock = Mutex<Void>(())
  private let feeds: FeedMerge
  private let clock: any Clock
  private var watchers: [(lane: Int, market: Int, watcher: AliasWatcher)] = []
  private let arrivals = Arrivals()
  private let finished = Atomic<Bool>(false)
  private let heartbeat = Atomic<Int64>(0)
  private let reloads = Atomic<Int>(0)
  private let refusals = Atomic<Int>(0)
  private let refusal = Mutex<String?>(nil)
  private var candlesBefore = 0

  /// Takes a session up where its journal ends, or begins it when there is none.
  /// - Throws: `TernError` of kind `data` when the journal is altered or belongs to another session, `temporary` when
  ///   another process writes it.
  public init(
    _ plan: SessionPlan, mode: Mode, journal: String, flushes: Bool, clock: any Clock = SystemClock()
  ) throws(TernError) {
    self.plan = plan
    self.mode = mode
    self.journal = journal
    self.clock = clock
    startedAt = clock.now
    var resumption: Session.Resumption?
    if AtomicFile.exists(journal) {
      resumption = try Session.resumed(journal: journal, stacks: plan.stacks, flushes: flushes)
    }
    tornTail = resumption?.tornTail?.description
    if let session = resumption?.session {
      try SessionHost.requireSame(session.header, plan.header, journal)
      self.session = session
      isResumed = true
      feeds = try plan.feeds(from: session.feedPositions)
    } else {
      feeds = try plan.feeds()
      let start = try feeds.startTime() ?? 0
      if let resumption {
        session = try resumption.begin(
          header: plan.header, stacks: plan.stacks, time: start, flushes: flushes)
      } else {
        session = try Session.recorded(
          header: plan.header, stacks: plan.stacks, time: start, journal: journal, flushes: flushes)
      }
      isResumed = false
    }
    candlesBefore = session.candles
    beat()
    guard mode == .paper else { return }
    for (lane, references) in plan.references.enumerated() {
      for (market, reference) in references.enumerated() {
        watchers.append(
          (
            lane, market,
            try AliasWatcher(reference: reference, registry: plan.configuration.registry)
          ))
      }
    }
    // An alias may have moved while nobody ran.
    for index in watchers.indices { load(index) }
  }

  private static func requireSame(
    _ found: SessionHeader, _ wanted: SessionHeader, _ journal: String
  ) throws(TernError) {
    var key: String?
    if found.configuration != wanted.configuration { key = "configuration" }
    if found.sources != wanted.sources { key = "sources" }
    if found.lanes.map(\.name) != wanted.lanes.map(\.name) { key = "lanes" }
    guard let key else { return }
    throw TernError(
      .configuration, "the journal belongs to another session", file: journal, key: key,
      expected: "the same markets, limits and sources, or another journal")
  }

  /// Runs until the candles end or a stop is asked for.
  /// - Returns: what it did.
  /// - Throws: `TernError` when a source is unsound or the journal cannot be written; everything committed stays.
  public func run() throws(TernError) -> SessionSummary {
    let begun = clock.monotonic
    var pacer = Pacer(speed: mode == .paper ? plan.configuration.speed : 0)
    while !StopSignal.isRaised {
      guard let next = try feeds.next() else { break }
      let time = next.event.knownTime(plan.header.configuration.markets[next.market].interval)
      if time >= plan.header.configuration.tradingFrom ?? .min {
        try pacer.wait(until: time) { [self] () throws(TernError) in
          beat()
          try takeArrivals()
        }
      }
      if StopSignal.isRaised { break }
      try takeArrivals()
      try locked { () throws(TernError) in try session.observe(next.event, market: next.market) }
      beat()
      if mode == .paper, case .candle = next.event { watch() }
      onProgress?(time, session.candles)
    }
    if StopSignal.isRaised { try locked { () throws(TernError) in try session.stop() } }
    finished.store(true, ordering: .relaxed)
    let seconds = Double(clock.monotonic - begun) / 1e9
    return SessionSummary(
      session, mode: mode.rawValue, seconds: seconds, candlesHere: session.candles - candlesBefore,
      journal: journal, isResumed: isResumed)
  }

  /// Has a board draw the equity curve.
  public func observe(with board: StatusBoard) {
    let start = plan.header.configuration.tradingFrom ?? .min
    onProgress = { [unowned self] time, _ in
      if time >= start { board.note(time: time, equity: session.equity) }
    }
  }

  /// Waits until a stop is asked for.
  public func linger() {
    while !StopSignal.isRaised {
      var pause = timespec(tv_sec: 0, tv_nsec: 100_000_000)
      nanosleep(&pause, nil)
    }
  }

  /// Looks at the session between two candles.
  func look<Result>(_ body: (Session) -> Result) -> Result { lock.withLock { _ in body(session) } }

  private func locked(_ body: () throws(TernError) -> Void) throws(TernError) {
    try lock.withLock { _ throws(TernError) in try body() }
  }

  /// Asks the aliases, at most once for a candle.
  private func watch() {
    for index in watchers.indices where watchers[index].watcher.poll() { load(index) }
  }

  /// Loads what an alias points to, apart from the deciding thread.
  private func load(_ index: Int) {
    let entry = watchers[index]
    let current = session.views[entry.lane].stack(market: entry.market)
    let arrivals = arrivals
    Task.detached {
      do throws(TernError) {
        guard let stack = try entry.watcher.load(unless: current) else { return }
        arrivals.add(Arrival(lane: entry.lane, market: entry.market, outcome: .success(stack)))
      } catch {
        arrivals.add(Arrival(lane: entry.lane, market: entry.market, outcome: .failure(error)))
      }
    }
  }

  /// Puts loaded stacks in place; one that is bad or does not fit leaves the old one where it is.
  private func takeArrivals() throws(TernError) {
    guard let arrived = arrivals.take() else { return }
    for arrival in arrived {
      do throws(TernError) {
        let stack = try arrival.outcome.get()
        let symbol = plan.header.configuration.markets[arrival.market].symbol
        guard plan.configuration.allowsOtherSymbols || stack.description.symbol == symbol else {
          throw TernError(
            .data, "the stack was judged on another symbol", key: stack.reference,
            found: stack.description.symbol, expected: symbol)
        }
        try locked { () throws(TernError) in
          try session.reload(stack, lane: arrival.lane, market: arrival.market)
        }
        reloads.wrappingAdd(1, ordering: .relaxed)
      } catch {
        // A journal that cannot be written ends the session; anything else is about the stack.
        if error.kind != .data && error.kind != .configuration { throw error }
        refusals.wrappingAdd(1, ordering: .relaxed)
        refusal.withLock { $0 = "\(error)" }
      }
    }
  }

  private func beat() { heartbeat.store(clock.now, ordering: .relaxed) }

  /// Milliseconds since the deciding thread last showed that it lives.
  var silence: Int64 { max(0, clock.now - heartbeat.load(ordering: .relaxed)) }
  /// Whether the candles have ended.
  var isFinished: Bool { finished.load(ordering: .relaxed) }
  /// Stacks put in place, and stacks refused.
  var reloadCounts: (done: Int, refused: Int) {
    (reloads.load(ordering: .relaxed), refusals.load(ordering: .relaxed))
  }
  /// Why the last stack was refused.
  var lastRefusal: String? { refusal.withLock { $0 } }
  /// What the clock shows, milliseconds since the epoch, UTC.
  var now: Int64 { clock.now }
  /// What the clock of durations shows, nanoseconds.
  var monotonicNow: Int64 { clock.monotonic }
}
