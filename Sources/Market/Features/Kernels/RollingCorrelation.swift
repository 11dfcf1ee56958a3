/// Pearson correlation of two series over the last `length` rows.
///
/// Segments as in ``SegmentRing``, merged by the bivariate form of the update of Chan, Golub & LeVeque (1979).
final class RollingCorrelationNode: Node {
  private struct Part {
    var meanX = 0.0
    var meanY = 0.0
    var squaresX = 0.0
    var squaresY = 0.0
    var co = 0.0
  }

  private let x: UnsafeMutablePointer<Double>
  private let y: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let floorX: Double
  private let floorY: Double
  private let raw: Storage<SIMD2<Double>>
  private let suffix: Storage<Part>
  private let reciprocal: Storage<Double>
  private var prefix = Part()
  private var position = 0

  init(_ x: Lane, _ y: Lane, _ output: Lane, length: Int, floorX: Double, floorY: Double) {
    self.x = x.values
    self.y = y.values
    self.output = output.values
    self.length = length
    self.floorX = floorX * floorX * Double(length)
    self.floorY = floorY * floorY * Double(length)
    raw = Storage(length, repeating: .zero)
    suffix = Storage(length + 1, repeating: Part())
    reciprocal = Storage(length + 1, repeating: 0)
    for n in 1...length { reciprocal.start[n] = 1 / Double(n) }
    super.init(clock: x.clock, skip: max(x.warmUp, y.warmUp))
    clear()
  }

  override func clear() {
    for j in 0..<length { suffix.start[j] = Part(meanX: .nan) }
    suffix.start[length] = Part()
    prefix = Part()
    position = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  @inline(__always)
  private func extended(_ part: Part, _ x: Double, _ y: Double, _ share: Double) -> Part {
    var next = part
    let (dx, dy) = (x - part.meanX, y - part.meanY)
    next.meanX += dx * share
    next.meanY += dy * share
    next.squaresX += dx * (x - next.meanX)
    next.squaresY += dy * (y - next.meanY)
    next.co += dx * (y - next.meanY)
    return next
  }

  override func step(_ start: Int, _ end: Int) {
    let (raw, suffix, reciprocal) = (raw.start, suffix.start, reciprocal.start)
    let total = Double(length)
    var head = prefix
    for i in start..<end {
      raw[position] = SIMD2(x[i], y[i])
      position += 1
      head = extended(head, x[i], y[i], reciprocal[position])
      let tail = suffix[position]
      let weight = Double(position) * (total - Double(position)) / total
      let (dx, dy) = (head.meanX - tail.meanX, head.meanY - tail.meanY)
      let squaresX = tail.squaresX + head.squaresX + dx * dx * weight
      let squaresY = tail.squaresY + head.squaresY + dy * dy * weight
      let co = tail.co + head.co + dx * dy * weight
      let meanX = tail.meanX + dx * (Double(position) / total)
      let meanY = tail.meanY + dy * (Double(position) / total)
      let isFlat =
        squaresX <= floorX + 1e-24 * total * meanX * meanX
        || squaresY <= floorY + 1e-24 * total * meanY * meanY
      let correlation = isFlat ? 0 : co / (squaresX.squareRoot() * squaresY.squareRoot())
      output[i] = correlation > 1 ? 1 : (correlation < -1 ? -1 : correlation)
      if position == length {
        var part = Part()
        for j in stride(from: length - 1, through: 0, by: -1) {
          part = extended(part, raw[j].x, raw[j].y, reciprocal[length - j])
          suffix[j] = part
        }
        head = Part()
        position = 0
      }
    }
    prefix = head
  }
}

extension Graph {
  /// Pearson correlation over the last `length` rows; 0 where either series is constant up to rounding, that is, its
  /// deviation is below a floor (absolute, for series that are differences of larger numbers).
  func correlation(_ x: Lane, _ y: Lane, _ length: Int, floorX: Double = 0, floorY: Double = 0) -> Lane {
    shared("correlation(\(x.id),\(y.id),\(length))") {
      let out = lane(
        after: x, y, warmUp: max(x.warmUp, y.warmUp) + length - 1,
        memory: max(x.memory, y.memory) + length - 1)
      add(RollingCorrelationNode(x, y, out, length: length, floorX: floorX, floorY: floorY), out)
      return out
    }
  }
}
