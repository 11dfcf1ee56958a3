/// An elementwise computation: row i of the output depends on row i of the inputs alone.
final class MapNode: Node {
  private let output: Lane
  private let body: (Int) -> Void
  private var seen = 0

  init(_ output: Lane, _ body: @escaping (Int) -> Void) {
    self.output = output
    self.body = body
    super.init(clock: output.clock)
  }

  override func reset() { seen = 0 }

  override func run(_ count: Int) {
    body(count)
    // Comparisons with the NaN of a warming-up input may have chosen a number.
    if seen < output.warmUp {
      let unknown = min(count, output.warmUp - seen)
      fillUnknown(output.values, unknown)
      seen += unknown
    }
  }
}

/// Elementwise nodes. The NaN of a missing source has to stay NaN: guards are written so that a comparison with it
/// takes the branch that computes (`x == 0 ? neutral : y / x`).
extension Graph {
  /// A lane for the elementwise combination of others.
  func combined(_ lanes: Lane...) -> Lane {
    lane(clock: lanes[0].clock, warmUp: lanes.map(\.warmUp).max() ?? 0, memory: lanes.map(\.memory).max() ?? 1)
  }

  /// f(a) for each row.
  @inline(__always)
  func map(_ key: String, _ a: Lane, _ f: @escaping (Double) -> Double) -> Lane {
    shared("\(key)(\(a.id))") {
      let out = combined(a)
      let (x, result) = (a.values, out.values)
      add(MapNode(out) { count in for i in 0..<count { result[i] = f(x[i]) } })
      return out
    }
  }

  /// f(a, b) for each row.
  @inline(__always)
  func map(_ key: String, _ a: Lane, _ b: Lane, _ f: @escaping (Double, Double) -> Double) -> Lane {
    shared("\(key)(\(a.id),\(b.id))") {
      let out = combined(a, b)
      let (x, y, result) = (a.values, b.values, out.values)
      add(MapNode(out) { count in for i in 0..<count { result[i] = f(x[i], y[i]) } })
      return out
    }
  }

  /// f(a, b, c) for each row.
  @inline(__always)
  func map(
    _ key: String, _ a: Lane, _ b: Lane, _ c: Lane, _ f: @escaping (Double, Double, Double) -> Double
  ) -> Lane {
    shared("\(key)(\(a.id),\(b.id),\(c.id))") {
      let out = combined(a, b, c)
      let (x, y, z, result) = (a.values, b.values, c.values, out.values)
      add(MapNode(out) { count in for i in 0..<count { result[i] = f(x[i], y[i], z[i]) } })
      return out
    }
  }

  /// f(a, b, c, d) for each row.
  @inline(__always)
  func map(
    _ key: String, _ a: Lane, _ b: Lane, _ c: Lane, _ d: Lane,
    _ f: @escaping (Double, Double, Double, Double) -> Double
  ) -> Lane {
    shared("\(key)(\(a.id),\(b.id),\(c.id),\(d.id))") {
      let out = combined(a, b, c, d)
      let (x, y, z, w, result) = (a.values, b.values, c.values, d.values, out.values)
      add(MapNode(out) { count in for i in 0..<count { result[i] = f(x[i], y[i], z[i], w[i]) } })
      return out
    }
  }

  /// a / b − 1.
  func distance(_ a: Lane, from b: Lane) -> Lane { map("distance", a, b) { $0 / $1 - 1 } }

  /// a − b.
  func difference(_ a: Lane, _ b: Lane) -> Lane { map("difference", a, b) { $0 - $1 } }

  /// a · b.
  func product(_ a: Lane, _ b: Lane) -> Lane { map("product", a, b) { $0 * $1 } }

  /// a / b, for a b that is never zero.
  func quotient(_ a: Lane, _ b: Lane) -> Lane { map("quotient", a, b) { $0 / $1 } }

  /// a / b, and 0 where b is 0; an unknown a stays unknown.
  func ratio(_ a: Lane, _ b: Lane) -> Lane { map("ratio", a, b) { $1 == 0 ? 0 * $0 : $0 / $1 } }

  /// a + b.
  func total(_ a: Lane, _ b: Lane) -> Lane { map("total", a, b) { $0 + $1 } }

  /// a · factor.
  func scaled(_ a: Lane, _ factor: Double) -> Lane { map("scaled\(factor)", a) { $0 * factor } }
}
