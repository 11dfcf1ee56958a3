import Synchronization

/// All metrics of a process. Metrics are registered at start and updated from any thread without locks; the registry is
/// only locked to register and to write the exposition.
public final class MetricsRegistry: Sendable {
  enum Metric: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)

    var type: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  struct Series: Sendable {
    var labels: [MetricLabel]
    var metric: Metric
  }

  /// The metrics of one name, told apart by their labels.
  struct Family: Sendable {
    var name: String
    var help: String
    var type: String
    var series: [Series]
  }

  private let families = Mutex<[Family]>([])

  /// An empty registry.
  public init() {}

  /// Registers a counter, or finds the one registered with the same name and labels.
  /// - Parameters:
  ///   - name: `[a-zA-Z_:][a-zA-Z0-9_:]*`, by convention with the suffix `_total`.
  ///   - help: One sentence.
  ///   - labels: Constant labels.
  public func counter(_ name: String, help: String, labels: [MetricLabel] = []) -> Counter {
    let metric = register(name, help, labels, type: "counter") { .counter(Counter()) }
    guard case .counter(let counter) = metric else { preconditionFailure("\(name) is not a counter") }
    return counter
  }

  /// Registers a gauge, or finds the one registered with the same name and labels.
  public func gauge(_ name: String, help: String, labels: [MetricLabel] = []) -> Gauge {
    let metric = register(name, help, labels, type: "gauge") { .gauge(Gauge()) }
    guard case .gauge(let gauge) = metric else { preconditionFailure("\(name) is not a gauge") }
    return gauge
  }

  /// Registers a histogram, or finds the one registered with the same name and labels.
  /// - Parameters:
  ///   - name: By convention with the unit as suffix: `_seconds`.
  ///   - bounds: Upper bounds of the buckets, rising and finite.
  public func histogram(
    _ name: String, help: String, labels: [MetricLabel] = [], bounds: [Double] = Histogram.latencyBounds
  ) -> Histogram {
    precondition(!labels.contains { $0.name == "le" }, "the label le belongs to the buckets of a histogram")
    let metric = register(name, help, labels, type: "histogram") { .histogram(Histogram(bounds: bounds)) }
    guard case .histogram(let histogram) = metric else { preconditionFailure("\(name) is not a histogram") }
    return histogram
  }

  /// Everything in Prometheus' text format, version 0.0.4, in the order of registration.
  public func exposition() -> [UInt8] {
    // Copied out of the lock: writing takes longer than registering should ever wait.
    let families = self.families.withLock { $0 }
    var writer = ExpositionWriter()
    for family in families { writer.write(family) }
    return writer.bytes
  }

  private func register(
    _ name: String, _ help: String, _ labels: [MetricLabel], type: String, make: @Sendable () -> Metric
  ) -> Metric {
    precondition(MetricLabel.isName(name, allowsColon: true), "\(name) is not a metric name")
    precondition(Set(labels.map(\.name)).count == labels.count, "a label of \(name) stands twice")
    return families.withLock { families in
      guard let position = families.firstIndex(where: { $0.name == name }) else {
        let metric = make()
        families.append(
          Family(name: name, help: help, type: type, series: [Series(labels: labels, metric: metric)]))
        return metric
      }
      precondition(families[position].type == type, "\(name) is a \(families[position].type), not a \(type)")
      if let found = families[position].series.first(where: { $0.labels == labels }) { return found.metric }
      let metric = make()
      families[position].series.append(Series(labels: labels, metric: metric))
      return metric
    }
  }
}

/// A constant label of a metric.
public struct MetricLabel: Equatable, Sendable {
  /// `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with two underscores.
  public let name: String
  /// Any text.
  public let value: String

  /// Creates a label.
  public init(_ name: String, _ value: String) {
    precondition(
      MetricLabel.isName(name, allowsColon: false) && !name.hasPrefix("__"), "\(name) is not a label name")
    self.name = name
    self.value = value
  }

  static func isName(_ text: String, allowsColon: Bool) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, !(48...57).contains(first) else { return false }
    return bytes.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "_")
        || (allowsColon && $0 == UInt8(ascii: ":"))
    }
  }
}
