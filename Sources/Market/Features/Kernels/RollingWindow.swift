/// The last values of a lane as contiguous memory, oldest first, appended in amortised constant time.
struct History {
  private let storage: Storage<Double>
  private let length: Int
  private let capacity: Int
  private var end = 0
  /// Number of values held, at most the length.
  private(set) var count = 0

  init(_ length: Int) {
    self.length = length
    capacity = length + max(length, 256)
    // Eight more than are used, so that a vector that starts in the window can be loaded whole.
    storage = Storage(capacity + 8, repeating: 0)
  }

  mutating func clear() {
    end = 0
    count = 0
  }

  @inline(__always)
  mutating func append(_ value: Double) {
    if end == capacity {
      storage.start.update(from: storage.start + (end - length + 1), count: length - 1)
      end = length - 1
    }
    storage.start[end] = value
    end += 1
    count = count < length ? count + 1 : length
  }

  /// The last `length` values; only once `count` has reached it.
  @inline(__always)
  var window: UnsafeMutablePointer<Double> { storage.start + (end - length) }
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
    var values = history
    let mask = mask
    for i in start..<end {
      values.append(input[i])
      guard values.count == length else {
        output[i] = .nan
        continue
      }
      let x = values.window
      let mean = SIMD8(repeating: windowMean(x, length, mask))
      var total = SIMD8<Double>.zero
      eachVector(x, length, mask) { value, weight in
        let deviation = (value - mean) * weight
        total += deviation.replacing(with: -deviation, where: deviation .< 0)
      }
      output[i] = total.sum() / Double(length)
    }
    history = values
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
    var values = history
    let (total, mask) = (Double(length), mask)
    for i in start..<end {
      values.append(input[i])
      guard values.count == length else {
        (skewness[i], kurtosis[i]) = (.nan, .nan)
        continue
      }
      let x = values.window
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
    history = values
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
    var values = history
    let (zeros, mask) = (SIMD8<Double>.zero, mask)
    for i in start..<end {
      values.append(input[i])
      guard values.count == length else {
        output[i] = .nan
        continue
      }
      let x = values.window
      let newest = SIMD8(repeating: x[length - 1])
      var below = SIMD8<Double>.zero
      eachVector(x, length - 1, mask) { other, weight in
        below += zeros.replacing(with: weight, where: other .< newest)
          .replacing(with: weight * 0.5, where: other .== newest)
      }
      output[i] = below.sum() / Double(length - 1)
    }
    history = values
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
