import Compute
import Glibc

/// The rows that grow the trees of a round.
struct RowSample {
  private let configuration: BoostingConfiguration
  private let rows: [Int32]
  private let labels: [Float]
  private let pool: ThreadPool
  /// Rows that take part, increasing.
  private(set) var chosen: [Int32]
  /// Training rows that do not.
  private(set) var left: [Int32] = []

  /// - Parameters:
  ///   - rows: the training rows, increasing.
  ///   - labels: (data set rows).
  init(configuration: BoostingConfiguration, rows: [Int32], labels: [Float], pool: ThreadPool) {
    self.configuration = configuration
    self.rows = rows
    self.labels = labels
    self.pool = pool
    chosen = rows
  }

  /// Makes the sample the one that training which has done `round` rounds goes on with.
  mutating func restore(round: Int) {
    guard configuration.growth.rowSampling == .uniform, configuration.baggingFreq > 0 else { return }
    let parallel = configuration.growth.numParallelTree
    let last = round - round % configuration.baggingFreq
    drawUniformly(step: last * parallel + parallel - 1, round: last)
  }

  /// Whether drawing changes the derivatives of the rows drawn.
  var weighsDerivatives: Bool {
    configuration.growth.rowSampling == .goss
      || (configuration.growth.rowSampling == .gradientBased && configuration.subsample < 1)
  }

  /// Draws the rows of one step: a round, or one tree of a round's parallel trees.
  ///
  /// - Parameters:
  ///   - derivatives: (outputs, total); those of rows drawn in place of others are multiplied.
  ///   - total: rows of the data set.
  mutating func draw(
    step: Int, round: Int, derivatives: UnsafeMutablePointer<SIMD2<Float>>, outputs: Int, total: Int
  ) {
    switch configuration.growth.rowSampling {
    case .uniform: drawUniformly(step: step, round: round)
    case .goss: drawOneSided(step: step, round: round, derivatives, outputs, total)
    case .gradientBased: drawByGradient(step: step, derivatives, outputs, total)
    }
  }

  /// Keeps each row with a probability, anew every `baggingFreq` rounds.
  private mutating func drawUniformly(step: Int, round: Int) {
    let growth = configuration.growth
    let byClass = growth.posBaggingFraction < 1 || growth.negBaggingFraction < 1
    guard configuration.subsample < 1 || byClass, configuration.baggingFreq > 0,
      round % configuration.baggingFreq == 0
    else {
      return
    }
    let positive = (byClass ? growth.posBaggingFraction : configuration.subsample) * 0x1p32
    let negative = (byClass ? growth.negBaggingFraction : configuration.subsample) * 0x1p32
    let count = rows.count
    var kept = 0
    let isKept = keptFlags(step: step, positive: positive, negative: negative)
    for flag in isKept { kept += Int(flag) }
    // One place more each, for the row that is written to both sides.
    chosen = [Int32](unsafeUninitializedCapacity: kept + 1) { chosen, size in
      left = [Int32](unsafeUninitializedCapacity: count - kept + 1) { left, leftSize in
        var place = 0
        for i in 0..<count {
          chosen[place] = rows[i]
          left[i &- place] = rows[i]
          place &+= Int(isKept[i])
        }
        leftSize = count - kept
      }
      size = kept
    }
  }

  /// 1 for each training row that is kept: row i of them takes the i-th number of the sequence, whichever thread
  /// draws it.
  private func keptFlags(step: Int, positive: Double, negative: Double) -> [UInt8] {
    let chunk = 4096
    let count = rows.count
    let isPlain = positive == negative
    return [UInt8](unsafeUninitializedCapacity: count) { flags, size in
      guard let base = flags.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelChunks(of: count, chunk: chunk) { range, _ in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
          let numbers = RandomStream.rows.block(
            seed: configuration.seed, step: step, counter: UInt64(first / 4))
          for lane in 0..<min(4, range.upperBound - first) {
            let limit = isPlain || labels[Int(rows[first + lane])] > 0.5 ? positive : negative
            target.pointer[first + lane] = Double(numbers[lane]) < limit ? 1 : 0
          }
        }
      }
      size = count
    }
  }

  /// Gradient-based one-sided sampling (Ke et al., NIPS 2017, algorithm 2): rows of the largest |g·h| and a sample of
  /// the others, weighted by how many others it stands for. The first 1 / learning rate rounds use all rows.
  private mutating func drawOneSided(
    step: Int, round: Int, _ derivatives: UnsafeMutablePointer<SIMD2<Float>>, _ outputs: Int, _ total: Int
  ) {
    if round < Int(1 / configuration.learningRate) { return }
    let scores = rows.map { row in
      var sum: Float = 0
      for k in 0..<outputs {
        let value = derivatives[k * total + Int(row)]
        sum += abs(value.x * value.y)
      }
      return sum
    }
    let top = max(1, Int(Double(rows.count) * configuration.growth.topRate))
    let other = Int(Double(rows.count) * configuration.growth.otherRate)
    let limit = RowSample.largest(top, of: scores)
    let factor = Float(rows.count - top) / Float(max(other, 1))
    var wanted = other
    var remaining = scores.count { $0 < limit }
    var index = 0
    pick(step: step) { _, random in
      defer { index += 1 }
      if scores[index] >= limit { return 1 }
      defer { remaining -= 1 }
      guard random.uniform() * Double(remaining) < Double(wanted) else { return nil }
      wanted -= 1
      return factor
    } apply: { row, factor in
      for k in 0..<outputs { derivatives[k * total + row] *= factor }
    }
  }

  /// Minimal variance sampling (Ibragimov & Gusev, NeurIPS 2019): a row is kept with probability min(1, s / u), s being
  /// √(g² + 0.1 h²), and weighs the inverse; u makes the expected number of rows `subsample` of all.
  private mutating func drawByGradient(
    step: Int, _ derivatives: UnsafeMutablePointer<SIMD2<Float>>, _ outputs: Int, _ total: Int
  ) {
    if configuration.subsample >= 1 { return }
    let scores = rows.map { row in
      var sum: Float = 0
      for k in 0..<outputs {
        let value = derivatives[k * total + Int(row)]
        sum += value.x * value.x + 0.1 * value.y * value.y
      }
      return sum.squareRoot()
    }
    let limit = RowSample.threshold(scores, expected: configuration.subsample * Double(rows.count))
    var index = 0
    pick(step: step) { _, random in
      defer { index += 1 }
      let share = limit > 0 ? Double(scores[index]) / limit : 1
      if share >= 1 { return 1 }
      return random.uniform() < share ? Float(1 / share) : nil
    } apply: { row, factor in
      for k in 0..<outputs { derivatives[k * total + row] *= factor }
    }
  }

  /// Goes through the rows in order; `keep` says by what a row's derivatives are multiplied, nil to leave it out.
  private mutating func pick(
    step: Int, keep: (Int, inout Philox) -> Float?, apply: (Int, Float) -> Void
  ) {
    var random = RandomStream.rows.generator(seed: configuration.seed, step: step)
    chosen.removeAll(keepingCapacity: true)
    left.removeAll(keepingCapacity: true)
    for row in rows {
      guard let factor = keep(Int(row), &random) else {
        left.append(row)
        continue
      }
      chosen.append(row)
      if factor != 1 { apply(Int(row), factor) }
    }
  }

  /// The k-th largest of numbers >= 0, by two passes over halves of their bit patterns.
  static func largest(_ k: Int, of values: [Float]) -> Float {
    var counts = [Int](repeating: 0, count: 1 << 16)
    for value in values { counts[Int(value.bitPattern >> 16)] += 1 }
    var wanted = min(max(k, 1), values.count)
    var high = counts.count - 1
    while high > 0, counts[high] < wanted {
      wanted -= counts[high]
      high -= 1
    }
    var lows = [Int](repeating: 0, count: 1 << 16)
    for value in values where Int(value.bitPattern >> 16) == high {
      lows[Int(value.bitPattern & 0xFFFF)] += 1
    }
    var low = lows.count - 1
    while low > 0, lows[low] < wanted {
      wanted -= lows[low]
      low -= 1
    }
    return Float(bitPattern: UInt32(high) << 16 | UInt32(low))
  }

  /// The u for which Σ min(1, s / u) is the expected number of rows; 0 if all rows fit.
  static func threshold(_ scores: [Float], expected: Double) -> Double {
    let sorted = scores.sorted()
    var sum = 0.0
    for (index, score) in sorted.enumerated() {
      sum += Double(score)
      // With the larger ones certain, u = sum / (expected - number of those).
      let rest = expected - Double(sorted.count - index - 1)
      if rest <= 0 { continue }
      let u = sum / rest
      if index + 1 == sorted.count || u <= Double(sorted[index + 1]) { return u }
    }
    return 0
  }
}
