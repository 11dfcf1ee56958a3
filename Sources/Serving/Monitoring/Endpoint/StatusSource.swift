/// What the endpoint shows. Asked on the endpoint's own thread, never on the one that decides; implementations hand out
/// what was last published and return at once.
public protocol StatusSource: Sendable {
  /// Whether the loop still turns (`/healthz`).
  func health() -> Health
  /// Whether bars are being decided (`/readyz`).
  func readiness() -> Readiness
  /// Metrics in Prometheus' text format (`/metrics`), usually `MetricsRegistry.exposition()`.
  func metrics() -> [UInt8]
  /// The status document as JSON (`/status`), usually `StatusDocument.encoded()`.
  func status() -> [UInt8]
}

/// Whether the process does its work.
public enum Health: Equatable, Sendable {
  /// It does.
  case healthy
  /// It does not, and why.
  case unhealthy(String)
}

/// Whether a session may be relied upon.
public enum Readiness: Equatable, Sendable {
  /// It may.
  case ready
  /// Not (yet), and why.
  case waiting(String)
}
