import Decision
import Diagnostics
import Files
import Glibc
import Market
import Monitoring
import Orders
import Risk
import Sessions
import Synchronization

/// What the status endpoint shows of a session.
///
/// The session is looked at between two candles, and at most ten times a second however often it is asked, so that no
/// client slows decisions down.
public final class StatusBoard: StatusSource {
  /// The deciding thread counts as dead when it has not shown itself for so long, milliseconds.
  private static let patience: Int64 = 10_000
  /// How long an answer is given again before the session is looked at anew, nanoseconds.
  private static let freshness: Int64 = 100_000_000

  private let host: SessionHost
  private let registry = MetricsRegistry()
  private let gauges: SessionGauges
  private let cache = Mutex<(time: Int64, status: [UInt8])?>(nil)
  private let curve = Mutex(EquityCurve())

  /// A board over a session, whose stages it measures from now on.
  public init(_ host: SessionHost) {
    self.host = host
    gauges = SessionGauges(registry, header: host.plan.header)
    let stages = gauges.stages
    host.look { session in
      session.telemetry.observer = { stage, nanoseconds in
        stages[stage.rawValue].observe(nanoseconds: nanoseconds)
      }
    }
  }

  /// Takes a point of the equity curve; cheap enough for every candle.
  public func note(time: Int64, equity: Money) { curve.withLock { $0.append(time, equity.doubleValue) } }

  /// Whether the deciding thread lives.
  public func health() -> Health {
    let silence = host.silence
    guard host.isFinished || silence < StatusBoard.patience else {
      return .unhealthy("nothing was decided and nothing awaited for \(silence) ms")
    }
    return .healthy
  }

  /// Ready while the deciding thread lives: the stack was loaded and the journal recovered before there was a board.
  ///
  /// Features that warm up do not delay it: their candles are decided as NEUTRAL, `warming_up` names the markets, and
  /// whoever waits for the successor of a process to be warm waits in vain, since it cannot begin before the journal is
  /// free.
  public func readiness() -> Readiness {
    switch health() {
    case .healthy: return .ready
    case .unhealthy(let reason): return .waiting(reason)
    }
  }

  /// Symbols whose features do not have their lookback yet.
  private func warmingUp(_ session: Session) -> [String] {
    session.header.configuration.markets.enumerated().filter { market, _ in
      session.champion.decision(market: market).map { $0.reason == .warmingUp } ?? true
    }.map(\.element.symbol)
  }

  /// Prometheus' text.
  public func metrics() -> [UInt8] {
    host.look { session in gauges.update(session, reloads: host.reloadCounts) }
    return registry.exposition()
  }

  /// The status document.
  public func status() -> [UInt8] {
    let now = host.monotonicNow
    if let known = cache.withLock({ $0 }), now - known.time < StatusBoard.freshness { return known.status }
    let bytes = (try? document().encoded()) ?? Array("{}".utf8)
    cache.withLock { $0 = (now, bytes) }
    return bytes
  }

  /// The status as a value.
  public func document() -> StatusDocument {
    let points = curve.withLock { $0.points }
    let readiness = readiness()
    return host.look { session in
      var document = SessionStatus.document(session, host: host)
      document.equityPoints = points
      document.warmingUp = warmingUp(session)
      switch readiness {
      case .ready: document.isReady = true
      case .waiting(let reason): document.readinessReason = reason
      }
      return document
    }
  }
}

/// At most 512 points of equity, spaced evenly: when it is full every second one goes.
struct EquityCurve: Sendable {
  private static let capacity = 512
  private(set) var points: [StatusDocument.EquityPoint] = []
  private var stride = 1
  private var skipped = 0

  init() { points.reserveCapacity(EquityCurve.capacity) }

  mutating func append(_ time: Int64, _ equity: Double) {
    skipped += 1
    guard skipped >= stride else { return }
    skipped = 0
    if points.count == EquityCurve.capacity {
      for index in 0..<EquityCurve.capacity / 2 { points[index] = points[2 * index] }
      points.removeLast(EquityCurve.capacity / 2)
      stride *= 2
    }
    points.append(StatusDocument.EquityPoint(time: time, equity: equity))
  }
}
