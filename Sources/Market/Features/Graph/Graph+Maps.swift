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
    lane(
      clock: lanes[0].clock, warmUp: lanes.map(\.warmUp).max() ?? 0, memory: lanes.map(\.memory).max() ?? 1)
  }

  /// An elementwise lane of one input; the body runs once for each block and loops by ``each``.
  func map(_ key: String, _ a: Lane, _ body: @escaping (Block1) -> Void) -> Lane {
    shared("\(key)(\(a.id))") {
      let out = combined(a)
      add(MapNode(out) { body(Block1(count: $0, x: a.values, out: out.values)) })
      return out
    }
  }

  /// An elementwise lane of two inputs.
  func map(_ key: String, _ a: Lane, _ b: Lane, _ body: @escaping (Block2) -> Void) -> Lane {
    shared("\(key)(\(a.id),\(b.id))") {
      let out = combined(a, b)
      add(MapNode(out) { body(Block2(count: $0, x: a.values, y: b.values, out: out.values)) })
      return out
    }
  }

  /// An elementwise lane of three inputs.
  func map(_ key: String, _ a: Lane, _ b: Lane, _ c: Lane, _ body: @escaping (Block3) -> Void) -> Lane {
    shared("\(key)(\(a.id),\(b.id),\(c.id))") {
      let out = combined(a, b, c)
      add(MapNode(out) { body(Block3(count: $0, x: a.values, y: b.values, z: c.values, out: out.values)) })
      return out
    }
  }

  /// An elementwise lane of four inputs.
  func map(
    _ key: String, _ a: Lane, _ b: Lane, _ c: Lane, _ d: Lane, _ body: @escaping (Block4) -> Void
  ) -> Lane {
    shared("\(key)(\(a.id),\(b.id),\(c.id),\(d.id))") {
      let out = combined(a, b, c, d)
      add(
        MapNode(out) {
          body(Block4(count: $0, x: a.values, y: b.values, z: c.values, w: d.values, out: out.values))
        })
      return out
    }
  }

  /// a / b − 1, as (a − b) / b, which does not cancel.
  func distance(_ a: Lane, from b: Lane) -> Lane { map("distance", a, b) { each($0) { ($0 - $1) / $1 } } }

  /// a − b.
  func difference(_ a: Lane, _ b: Lane) -> Lane { map("difference", a, b) { each($0) { $0 - $1 } } }

  /// a · b.
  func product(_ a: Lane, _ b: Lane) -> Lane { map("product", a, b) { each($0) { $0 * $1 } } }

  /// a / b, for a b that is never zero.
  func quotient(_ a: Lane, _ b: Lane) -> Lane { map("quotient", a, b) { each($0) { $0 / $1 } } }

  /// a / b, and 0 where b is 0; an unknown a stays unknown.
  func ratio(_ a: Lane, _ b: Lane) -> Lane { map("ratio", a, b) { each($0) { $1 == 0 ? 0 * $0 : $0 / $1 } } }

  /// a + b.
  func total(_ a: Lane, _ b: Lane) -> Lane { map("total", a, b) { each($0) { $0 + $1 } } }

  /// a · factor.
  func scaled(_ a: Lane, _ factor: Double) -> Lane { map("scaled\(factor)", a) { each($0) { $0 * factor } } }
}
