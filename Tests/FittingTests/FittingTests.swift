import Chronology
import Diagnostics
import Fitting
import Foundation
import Optimizers
import Testing

@Suite("Parts of a training loop")
struct FittingTests {
  @Test(arguments: BatchOrder.Tail.allCases, [1, 2, 3, 7, 8, 100])
  func batchesCoverTheRows(_ tail: BatchOrder.Tail, batchSize: Int) {
    for rowCount in 0...25 {
      let order = BatchOrder(rowCount: rowCount, batchSize: batchSize, seed: 3, tail: tail)
      let ranges = (0..<order.batchCount).map { order.places(ofBatch: $0) }
      #expect((ranges.isEmpty) == (rowCount == 0))
      #expect(Array(ranges.joined()) == Array(0..<(ranges.last?.upperBound ?? 0)))
      #expect(ranges.dropLast().allSatisfy { $0.count == batchSize })
      let rest = rowCount - (ranges.last?.upperBound ?? 0)
      #expect(tail == .drop && rowCount >= batchSize ? rest == rowCount % batchSize : rest == 0)
      let size = ranges.last?.count ?? batchSize
      switch tail {
      case .keep: #expect(size <= batchSize)
      case .drop: #expect(size == min(batchSize, rowCount) || rowCount == 0)
      // Never less than half a batch, so that no statistic is taken over a row or two.
      case .merge: #expect((2 * size >= batchSize && 2 * size < 3 * batchSize) || rowCount < batchSize)
      }
    }
  }

  @Test func everyEpochHasAnOrderOfItsOwn() {
    let order = BatchOrder(rowCount: 1000, batchSize: 10, seed: 3)
    let first = order.rows(ofEpoch: 0)
    #expect(first.sorted() == Array(0..<1000) && first != Array(0..<1000))
    #expect(order.rows(ofEpoch: 1) != first && order.rows(ofEpoch: 0) == first)
    #expect(BatchOrder(rowCount: 1000, batchSize: 10, seed: 4).rows(ofEpoch: 0) != first)
    let plain = BatchOrder(rowCount: 5, batchSize: 2, seed: 3, isShuffled: false)
    #expect(plain.rows(ofEpoch: 7) == [0, 1, 2, 3, 4])
  }

  /// A loss that stands, falls by a logistic curve in log rate around 1e-3, and explodes beyond 0.1.
  @Test func finderSuggestsTheSteepestRate() throws {
    var finder = LearningRateFinder(lowest: 1e-6, highest: 10, steps: 141, smoothing: 0)
    while let rate = finder.nextLearningRate {
      let fall = 1 / (1 + exp(-4 * (log10(rate) + 3)))
      finder.record(loss: 2 - fall + (rate > 0.1 ? (rate - 0.1) * 40 : 0))
    }
    #expect(finder.hasDiverged && finder.points.count < 141)
    let suggestion = try #require(finder.suggestion)
    #expect(abs(log10(suggestion) + 3) < 1e-9)
    // Smoothing lags behind, by less than its memory of twenty steps, a decade.
    var smooth = LearningRateFinder(lowest: 1e-6, highest: 10, steps: 141)
    while let rate = smooth.nextLearningRate {
      smooth.record(loss: 2 - 1 / (1 + exp(-4 * (log10(rate) + 3))))
    }
    let late = try #require(smooth.suggestion)
    #expect(!smooth.hasDiverged && late > 1e-3 && late < 1e-2)
  }

  @Test func finderKnowsWhenItKnowsNothing() {
    var rising = LearningRateFinder(steps: 40, smoothing: 0)
    while rising.nextLearningRate != nil { rising.record(loss: 1 + Double(rising.points.count) * 0.01) }
    #expect(rising.suggestion == nil && rising.points.count == 40)
    var broken = LearningRateFinder()
    broken.record(loss: 1)
    broken.record(loss: .nan)
    #expect(broken.hasDiverged && broken.nextLearningRate == nil && broken.suggestion == nil)
    // A likelihood may be negative; it diverges by as much as its size.
    var negative = LearningRateFinder(smoothing: 0)
    negative.record(loss: -1)
    negative.record(loss: 1.9)
    #expect(!negative.hasDiverged)
    negative.record(loss: 2.1)
    #expect(negative.hasDiverged)
  }

  @Test func controlFollowsStepsEpochsOrAMetric() throws {
    var drops = LearningRateSchedule(.step)
    drops.stepSize = 1
    drops.gamma = 0.5
    let byEpoch = LearningRateControl(
      drops, lr: 1, plannedSteps: 100, plannedEpochs: 10, isHigherBetter: false)
    #expect(byEpoch.learningRate(step: 37, epoch: 3) == 0.125 && byEpoch.plateau == nil)
    let byStep = LearningRateControl(
      LearningRateSchedule(.cosine), lr: 1, plannedSteps: 100, plannedEpochs: 10, isHigherBetter: false)
    #expect(abs(byStep.learningRate(step: 50, epoch: 5) - 0.5) < 1e-15)
    var answering = LearningRateSchedule(.plateau)
    answering.patience = 0
    var control = LearningRateControl(
      answering, lr: 1, plannedSteps: 100, plannedEpochs: 10, isHigherBetter: true)
    control.endEpoch(metric: 0.5)
    control.endEpoch(metric: 0.4)
    #expect(control.learningRate(step: 0, epoch: 0) == 0.1)
    var resumed = LearningRateControl(
      answering, lr: 1, plannedSteps: 100, plannedEpochs: 10, isHigherBetter: true)
    try resumed.restore(plateau: control.plateau)
    resumed.endEpoch(metric: 0.3)
    #expect(abs(resumed.learningRate(step: 0, epoch: 0) - 0.01) < 1e-17)
    #expect(throws: TernError.self) { try resumed.restore(plateau: nil) }
  }

  @Test func controlGivesTheMomentumOfACycle() throws {
    var cycle = LearningRateSchedule(.oneCycle)
    func control() -> LearningRateControl {
      LearningRateControl(cycle, lr: 1, plannedSteps: 40, plannedEpochs: 10, isHigherBetter: false)
    }
    #expect(control().momentum(step: 0, epoch: 7) == 0.95)
    #expect(control().momentum(step: 11, epoch: 0) == 0.85)
    cycle.unit = .epoch
    #expect(control().momentum(step: 0, epoch: 2) == 0.85)
    cycle.cycleMomentum = false
    #expect(control().momentum(step: 11, epoch: 2) == nil)
  }

  @Test func meansAreWeighted() {
    var mean = RunningMean()
    #expect(mean.value == nil)
    mean.add(1, weight: 3)
    mean.add(5)
    #expect(mean.value == 2 && mean.weight == 4)
  }

  private final class HandClock: Clock, @unchecked Sendable {
    var seconds = 100.0
    var now: Int64 { Int64(seconds * 1e3) }
    var monotonic: Int64 { Int64(seconds * 1e9) }
  }

  @Test func speedForgetsWhatIsLongPast() {
    let clock = HandClock()
    var speed = Throughput(clock: clock)
    #expect(speed.perSecond == nil && speed.text(unit: "rows") == "")
    clock.seconds += 2
    speed.advance(by: 10)
    #expect(speed.perSecond == 5 && speed.text(unit: "rows") == "5.0 rows/s")
    for _ in 0..<100 {
      clock.seconds += 1
      speed.advance(by: 200)
    }
    #expect(speed.perSecond == 200 && speed.text(unit: "rows") == "200 rows/s")
  }

  @Test func bestWeightsComeBack() {
    var values: [Float] = [1, 2, 3]
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let parameters = [
        ParameterBuffer(name: "a", values: base, gradients: nil, count: 1),
        ParameterBuffer(name: "b", values: base + 1, gradients: nil, count: 2),
      ]
      var best = BestWeights()
      best.restore(parameters)
      #expect(best.epoch == nil && buffer[0] == 1)
      best.keep(parameters, epoch: 4)
      buffer[2] = 9
      best.restore(parameters)
      #expect(best.epoch == 4 && Array(buffer) == [1, 2, 3] && best.values == [[1], [2, 3]])
    }
  }
}
