/// An elementwise computation: row i of the output depends on row i of the inputs alone.
class MapNode: Node {
  fileprivate final let output: UnsafeMutablePointer<Double>

  fileprivate init(_ output: Lane) {
    self.output = output.values
    super.init(clock: output.clock, skip: output.warmUp)
  }

  // Comparisons with the NaN of a warming-up input may choose a number, so the output itself warms up.
  final override func pass(_ count: Int) { fillUnknown(output, count) }
}

private final class Map1Node: MapNode {
  private let body: (Block1) -> Void
  private let x: UnsafeMutablePointer<Double>

  init(_ x: Lane, _ output: Lane, _ body: @escaping (Block1) -> Void) {
    self.body = body
    self.x = x.values
    super.init(output)
  }

  override func step(_ start: Int, _ end: Int) {
    body(Block1(count: end - start, x: x + start, out: output + start))
  }
}

private final class Map2Node: MapNode {
  private let body: (Block2) -> Void
  private let x, y: UnsafeMutablePointer<Double>

  init(_ x: Lane, _ y: Lane, _ output: Lane, _ body: @escaping (Block2) -> Void) {
    self.body = body
    (self.x, self.y) = (x.values, y.values)
    super.init(output)
  }

  override func step(_ start: Int, _ end: Int) {
    body(Block2(count: end - start, x: x + start, y: y + start, out: output + start))
  }
}

private final class Map3Node: MapNode {
  private let body: (Block3) -> Void
  private let x, y, z: UnsafeMutablePointer<Double>

  init(_ x: Lane, _ y: Lane, _ z: Lane, _ output: Lane, _ body: @escaping (Block3) -> Void) {
    self.body = body
    (self.x, self.y, self.z) = (x.values, y.values, z.values)
    super.init(output)
  }

  override func step(_ start: Int, _ end: Int) {
    body(Block3(count: end - start, x: x + start, y: y + start, z: z + start, out: output + start))
  }
}

private final class Map4Node: MapNode {
  private let body: (Block4) -> Void
  private let x, y, z, w: UnsafeMutablePointer<Double>

  init(_ x: Lane, _ y: Lane, _ z: Lane, _ w: Lane, _ output: Lane, _ body: @escaping (Block4) -> Void) {
    self.body = body
    (self.x, self.y, self.z, self.w) = (x.values, y.values, z.values, w.values)
    super.init(output)
  }

  override func step(_ start: Int, _ end: Int) {
    body(
      Block4(
        count: end - start, x: x + start, y: y + start, z: z + start, w: w + start, out: output + start))
  }
}

/// Elementwise nodes. The NaN of a missing source has to stay NaN: guards are written so that a comparison with it
/// takes the branch that computes (`x == 0 ? neutral : y / x`).
extension Graph {
  /// A lane for the elementwise combination of others.
  func combined(_ lanes: Lane...) -> Lane {
    lane(
      clock: lanes[0].clock, warmUp: lanes.map(\.warmUp).max() ?? 0, memory: lanes.map(\.memory).max() ?? 1,
      depth: 1 + (lanes.map(\.depth).max() ?? 0))
  }

  /// An elementwise lane of one input; the body runs once for each block and loops by ``each``.
  func map(_ key: String, _ a: Lane, _ body: @escaping (Block1) -> Void) -> Lane {
    shared("\(key)(\(a.id))") {
      let out = combined(a)
      add(Map1Node(a, out, body), out, kind: key)
      return out
    }
  }

  /// An elementwise lane of two inputs.
  func map(_ key: String, _ a: Lane, _ b: Lane, _ body: @escaping (Block2) -> Void) -> Lane {
    shared("\(key)(\(a.id),\(b.id))") {
      let out = combined(a, b)
      add(Map2Node(a, b, out, body), out, kind: key)
      return out
    }
  }

  /// An elementwise lane of three inputs.
  func map(_ key: String, _ a: Lane, _ b: Lane, _ c: Lane, _ body: @escaping (Block3) -> Void) -> Lane {
    shared("\(key)(\(a.id),\(b.id),\(c.id))") {
      let out = combined(a, b, c)
      add(Map3Node(a, b, c, out, body), out, kind: key)
      return out
    }
  }

  /// An elementwise lane of four inputs.
  func map(
    _ key: String, _ a: Lane, _ b: Lane, _ c: Lane, _ d: Lane, _ body: @escaping (Block4) -> Void
  ) -> Lane {
    shared("\(key)(\(a.id),\(b.id),\(c.id),\(d.id))") {
      let out = combined(a, b, c, d)
      add(Map4Node(a, b, c, d, out, body), out, kind: key)
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
