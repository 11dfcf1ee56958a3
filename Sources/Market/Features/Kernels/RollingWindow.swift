/// The last values of a lane as contiguous memory, oldest first, appended in amortised constant time.
///
/// A run of values is appended before its windows are read, because a processor waits when it loads a vector that it
/// is still storing piece by piece.
struct History {
  /// Largest number of values that can be appended at once.
  static let longestRun = 256

  private let length: Int
  private let capacity: Int
  private var end = 0
  /// Number of values held, at most the length.
  private var count = 0
  private let storage: Storage<Double>

  init(_ length: Int) {
    self.length = length
    capacity = length + max(length, History.longestRun)
    // Eight more than are used, so that a vector that starts in the window can be loaded whole.
    storage = Storage(capacity + 8, repeating: 0)
  }

  mutating func clear() {
    end = 0
    count = 0
  }

  /// Appends `run` values.
  /// - Returns: how many of the windows that end at each of them are incomplete, and where the first complete one is.
  @inline(__always)
  mutating func append(
    _ values: UnsafeMutablePointer<Double>, _ run: Int
  ) -> (incomplete: Int, window: UnsafeMutablePointer<Double>) {
    let start = storage.start
    if end + run > capacity {
      let kept = min(count, length - 1)
      start.update(from: start + (end - kept), count: kept)
      end = kept
    }
    (start + end).update(from: values, count: run)
    let incomplete = min(run, max(0, length - 1 - count))
    let window = start + max(0, end + 1 + incomplete - length)
    end += run
    count = min(count + run, length)
    return (incomplete, window)
  }
}

/// Appends rows `start..<end` of a lane to a history and visits the window that ends at each of them, or the row alone
/// where the window is not full yet.
@inline(__always)
func eachWindow(
  _ history: inout History, _ input: UnsafeMutablePointer<Double>, _ start: Int, _ end: Int,
  unknown: (Int) -> Void, _ body: (UnsafeMutablePointer<Double>, Int) -> Void
) {
  var first = start
  while first < end {
    let run = min(end - first, History.longestRun)
    let (incomplete, window) = history.append(input + first, run)
    for k in 0..<incomplete { unknown(first + k) }
    for k in incomplete..<run { body(window + (k - incomplete), first + k) }
    first += run
  }
}

/// Ones for the values of the last, incomplete vector of a window of `count`, zeros behind them.
func tailMask(_ count: Int) -> SIMD8<Double> {
  var mask = SIMD8<Double>.zero
  for j in 0..<count % 8 { mask[j] = 1 }
  return mask
}

/// Visits a window eight values at a time, in an order that does not depend on the surroundings; the second argument
/// weighs the values, which are meaningless where it is zero.
@inline(__always)
func eachVector(
  _ x: UnsafeMutablePointer<Double>, _ count: Int, _ mask: SIMD8<Double>,
  _ body: (SIMD8<Double>, SIMD8<Double>) -> Void
) {
  var j = 0
  while j + 8 <= count {
    body(UnsafeRawPointer(x + j).loadUnaligned(as: SIMD8<Double>.self), SIMD8(repeating: 1))
    j += 8
  }
  if j < count { body(UnsafeRawPointer(x + j).loadUnaligned(as: SIMD8<Double>.self), mask) }
}

/// Mean of a window.
@inline(__always)
func windowMean(_ x: UnsafeMutablePointer<Double>, _ count: Int, _ mask: SIMD8<Double>) -> Double {
  var total = SIMD8<Double>.zero
  eachVector(x, count, mask) { total += $0 * $1 }
  return total.sum() / Double(count)
}

/// Mean absolute deviation from the mean of the last `length` values, computed afresh for every row.
final class MeanAbsoluteDeviationNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let mask: SIMD8<Double>
  private var history: History

  init(_ input: Lane, _ output: Lane, length: Int) {
    self.input = input.values
    self.output = output.values
    self.length = length
    mask = tailMask(length)
    history = History(length)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() { history.clear() }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (mask, length, output) = (mask, length, output)
    eachWindow(&history, input, start, end, unknown: { output[$0] = .nan }) { x, i in
      let mean = SIMD8(repeating: windowMean(x, length, mask))
      var total = SIMD8<Double>.zero
      eachVector(x, length, mask) { value, weight in
        let deviation = (value - mean) * weight
        total += deviation.replacing(with: -deviation, where: deviation .< 0)
      }
      output[i] = total.sum() / Double(length)
    }
  }
}

/// Skewness and excess kurtosis of the last `length` values in population form, computed afresh for every row by two
/// passes; both 0 when the standard deviation does not exceed a floor.
final class ShapeNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let skewness: UnsafeMutablePointer<Double>
  private let kurtosis: UnsafeMutablePointer<Double>
  private let length: Int
  private let floor: Double
  private let mask: SIMD8<Double>
  private var history: History

  init(_ input: Lane, skewness: Lane, kurtosis: Lane, length: Int, floor: Double) {
    self.input = input.values
    self.skewness = skewness.values
    self.kurtosis = kurtosis.values
    self.length = length
    self.floor = floor
    mask = tailMask(length)
    history = History(length)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() { history.clear() }

  override func pass(_ count: Int) {
    fillUnknown(skewness, count)
    fillUnknown(kurtosis, count)
  }

  override func step(_ start: Int, _ end: Int) {
    let (total, mask, length, floor) = (Double(length), mask, length, floor)
    let (skewness, kurtosis) = (skewness, kurtosis)
    eachWindow(
      &history, input, start, end, unknown: { (skewness[$0], kurtosis[$0]) = (.nan, .nan) }
    ) { x, i in
      let mean = SIMD8(repeating: windowMean(x, length, mask))
      var (second, third, fourth) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
      eachVector(x, length, mask) { value, weight in
        let deviation = (value - mean) * weight
        let square = deviation * deviation
        second += square
        third += square * deviation
        fourth += square * square
      }
      let variance = second.sum() / total
      let isFlat = variance <= floor * floor
      skewness[i] = isFlat ? 0 : third.sum() / total / (variance * variance.squareRoot())
      kurtosis[i] = isFlat ? 0 : fourth.sum() / total / (variance * variance) - 3
    }
  }
}

/// The share of the `length` − 1 values before that lie below the newest, equals counting half.
final class RankNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let mask: SIMD8<Double>
  private var history: History

  init(_ input: Lane, _ output: Lane, length: Int) {
    self.input = input.values
    self.output = output.values
    self.length = length
    mask = tailMask(length - 1)
    history = History(length)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() { history.clear() }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (zeros, mask, length, output) = (SIMD8<Double>.zero, mask, length, output)
    eachWindow(&history, input, start, end, unknown: { output[$0] = .nan }) { x, i in
      let newest = SIMD8(repeating: x[length - 1])
      var below = SIMD8<Double>.zero
      eachVector(x, length - 1, mask) { other, weight in
        below += zeros.replacing(with: weight, where: other .< newest)
          .replacing(with: weight * 0.5, where: other .== newest)
      }
      output[i] = below.sum() / Double(length - 1)
    }
  }
}

extension Graph {
  /// Mean absolute deviation of the last `length` rows from their mean.
  func meanAbsoluteDeviation(_ x: Lane, _ length: Int) -> Lane {
    shared("mad(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(MeanAbsoluteDeviationNode(x, out, length: length), out)
      return out
    }
  }

  /// Skewness and excess kurtosis of the last `length` rows; standard deviations up to `floor` count as none.
  func shape(_ x: Lane, _ length: Int, floor: Double) -> (skewness: Lane, kurtosis: Lane) {
    let lanes = shared("shape(\(x.id),\(length))") { () -> [Lane] in
      let lanes = (0..<2).map { _ in
        lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      }
      add(ShapeNode(x, skewness: lanes[0], kurtosis: lanes[1], length: length, floor: floor), lanes[0])
      return lanes
    }
    return (lanes[0], lanes[1])
  }

  /// Rank of the newest of the last `length` rows among the others, 0 … 1.
  func rank(_ x: Lane, _ length: Int) -> Lane {
    shared("rank(\(x.id),\(length))") {
      let out = lane(after: x, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(RankNode(x, out, length: length), out)
      return out
    }
  }
}
