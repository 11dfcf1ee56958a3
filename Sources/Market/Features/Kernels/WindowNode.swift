/// The last values of a lane as contiguous memory, oldest first, appended in amortised constant time.
struct History {
  private let storage: Storage<Double>
  private let length: Int
  private var end = 0

  init(_ length: Int) {
    self.length = length
    storage = Storage(length + max(length, 256), repeating: 0)
  }

  /// Number of values held, at most the length once `window` is asked.
  private(set) var count = 0

  mutating func clear() {
    end = 0
    count = 0
  }

  @inline(__always)
  mutating func append(_ value: Double) {
    if end == storage.count {
      (storage.start).update(from: storage.start + (end - length + 1), count: length - 1)
      end = length - 1
    }
    storage.start[end] = value
    end += 1
    count = count < length ? count + 1 : length
  }

  /// The last `length` values; only once `count` has reached it.
  var window: UnsafeMutablePointer<Double> { storage.start + (end - length) }
}

/// Σ x over a window, in eight lanes whose order does not depend on the surroundings.
@inline(__always)
func windowSum(_ x: UnsafeMutablePointer<Double>, _ count: Int, _ f: (SIMD8<Double>) -> SIMD8<Double>) -> Double {
  var total = SIMD8<Double>.zero
  var j = 0
  while j + 8 <= count {
    total += f(UnsafeRawPointer(x + j).loadUnaligned(as: SIMD8<Double>.self))
    j += 8
  }
  var rest = SIMD8<Double>.zero
  if j < count {
    var last = SIMD8<Double>.zero
    var mask = SIMD8<Double>.zero
    for k in j..<count {
      last[k - j] = x[k]
      mask[k - j] = 1
    }
    rest = f(last) * mask
  }
  return (total + rest).sum()
}

/// A statistic that is computed afresh from the last `length` values of every row.
enum WindowStatistic {
  /// Mean absolute deviation from the mean.
  case meanAbsoluteDeviation
  /// Third standardised moment, population form; 0 for a constant window.
  case skewness
  /// Fourth standardised moment less 3, population form; 0 for a constant window.
  case excessKurtosis
  /// Fraction of the other values that lie below the newest, equals counting half.
  case rank
}

/// Evaluates a ``WindowStatistic`` on every row.
final class WindowNode: RollingNode {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let length: Int
  private let statistic: WindowStatistic
  /// Standard deviations at or below this are rounding noise.
  private let floor: Double
  private var history: History

  init(_ input: Lane, _ output: Lane, length: Int, _ statistic: WindowStatistic, floor: Double) {
    self.input = input.values
    self.output = output.values
    self.length = length
    self.statistic = statistic
    self.floor = floor
    history = History(length)
    super.init(clock: input.clock, skip: input.warmUp)
  }

  override func clear() { history.clear() }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    var values = history
    for i in start..<end {
      values.append(input[i])
      output[i] = values.count < length ? .nan : evaluate(values.window)
    }
    history = values
  }

  @inline(__always)
  private func evaluate(_ x: UnsafeMutablePointer<Double>) -> Double {
    let total = Double(length)
    switch statistic {
    case .meanAbsoluteDeviation:
      let mean = windowSum(x, length) { $0 } / total
      return windowSum(x, length) {
        let deviation = $0 - mean
        return deviation.replacing(with: -deviation, where: deviation .< 0)
      } / total
    case .skewness:
      let mean = windowSum(x, length) { $0 } / total
      let variance = windowSum(x, length) { ($0 - mean) * ($0 - mean) } / total
      if variance <= floor * floor { return 0 }
      return windowSum(x, length) { ($0 - mean) * ($0 - mean) * ($0 - mean) } / total
        / (variance * variance.squareRoot())
    case .excessKurtosis:
      let mean = windowSum(x, length) { $0 } / total
      let variance = windowSum(x, length) { ($0 - mean) * ($0 - mean) } / total
      if variance <= floor * floor { return 0 }
      return windowSum(x, length) {
        let square = ($0 - mean) * ($0 - mean)
        return square * square
      } / total / (variance * variance) - 3
    case .rank:
      let newest = x[length - 1]
      let ones = SIMD8<Double>(repeating: 1)
      let halves = SIMD8<Double>(repeating: 0.5)
      let below = windowSum(x, length - 1) {
        SIMD8<Double>.zero.replacing(with: ones, where: $0 .< newest).replacing(with: halves, where: $0 .== newest)
      }
      return below / (total - 1)
    }
  }
}

extension Graph {
  /// A window statistic of `x`; standard deviations up to `floor` count as constant.
  func statistic(_ x: Lane, _ length: Int, _ statistic: WindowStatistic, floor: Double = 0) -> Lane {
    shared("\(statistic)(\(x.id),\(length))") {
      let out = lane(clock: x.clock, warmUp: x.warmUp + length - 1, memory: x.memory + length - 1)
      add(WindowNode(x, out, length: length, statistic, floor: floor))
      return out
    }
  }
}
