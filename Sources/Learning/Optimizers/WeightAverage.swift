import Compute
import Diagnostics

/// An exponential moving average of weights: a ← a + (1 - decay) (w - a); the first update copies.
///
/// Evaluating with the average instead of the last weights smooths what single batches did to them (Polyak & Juditsky 1992).
public final class WeightAverage {
  /// Share of the old average that stays, in [0, 1).
  public let decay: Double
  /// Updates made so far.
  public private(set) var updateCount = 0

  private let counts: [Int]
  private let slices: [ParameterSlice]
  private let pool: ThreadPool
  private let average: MomentStorage

  /// An average of parameters of these sizes.
  /// - Throws: `TernError` of kind `configuration` when the decay is out of range.
  public init(decay: Double, parameters: [ParameterBuffer], pool: ThreadPool) throws(TernError) {
    guard decay >= 0, decay < 1 else {
      throw TernError(
        .configuration, "is out of range", key: "ema_decay", found: "\(decay)", expected: "a number in [0, 1)"
      )
    }
    self.decay = decay
    self.pool = pool
    counts = parameters.map(\.count)
    slices = ParameterSlice.slices(of: counts)
    average = MomentStorage(count: counts.reduce(0, +))
  }

  /// Takes the weights of a step in.
  public func update(_ parameters: [ParameterBuffer]) {
    let share = updateCount == 0 ? 1 : Float(1 - decay)
    updateCount += 1
    forEachSlice(parameters) { w, a, count in
      for i in 0..<count { a[i] += share * (w[i] - a[i]) }
    }
  }

  /// Exchanges the weights and their average: before an evaluation, and once more after it.
  public func swap(_ parameters: [ParameterBuffer]) {
    forEachSlice(parameters) { w, a, count in
      for i in 0..<count {
        let weight = w[i]
        w[i] = a[i]
        a[i] = weight
      }
    }
  }

  /// The averages of all parameters behind one another, for a checkpoint.
  public var values: [Float] { average.values(0..<average.count) }

  /// Goes on from a checkpoint.
  /// - Throws: `TernError` of kind `data` when it has another number of values; nothing is changed then.
  public func restore(values: [Float], updateCount: Int) throws(TernError) {
    guard values.count == average.count, updateCount >= 0 else {
      throw TernError(
        .data, "the averaged weights do not fit the model", key: "ema", found: "\(values.count) numbers",
        expected: "\(average.count)")
    }
    average.assign(values)
    self.updateCount = updateCount
  }

  private func forEachSlice(
    _ parameters: [ParameterBuffer],
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    precondition(parameters.map(\.count) == counts, "the average was made for parameters of other sizes")
    pool.parallelFor(count: slices.count) { item, _ in
      let slice = slices[item]
      body(
        parameters[slice.parameter].values + slice.start, average.pointer + slice.position, slice.count)
    }
  }
}
