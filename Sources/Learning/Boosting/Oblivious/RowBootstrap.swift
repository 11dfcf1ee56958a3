import Compute
import Glibc

/// Draws the sample weights of a tree, by position of a fold.
struct RowBootstrap {
  private let configuration: ObliviousConfiguration
  private let outputs: Int
  private let pool: ThreadPool

  /// Rows whose threshold is found together in MVS.
  private static let block = 8192

  /// Takes a configuration whose open parameters are decided.
  init(configuration: ObliviousConfiguration, outputs: Int, pool: ThreadPool) {
    self.configuration = configuration
    self.outputs = outputs
    self.pool = pool
  }

  /// The sample weights of a tree, nil for ones; some row always has one.
  ///
  /// - Parameters:
  ///   - gradient: the gradient of a position and output.
  ///   - lastLeaves: values of the tree before, (outputs, leaves), empty for the first tree.
  func weights(
    count: Int, tree: Int, lastLeaves: [Double], gradient: (_ position: Int, _ output: Int) -> Float
  ) -> [Float]? {
    let share = configuration.subsample ?? 1
    switch configuration.bootstrapType ?? .none {
    case .none: return nil
    case .bayesian:
      let temperature = configuration.baggingTemperature
      if temperature == 0 { return nil }
      return drawn(count, tree) { random in
        let size = -log(random.uniform() + 1e-100)
        return Float(temperature == 1 ? size : pow(size, temperature))
      }
    case .bernoulli:
      if share >= 1 { return nil }
      var result = drawn(count, tree) { random in random.uniform() < share ? 1 : 0 }
      if !result.contains(where: { $0 > 0 }) { result[0] = 1 }
      return result
    case .mvs:
      if share >= 1 { return nil }
      return minimalVariance(count, tree, share: share, lastLeaves: lastLeaves, gradient: gradient)
    }
  }

  private func drawn(_ count: Int, _ tree: Int, _ draw: (inout Philox) -> Float) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelChunks(of: count, chunk: RowBootstrap.block) { range, _ in
        var random = generator(tree, range.lowerBound / RowBootstrap.block)
        for i in range { target.pointer[i] = draw(&random) }
      }
    }
    return result
  }

  private func generator(_ tree: Int, _ block: Int) -> Philox {
    ObliviousStream.sample.generator(configuration.randomSeed, step: tree << 20 | block)
  }

  /// Ibragimov and Gusev, "Minimal Variance Sampling in Stochastic Gradient Boosting" (NeurIPS 2019): a row of
  /// regularised size c = √(Σ g² + λ) is kept with probability p = min(1, c / μ) and weighs 1 / p; μ makes the
  /// expected number of kept rows of a block the wanted one.
  private func minimalVariance(
    _ count: Int, _ tree: Int, share: Double, lastLeaves: [Double],
    gradient: (Int, Int) -> Float
  ) -> [Float] {
    let sizes = Storage<Double>(count, initial: 0)
    let blocks = (count + RowBootstrap.block - 1) / RowBootstrap.block
    let sums = Storage<Double>(blocks, initial: 0)
    pool.parallelChunks(of: count, chunk: RowBootstrap.block) { range, _ in
      var sum = 0.0
      for i in range {
        var square = 0.0
        for output in 0..<outputs {
          let g = Double(gradient(i, output))
          square += g * g
        }
        sizes.pointer[i] = square
        sum += square.squareRoot()
      }
      sums.pointer[range.lowerBound / RowBootstrap.block] = sum
    }
    let mean =
      lastLeaves.isEmpty
      ? (0..<blocks).reduce(0.0) { $0 + sums.pointer[$1] } / Double(count) : meanNorm(lastLeaves)
    let lambda = configuration.mvsReg ?? mean * mean
    var result = [Float](repeating: 0, count: count)
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelChunks(of: count, chunk: RowBootstrap.block) { range, _ in
        let own = sizes.pointer
        for i in range { own[i] = (own[i] + lambda).squareRoot() }
        let threshold = RowBootstrap.threshold(
          UnsafeBufferPointer(start: own + range.lowerBound, count: range.count),
          wanted: share * Double(range.count))
        var random = generator(tree, range.lowerBound / RowBootstrap.block)
        for i in range {
          let p = own[i] > threshold ? 1 : own[i] / threshold
          let isKept = Double(random.next32()) < p * 0x1p32
          target.pointer[i] = isKept && p > Double.ulpOfOne ? Float(1 / p) : 0
        }
      }
    }
    if !result.contains(where: { $0 > 0 }) { result[0] = 1 }
    return result
  }

  private func meanNorm(_ leaves: [Double]) -> Double {
    let count = leaves.count / outputs
    var sum = 0.0
    for leaf in 0..<count {
      var square = 0.0
      for k in 0..<outputs { square += leaves[k * count + leaf] * leaves[k * count + leaf] }
      sum += square.squareRoot()
    }
    return sum / Double(count)
  }

  /// The μ with Σ min(1, c / μ) = wanted.
  ///
  /// Starting where no row counts whole, μ = Σ small c / (wanted - number of large c) falls with every pass until
  /// no further row becomes large.
  static func threshold(_ sizes: UnsafeBufferPointer<Double>, wanted: Double) -> Double {
    var sum = 0.0
    for c in sizes { sum += c }
    var threshold = sum / wanted
    var large = 0
    while true {
      var small = 0.0
      var count = 0
      for c in sizes {
        let isLarge = c > threshold
        small += isLarge ? 0 : c
        count &+= isLarge ? 1 : 0
      }
      if count == large { return threshold }
      large = count
      let room = wanted - Double(count)
      if room <= 0 || small <= 0 { return threshold }
      threshold = small / room
    }
  }
}
