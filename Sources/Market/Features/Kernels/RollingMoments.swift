/// Mean and population variance of the last `length` values.
///
/// Segments as in ``SegmentRing``; the parts are merged by the pairwise update of Chan, Golub & LeVeque (1979), so
/// the variance cannot turn negative, is exactly zero for a constant window, and does not cancel.
final class RollingMomentsNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let mean: UnsafeMutablePointer<Double>
  private let variance: UnsafeMutablePointer<Double>
  private let length: Int
  private let raw: Storage<Double>
  private let suffixMean: Storage<Double>
  private let suffixSquares: Storage<Double>
  private let reciprocal: Storage<Double>
  private var prefixMean = 0.0
  private var prefixSquares = 0.0
  private var position = 0

  init(_ input: Lane, mean: Lane, variance: Lane, length: Int) {
    self.input = input.values
    self.mean = mean.values
    self.variance = variance.values
    self.length = length
    raw = Storage(length, repeating: 0)
    suffixMean = Storage(length + 1, repeating: .nan)
    suffixSquares = Storage(length + 1, repeating: 0)
    reciprocal = Storage(length + 1, repeating: 0)
    for n in 1...length { reciprocal.start[n] = 1 / Double(n) }
    super.init(clock: input.clock, skip: input.warmUp)
    clear()
  }

  override func clear() {
    for j in 0..<length { suffixMean.start[j] = .nan }
    suffixMean.start[length] = 0
    suffixSquares.start[length] = 0
    prefixMean = 0
    prefixSquares = 0
    position = 0
  }

  override func pass(_ count: Int) {
    fillUnknown(mean, count)
    fillUnknown(variance, count)
  }

  override func step(_ start: Int, _ end: Int) {
    let (x, mean, variance, raw) = (input, mean, variance, raw.start)
    let (suffixMean, suffixSquares, reciprocal) = (suffixMean.start, suffixSquares.start, reciprocal.start)
    let total = Double(length)
    let scale = reciprocal[length]
    var i = start
    while i < end {
      let take = min(end - i, length - position)
      var (average, squares) = (prefixMean, prefixSquares)
      for k in 0..<take {
        let value = x[i + k]
        raw[position + k] = value
        let deviation = value - average
        average += deviation * reciprocal[position + k + 1]
        squares += deviation * (value - average)
        mean[i + k] = average
        variance[i + k] = squares
      }
      for k in 0..<take {
        let head = Double(position + k + 1)
        let tail = total - head
        let tailMean = suffixMean[position + k + 1]
        let gap = mean[i + k] - tailMean
        mean[i + k] = tailMean + gap * (head / total)
        variance[i + k] =
          (suffixSquares[position + k + 1] + variance[i + k] + gap * gap * (head * tail / total)) * scale
      }
      prefixMean = average
      prefixSquares = squares
      position += take
      i += take
      if position == length { closeSegment() }
    }
  }

  private func closeSegment() {
    let (raw, suffixMean, suffixSquares, reciprocal) = (
      raw.start, suffixMean.start, suffixSquares.start, reciprocal.start
    )
    var (average, squares) = (0.0, 0.0)
    for j in stride(from: length - 1, through: 0, by: -1) {
      let deviation = raw[j] - average
      average += deviation * reciprocal[length - j]
      squares += deviation * (raw[j] - average)
      suffixMean[j] = average
      suffixSquares[j] = squares
    }
    prefixMean = 0
    prefixSquares = 0
    position = 0
  }
}

extension Graph {
  /// Mean and population variance of the last `length` rows.
  func moments(_ x: Lane, _ length: Int) -> (mean: Lane, variance: Lane) {
    let lanes = shared("moments(\(x.id),\(length))") { () -> [Lane] in
      let warmUp = x.warmUp + length - 1
      let mean = lane(after: x, warmUp: warmUp, memory: x.memory + length - 1)
      let variance = lane(after: x, warmUp: warmUp, memory: x.memory + length - 1)
      add(RollingMomentsNode(x, mean: mean, variance: variance, length: length), variance)
      return [mean, variance]
    }
    return (lanes[0], lanes[1])
  }

  /// Population standard deviation of the last `length` rows.
  func deviation(_ x: Lane, _ length: Int) -> Lane {
    map("sqrt", moments(x, length).variance) { each($0) { $0.squareRoot() } }
  }

  /// (x − mean) / standard deviation over the last `length` rows; 0 where the window is constant up to rounding.
  func zScore(_ x: Lane, _ length: Int) -> Lane {
    let (mean, variance) = moments(x, length)
    return map("zScore", x, mean, variance) {
      each($0) { x, mean, variance in
        variance <= 1e-24 * mean * mean ? 0 : (x - mean) / variance.squareRoot()
      }
    }
  }
}
