import Diagnostics
import Foundation
import Optimizers
import Testing

/// Learning rates of torch.optim.lr_scheduler (Golden/make.py), which accumulates products: 40 roundings of 1e-16.
@Suite("Learning rate schedules")
struct ScheduleTests {
  private func close(_ value: Double, _ expected: Double) -> Bool {
    abs(value - expected) <= 1e-13 * abs(expected) + 1e-17
  }

  @Test func ratesAreThoseOfTorch() throws {
    let golden = try GoldenTable("schedules.csv")
    var cosine = LearningRateSchedule(.cosine)
    cosine.total = 39
    cosine.minLr = 0.003
    let cycle = LearningRateSchedule(.oneCycle)
    var late = cycle
    late.pctStart = 0.4
    late.divFactor = 10
    late.finalDivFactor = 100
    var warmup = LearningRateSchedule(.constant)
    warmup.warmup = 8
    var warmCosine = LearningRateSchedule(.cosine)
    warmCosine.warmup = 8
    warmCosine.warmupStartFactor = 0.1
    var drops = LearningRateSchedule(.step)
    drops.stepSize = 7
    drops.gamma = 0.5
    let cases = [
      ("cosine", cosine), ("one-cycle", cycle), ("one-cycle-late", late), ("warmup", warmup),
      ("warmup-cosine", warmCosine), ("step", drops),
    ]
    for (name, schedule) in cases {
      let rates = golden[name].filter { !$0.isNaN }
      #expect(rates.count >= 39)
      for (count, expected) in rates.enumerated() {
        let rate = schedule.learningRate(at: count, lr: 0.1, planned: 40)
        #expect(close(rate, expected), "\(name) at \(count): \(rate), not \(expected)")
      }
    }
  }

  @Test func momentaAreThoseOfTorch() throws {
    let golden = try GoldenTable("schedules.csv")
    let cycle = LearningRateSchedule(.oneCycle)
    var late = cycle
    late.pctStart = 0.4
    late.baseMomentum = 0.7
    late.maxMomentum = 0.9
    for (name, schedule) in [("momentum", cycle), ("momentum-late", late)] {
      let momenta = golden[name].filter { !$0.isNaN }
      #expect(momenta.count == 39)
      for (count, expected) in momenta.enumerated() {
        let momentum = try #require(schedule.momentum(at: count, planned: 40))
        #expect(close(momentum, expected), "\(name) at \(count): \(momentum), not \(expected)")
        // A warm-up in front, which PyTorch leaves to another schedule, has the momentum that the cycle begins with.
        var warm = schedule
        warm.warmup = 5
        #expect(warm.momentum(at: count + 5, planned: 45) == momentum)
        #expect(warm.momentum(at: 4, planned: 45) == schedule.maxMomentum)
      }
    }
    late.cycleMomentum = false
    #expect(late.momentum(at: 3, planned: 40) == nil && !late.cyclesMomentum)
    #expect(LearningRateSchedule(.cosine).momentum(at: 3, planned: 40) == nil)
  }

  /// Beyond its plan a schedule stays where it ended.
  @Test func nothingHappensAfterTheEnd() {
    let cosine = LearningRateSchedule(.cosine)
    #expect(cosine.learningRate(at: 40, lr: 1, planned: 40) == 0)
    #expect(cosine.learningRate(at: 77, lr: 1, planned: 40) == 0)
    let cycle = LearningRateSchedule(.oneCycle)
    #expect(cycle.learningRate(at: 39, lr: 1, planned: 40) == cycle.learningRate(at: 99, lr: 1, planned: 40))
    for length in 0...3 {
      for count in 0...4 {
        #expect(cycle.learningRate(at: count, lr: 1, planned: length).isFinite)
        #expect(cycle.momentum(at: count, planned: length).map { (0.85...0.95).contains($0) } == true)
      }
    }
  }

  @Test func plateauIsThatOfTorch() throws {
    let golden = try GoldenTable("schedules.csv")
    var lower = LearningRateSchedule(.plateau)
    lower.factor = 0.5
    lower.patience = 3
    lower.cooldown = 2
    lower.minLr = 0.02
    var higher = LearningRateSchedule(.plateau)
    higher.factor = 0.3
    higher.patience = 1
    var first = PlateauSchedule(lower, lr: 0.1, isHigherBetter: false)
    var second = PlateauSchedule(higher, lr: 0.1, isHigherBetter: true)
    for (epoch, metric) in golden["metric"].enumerated() {
      #expect(close(first.learningRate, golden["plateau"][epoch]), "epoch \(epoch)")
      #expect(close(second.learningRate, golden["plateau-higher"][epoch]), "epoch \(epoch)")
      first.update(metric: metric)
      second.update(metric: 2 - metric)
      // What a checkpoint holds is everything.
      first = try JSONDecoder().decode(PlateauSchedule.self, from: JSONEncoder().encode(first))
    }
    #expect(first.learningRate < 0.1 && second.learningRate < 0.1)
  }

  @Test func configurationsAreHeldAgainstTheirRanges() throws {
    func decode(_ text: String) throws -> LearningRateSchedule {
      try JSONDecoder().decode(LearningRateSchedule.self, from: Data(text.utf8))
    }
    #expect(try decode("{}") == LearningRateSchedule())
    let cycle = try decode(#"{"name": "one-cycle", "pct_start": 0.4, "warmup": 3}"#)
    #expect(cycle.pctStart == 0.4 && cycle.warmup == 3 && cycle.unit == .step)
    #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: JSONEncoder().encode(cycle)) == cycle)
    let still = try decode(#"{"name": "one-cycle", "cycle_momentum": false, "base_momentum": 0.5}"#)
    #expect(cycle.cycleMomentum && !still.cycleMomentum && still.baseMomentum == 0.5)
    #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: JSONEncoder().encode(still)) == still)
    for wrong in [
      #"{"name": "one-cycle", "max_momentum": 1}"#, #"{"name": "one-cycle", "base_momentum": -0.1}"#,
      #"{"name": "cosine", "cycle_momentum": true}"#, #"{"name": "cosine", "gamma": 0.5}"#,
      #"{"name": "step", "step_size": 0}"#, #"{"warmup": -1}"#,
      #"{"name": "one-cycle", "pct_start": 1.5}"#, #"{"name": "plateau", "factor": 1}"#, #"{"pace": 1}"#,
    ] {
      #expect(throws: TernError.self, "\(wrong)") { try decode(wrong) }
    }
  }
}
