/// Least-squares line through the last `length` values against their position: slope per bar and R².
///
/// Segments as in ``SegmentRing``. Two neighbouring parts of a and b values have position means that are
/// (a + b)/2 apart, so the co-moment merges as C = Ca + Cb + gap·a·b/2 without cancellation.
final class RollingRegressionNode: Node {
  /// Mean, co-moment with the position, and sum of squared deviations of a part.
  private struct Part {
    var mean = 0.0
    var co = 0.0
    var squares = 0.0
  }

  private let input: UnsafeMutablePointer<Double>
  private let mean: UnsafeMutablePointer<Double>
  private let slope: UnsafeMutablePointer<Double>
  private let fit: UnsafeMutablePointer<Double>
  private let length: Int
  private let raw: Storage<Double>
  private let suffix: Storage<Part>
  private var prefix = Part()
  private var position = 0

  init(_ input: Lane, mean: Lane, slope: Lane, fit: Lane, length: Int) {
    self.input = input.values
    self.mean = mean.values
    self.slope = slope.values
    self.fit = fit.values
    self.length = length
    raw = Storage(length, repeating: 0)
    suffix = Storage(length + 1, repeating: Part())
    super.init(clock: input.clock, skip: input.warmUp)
    clear()
  }

  override func clear() {
    for j in 0..<length { suffix.start[j] = Part(mean: .nan) }
    suffix.start[length] = Part()
    prefix = Part()
    position = 0
  }

  override func pass(_ count: Int) {
    fillUnknown(mean, count)
    fillUnknown(slope, count)
    fillUnknown(fit, count)
  }

  override func step(_ start: Int, _ end: Int) {
    let (raw, suffix) = (raw.start, suffix.start)
    let total = Double(length)
    let positionSquares = total * (total * total - 1) / 12
    for i in start..<end {
      let value = input[i]
      raw[position] = value
      let before = Double(position)
      let deviation = value - prefix.mean
      prefix.co += deviation * before * 0.5
      prefix.mean += deviation / (before + 1)
      prefix.squares += deviation * (value - prefix.mean)
      position += 1
      let tail = suffix[position]
      let (a, b) = (total - before - 1, before + 1)
      let gap = prefix.mean - tail.mean
      let co = tail.co + prefix.co + gap * a * b * 0.5
      let squares = tail.squares + prefix.squares + gap * gap * a * b / total
      let average = tail.mean + gap * b / total
      mean[i] = average
      slope[i] = co / positionSquares
      fit[i] = squares <= 1e-24 * total * average * average ? 0 : co * co / (positionSquares * squares)
      if position == length { closeSegment() }
    }
  }

  private func closeSegment() {
    var part = Part()
    for j in stride(from: length - 1, through: 0, by: -1) {
      let behind = Double(length - 1 - j)
      let value = raw.start[j]
      let deviation = value - part.mean
      part.co -= deviation * behind * 0.5
      part.mean += deviation / (behind + 1)
      part.squares += deviation * (value - part.mean)
      suffix.start[j] = part
    }
    prefix = Part()
    position = 0
  }
}

extension Graph {
  /// Mean, slope per bar and R² (0 for a window that is constant up to rounding) of the last `length` rows.
  func regression(_ x: Lane, _ length: Int) -> (mean: Lane, slope: Lane, fit: Lane) {
    let lanes = shared("regression(\(x.id),\(length))") { () -> [Lane] in
      let lanes = (0..<3).map { _ in
        lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      }
      add(RollingRegressionNode(x, mean: lanes[0], slope: lanes[1], fit: lanes[2], length: length), lanes[0])
      return lanes
    }
    return (lanes[0], lanes[1], lanes[2])
  }
}
