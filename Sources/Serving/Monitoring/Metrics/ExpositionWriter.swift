/// Writes metrics in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct ExpositionWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ family: MetricsRegistry.Family) {
    append("# HELP \(family.name) \(ExpositionWriter.escaped(family.help, quotes: false))\n")
    append("# TYPE \(family.name) \(family.type)\n")
    for series in family.series {
      switch series.metric {
      case .counter(let counter): sample(family.name, series.labels, "\(counter.value)")
      case .gauge(let gauge): sample(family.name, series.labels, ExpositionWriter.number(gauge.value))
      case .histogram(let histogram): write(histogram.snapshot(), family.name, series.labels)
      }
    }
  }

  private mutating func write(_ snapshot: Histogram.Snapshot, _ name: String, _ labels: [MetricLabel]) {
    var total: UInt64 = 0
    for (bucket, count) in snapshot.counts.enumerated() {
      total &+= count
      let bound = bucket < snapshot.bounds.count ? snapshot.bounds[bucket] : .infinity
      sample(name + "_bucket", labels + [MetricLabel("le", ExpositionWriter.number(bound))], "\(total)")
    }
    sample(name + "_sum", labels, ExpositionWriter.number(snapshot.sum))
    sample(name + "_count", labels, "\(total)")
  }

  private mutating func sample(_ name: String, _ labels: [MetricLabel], _ value: String) {
    append(name)
    if !labels.isEmpty {
      let pairs = labels.map { "\($0.name)=\"\(ExpositionWriter.escaped($0.value, quotes: true))\"" }
      append("{\(pairs.joined(separator: ","))}")
    }
    append(" \(value)\n")
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return "\(value)"
  }

  /// Backslashes and line feeds are escaped everywhere, quotes in label values.
  static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
