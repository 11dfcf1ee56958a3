/// v ← v·keep + x·weight, started with the plain mean (or sum) of the first values.
///
/// The seeds are TA-Lib's: an exponential average starts with the mean of its first `length` values, Wilder's running
/// sum of directional movement with the plain sum of the first `length` − 1.
final class SmoothingNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private let seedLength: Int
  private let seedScale: Double
  private let showsSeed: Bool
  private let keep: Double
  private let weight: Double
  private var value = 0.0
  private var gathered = 0

  init(
    _ input: Lane, _ output: Lane, skip: Int, seedLength: Int, seedScale: Double, showsSeed: Bool,
    keep: Double,
    weight: Double
  ) {
    self.input = input.values
    self.output = output.values
    self.seedLength = seedLength
    self.seedScale = seedScale
    self.showsSeed = showsSeed
    self.keep = keep
    self.weight = weight
    super.init(clock: input.clock, skip: skip)
  }

  override func clear() {
    value = 0
    gathered = 0
  }

  override func pass(_ count: Int) { fillUnknown(output, count) }

  override func step(_ start: Int, _ end: Int) {
    let (x, out, keep, weight) = (input, output, keep, weight)
    var i = start
    while gathered < seedLength && i < end {
      value += x[i]
      gathered += 1
      out[i] = .nan
      if gathered == seedLength {
        value *= seedScale
        if showsSeed { out[i] = value }
      }
      i += 1
    }
    var current = value
    while i < end {
      current = current * keep + x[i] * weight
      out[i] = current
      i += 1
    }
    value = current
  }
}

/// An average whose weight for the newest value changes from bar to bar: v ← v + a·(x − v), started with the value
/// before the first known weight.
final class AdaptiveSmoothingNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let weight: UnsafeMutablePointer<Double>
  private let output: UnsafeMutablePointer<Double>
  private var value = 0.0

  init(_ input: Lane, weight: Lane, _ output: Lane) {
    self.input = input.values
    self.weight = weight.values
    self.output = output.values
    super.init(clock: input.clock, skip: weight.warmUp)
  }

  override func clear() { value = 0 }

  override func pass(_ count: Int) {
    if count > 0 { value = input[count - 1] }
    fillUnknown(output, count)
  }

  override func step(_ start: Int, _ end: Int) {
    for i in start..<end {
      value += weight[i] * (input[i] - value)
      output[i] = value
    }
  }
}

extension Graph {
  /// Number of rows after which a filter that keeps the fraction `keep` has forgotten all but a millionth.
  static func memory(keep: Double) -> Int { Int((logarithm(1e-6) / logarithm(keep)).rounded(.up)) }

  /// Exponential moving average with weight 2/(length+1), seeded by the mean of the first `length` values.
  ///
  /// `alignedTo` lets the seed end where that of a longer average ends, as TA-Lib does inside MACD and PPO.
  func ema(_ x: Lane, _ length: Int, alignedTo longer: Int = 0) -> Lane {
    shared("ema(\(x.id),\(length),\(longer))") {
      let skip = x.warmUp + max(0, longer - length)
      let weight = 2 / Double(length + 1)
      let out = lane(
        after: x, warmUp: skip + length - 1,
        memory: x.memory + max(length, longer) - 1 + Graph.memory(keep: 1 - weight))
      add(
        SmoothingNode(
          x, out, skip: skip, seedLength: length, seedScale: 1 / Double(length), showsSeed: true,
          keep: 1 - weight,
          weight: weight), out)
      return out
    }
  }

  /// Wilder's moving average with weight 1/length, seeded by the mean of the first `length` values.
  func wilder(_ x: Lane, _ length: Int) -> Lane {
    shared("wilder(\(x.id),\(length))") {
      let weight = 1 / Double(length)
      let out = lane(
        after: x, warmUp: x.warmUp + length - 1,
        memory: x.memory + length - 1 + Graph.memory(keep: 1 - weight))
      add(
        SmoothingNode(
          x, out, skip: x.warmUp, seedLength: length, seedScale: weight, showsSeed: true, keep: 1 - weight,
          weight: weight), out)
      return out
    }
  }

  /// Wilder's running sum v ← v − v/length + x, seeded by the sum of the first `length` − 1 values, known from the
  /// next one on.
  func wilderSum(_ x: Lane, _ length: Int) -> Lane {
    shared("wilderSum(\(x.id),\(length))") {
      let keep = 1 - 1 / Double(length)
      let out = lane(
        after: x, warmUp: x.warmUp + length - 1,
        memory: x.memory + length - 1 + Graph.memory(keep: keep))
      add(
        SmoothingNode(
          x, out, skip: x.warmUp, seedLength: length - 1, seedScale: 1, showsSeed: false, keep: keep,
          weight: 1), out)
      return out
    }
  }
}
