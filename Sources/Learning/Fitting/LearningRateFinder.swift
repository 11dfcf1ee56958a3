import Glibc

/// Finds a learning rate by training with ever larger ones for a few steps (Smith, "Cyclical Learning Rates for Training
/// Neural Networks", 2017, section 3.3).
///
/// Rates grow geometrically; losses are smoothed by a moving average, corrected for its start. The suggestion is the
/// rate at which the smoothed loss falls fastest over the logarithm of the rate, the first ten steps and the last one left
/// out, as in PyTorch Lightning. The caller restores the weights afterwards.
public struct LearningRateFinder: Sendable {
  /// One step.
  public struct Point: Sendable, Equatable {
    /// Learning rate of the step.
    public let learningRate: Double
    /// Smoothed loss.
    public let loss: Double
  }

  /// The steps so far.
  public private(set) var points: [Point] = []
  private let lowest: Double
  private let highest: Double
  private let steps: Int
  private let smoothing: Double
  private let divergence: Double
  private var average = 0.0
  private var best = Double.infinity
  private static let leadIn = 10

  /// A search.
  /// - Parameters:
  ///   - lowest, highest: rates of the first and of the last step.
  ///   - steps: number of steps.
  ///   - smoothing: weight of the average so far, in [0, 1).
  ///   - divergence: the search ends when the smoothed loss exceeds its least by this factor.
  public init(
    lowest: Double = 1e-7, highest: Double = 1, steps: Int = 100, smoothing: Double = 0.95,
    divergence: Double = 4
  ) {
    precondition(
      lowest > 0 && highest > lowest && steps >= 2, "rates grow from a positive one over two steps or more")
    precondition(
      smoothing >= 0 && smoothing < 1 && divergence > 1, "the weight lies in [0, 1), the factor above 1")
    self.lowest = lowest
    self.highest = highest
    self.steps = steps
    self.smoothing = smoothing
    self.divergence = divergence
  }

  /// The rate of the next step; nil when the search has ended.
  public var nextLearningRate: Double? {
    guard points.count < steps, !hasDiverged else { return nil }
    return lowest * pow(highest / lowest, Double(points.count) / Double(steps - 1))
  }

  /// Whether the loss grew so much that larger rates can tell nothing.
  public private(set) var hasDiverged = false

  /// Takes the loss of the step that was made with `nextLearningRate`.
  public mutating func record(loss: Double) {
    guard let rate = nextLearningRate else { return }
    guard loss.isFinite else {
      hasDiverged = true
      return
    }
    average = smoothing * average + (1 - smoothing) * loss
    let smoothed = average / (1 - pow(smoothing, Double(points.count + 1)))
    points.append(Point(learningRate: rate, loss: smoothed))
    // A loss below zero has no factor; the bound is then as far above it.
    if points.count > 1, smoothed > best + (divergence - 1) * abs(best) { hasDiverged = true }
    best = min(best, smoothed)
  }

  /// Where the smoothed loss falls fastest; nil where too few steps were made or it falls nowhere.
  public var suggestion: Double? {
    let usable = points.dropFirst(LearningRateFinder.leadIn).dropLast()
    guard usable.count >= 3 else { return nil }
    let loss = usable.map(\.loss)
    // Steps are even in the logarithm, so plain central differences are slopes over it.
    let slopes = loss.indices.map { index -> Double in
      let before = max(index - 1, 0)
      let after = min(index + 1, loss.count - 1)
      return (loss[after] - loss[before]) / Double(after - before)
    }
    guard let steepest = slopes.indices.min(by: { slopes[$0] < slopes[$1] }), slopes[steepest] < 0 else {
      return nil
    }
    return usable[usable.startIndex + steepest].learningRate
  }
}
