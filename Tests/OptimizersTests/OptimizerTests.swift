import Compute
import Diagnostics
import Foundation
import Optimizers
import Testing

/// Owns weights and gradients of a few parameters for a test.
final class Weights {
  let names: [String]
  let counts: [Int]
  let groups: [Int]
  let values: UnsafeMutablePointer<Float>
  let gradients: UnsafeMutablePointer<Float>
  let total: Int

  init(counts: [Int], groups: [Int]) {
    self.counts = counts
    self.groups = groups
    names = counts.indices.map { "p\($0)" }
    total = counts.reduce(0, +)
    values = .allocate(capacity: max(total, 1))
    gradients = .allocate(capacity: max(total, 1))
    values.initialize(repeating: 0, count: total)
    gradients.initialize(repeating: 0, count: total)
  }

  deinit {
    values.deallocate()
    gradients.deallocate()
  }

  var buffers: [ParameterBuffer] {
    var start = 0
    return counts.indices.map { index in
      defer { start += counts[index] }
      return ParameterBuffer(
        name: names[index], values: values + start, gradients: gradients + start, count: counts[index],
        group: groups[index])
    }
  }

  var array: [Float] { Array(UnsafeBufferPointer(start: values, count: total)) }

  func fill(_ random: inout Philox) {
    for i in 0..<total {
      values[i] = Float(random.normal())
      gradients[i] = Float(random.normal())
    }
  }
}

@Suite("Optimisers")
struct OptimizerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var configuration: OptimizerConfiguration
    var clip: Double?
    var testDescription: String { name }

    init(
      _ name: String, _ rule: OptimizerConfiguration.Rule, clip: Double? = nil,
      _ change: (inout OptimizerConfiguration) -> Void
    ) {
      self.name = name
      self.clip = clip
      configuration = OptimizerConfiguration(rule)
      change(&configuration)
    }
  }

  static let cases: [Case] = [
    Case("adamw", .adamw) {
      $0.lr = 0.02
      $0.weightDecay = 0.1
    },
    Case("adamw-betas", .adamw) {
      $0.lr = 0.05
      $0.betas = [0.8, 0.95]
      $0.eps = 1e-3
    },
    Case("adam", .adam) { $0.lr = 0.02 },
    Case("adam-decay", .adam) {
      $0.lr = 0.02
      $0.weightDecay = 0.1
    },
    Case("sgd", .sgd) {
      $0.lr = 0.01
      $0.weightDecay = 0.1
    },
    Case("sgd-momentum", .sgd) {
      $0.lr = 0.01
      $0.momentum = 0.9
      $0.weightDecay = 0.1
    },
    Case("sgd-nesterov", .sgd) {
      $0.lr = 0.01
      $0.momentum = 0.9
      $0.nesterov = true
      $0.weightDecay = 0.1
    },
    Case("lion", .lion) {
      $0.lr = 0.003
      $0.weightDecay = 0.1
    },
    Case("clipped", .adamw, clip: 2) {
      $0.lr = 0.02
      $0.weightDecay = 0.1
    },
  ]

  /// Twenty steps of PyTorch's own (Golden/make.py). Each step rounds a few times at 6e-8 of the weight, and what was rounded
  /// while a weight was large stays when it is small: the bound is a millionth of the largest that it has been.
  @Test(arguments: cases)
  func stepsAreThoseOfTorch(_ test: Case) throws {
    let golden = try GoldenTable("optimizers.csv")
    let pool = ThreadPool(threads: 1)
    var largest = [Double](repeating: 0, count: 7)
    let weights = Weights(counts: [4, 3], groups: [0, 1])
    for i in 0..<7 { weights.values[i] = Float(golden["\(test.name)\(i)"][0]) }
    let optimizer = try Optimizer(
      test.configuration, parameters: weights.buffers, groups: ParameterGroup.decayedAndUndecayed, pool: pool)
    for step in 1...20 {
      for i in 0..<7 { weights.gradients[i] = Float(golden["g\(i)"][step]) }
      let norm = GradientNorm(of: weights.buffers, pool: pool)
      optimizer.step(weights.buffers, gradientScale: test.clip.map { norm.scale(clippingTo: $0) } ?? 1)
      for i in 0..<7 {
        let expected = golden["\(test.name)\(i)"][step]
        largest[i] = max(largest[i], abs(expected))
        #expect(
          abs(Double(weights.values[i]) - expected) <= 1e-6 * largest[i], "step \(step), weight \(i)")
      }
    }
  }

  static let cycles: [Case] = [
    Case("cycle-adamw", .adamw) {
      $0.lr = 0.02
      $0.weightDecay = 0.1
    },
    // A cycle brings a momentum to who has none.
    Case("cycle-sgd", .sgd) {
      $0.lr = 0.01
      $0.weightDecay = 0.1
    },
    Case("cycle-nesterov", .sgd) {
      $0.lr = 0.01
      $0.momentum = 0.5
      $0.nesterov = true
      $0.weightDecay = 0.1
    },
    Case("cycle-lion", .lion) {
      $0.lr = 0.003
      $0.weightDecay = 0.1
    },
  ]

  /// Twenty steps with PyTorch's `OneCycleLR`, which cycles momentum too, to the bound of the steps without; interrupted and gone on
  /// with in the middle.
  @Test(arguments: cycles)
  func cyclesAreThoseOfTorch(_ test: Case) throws {
    let golden = try GoldenTable("optimizers.csv")
    let pool = ThreadPool(threads: 1)
    let schedule = LearningRateSchedule(.oneCycle)
    let lr = test.configuration.lr
    let weights = Weights(counts: [4, 3], groups: [0, 1])
    var largest = [Double](repeating: 0, count: 7)
    for i in 0..<7 { weights.values[i] = Float(golden["\(test.name)\(i)"][0]) }
    func optimizer() throws -> Optimizer {
      try Optimizer(
        test.configuration, parameters: weights.buffers, groups: ParameterGroup.decayedAndUndecayed,
        cyclesMomentum: schedule.cyclesMomentum, pool: pool)
    }
    var own = try optimizer()
    for step in 1...20 {
      if step == 11 {
        let state = own.state
        own = try optimizer()
        try own.restore(state)
      }
      for i in 0..<7 { weights.gradients[i] = Float(golden["g\(i)"][step]) }
      own.step(
        weights.buffers, learningRate: schedule.learningRate(at: step - 1, lr: lr, planned: 20),
        momentum: schedule.momentum(at: step - 1, planned: 20))
      for i in 0..<7 {
        let expected = golden["\(test.name)\(i)"][step]
        largest[i] = max(largest[i], abs(expected))
        #expect(
          abs(Double(weights.values[i]) - expected) <= 1e-6 * largest[i], "step \(step), weight \(i)")
      }
    }
  }

  /// PyTorch's `AveragedModel`, whose first update copies.
  @Test func averageIsThatOfTorch() throws {
    let golden = try GoldenTable("optimizers.csv")
    let pool = ThreadPool(threads: 1)
    let weights = Weights(counts: [4, 3], groups: [0, 0])
    for i in 0..<7 { weights.values[i] = Float(golden["ema\(i)"][0]) }
    var configuration = OptimizerConfiguration(.sgd)
    configuration.lr = 0.01
    configuration.momentum = 0.9
    let optimizer = try Optimizer(configuration, parameters: weights.buffers, pool: pool)
    let average = try WeightAverage(decay: 0.9, parameters: weights.buffers, pool: pool)
    for step in 1...20 {
      for i in 0..<7 { weights.gradients[i] = Float(golden["g\(i)"][step]) }
      optimizer.step(weights.buffers)
      average.update(weights.buffers)
      let last = weights.array
      average.swap(weights.buffers)
      for i in 0..<7 {
        let expected = golden["ema\(i)"][step]
        #expect(abs(Double(weights.values[i]) - expected) <= 1e-6 * max(abs(expected), 0.1))
      }
      average.swap(weights.buffers)
      #expect(weights.array == last)
    }
  }

  /// Sizes around the slices' length, and none at all.
  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func threadsAndResumingChangeNoBit(_ rule: OptimizerConfiguration.Rule) throws {
    let counts = [0, 1, 8191, 8192, 8193, 40_001]
    var configuration = OptimizerConfiguration(rule)
    if rule == .sgd { configuration.momentum = 0.9 }
    func run(threads: Int, interruptedAt pause: Int?) throws -> [Float] {
      let pool = ThreadPool(threads: threads)
      var random = Philox(seed: 7)
      let weights = Weights(counts: counts, groups: [0, 1, 0, 1, 0, 1])
      weights.fill(&random)
      var optimizer = try Optimizer(
        configuration, parameters: weights.buffers, groups: ParameterGroup.decayedAndUndecayed, pool: pool)
      for step in 0..<6 {
        for i in 0..<weights.total { weights.gradients[i] = Float(random.normal()) }
        if step == pause {
          let state = optimizer.state
          optimizer = try Optimizer(
            configuration, parameters: weights.buffers, groups: ParameterGroup.decayedAndUndecayed, pool: pool
          )
          try optimizer.restore(state)
          #expect(optimizer.state == state && optimizer.stepCount == 3)
        }
        let norm = GradientNorm(of: weights.buffers, pool: pool)
        optimizer.step(weights.buffers, gradientScale: norm.scale(clippingTo: 50))
      }
      return weights.array
    }
    let single = try run(threads: 1, interruptedAt: nil)
    #expect(try run(threads: 3, interruptedAt: nil) == single)
    #expect(try run(threads: 2, interruptedAt: 3) == single)
  }

  @Test func strangeStatesAreRefused() throws {
    let pool = ThreadPool(threads: 1)
    let weights = Weights(counts: [3, 2], groups: [0, 0])
    let optimizer = try Optimizer(OptimizerConfiguration(.adam), parameters: weights.buffers, pool: pool)
    let state = optimizer.state
    var other = state
    other.moments[1].values.append(0)
    #expect(throws: TernError.self) { try optimizer.restore(other) }
    other = state
    other.moments.append(state.moments[0])
    #expect(throws: TernError.self) { try optimizer.restore(other) }
    other = state
    other.moments[0].parameter = "another"
    #expect(throws: TernError.self) { try optimizer.restore(other) }
    other = state
    other.rule = .lion
    #expect(throws: TernError.self) { try optimizer.restore(other) }
    #expect(optimizer.state == state)
  }

  /// As in PyTorch, where decay too passes over a parameter without a gradient.
  @Test func parametersWithoutGradientsStay() throws {
    let pool = ThreadPool(threads: 1)
    let weights = Weights(counts: [3, 2], groups: [0, 0])
    for i in 0..<5 {
      weights.values[i] = 1
      weights.gradients[i] = 2
    }
    var buffers = weights.buffers
    buffers[0] = ParameterBuffer(name: "p0", values: weights.values, gradients: nil, count: 3)
    let optimizer = try Optimizer(OptimizerConfiguration(.adamw), parameters: buffers, pool: pool)
    optimizer.step(buffers)
    #expect(Array(weights.array.prefix(3)) == [1, 1, 1] && weights.array[3] < 1)
    #expect(GradientNorm(of: buffers, pool: pool).value == 8.0.squareRoot())
  }

  @Test func normNamesWhatWentBad() {
    let pool = ThreadPool(threads: 2)
    let weights = Weights(counts: [9000, 20, 30], groups: [0, 0, 0])
    for i in 0..<weights.total { weights.gradients[i] = i % 2 == 0 ? 3 : -4 }
    let norm = GradientNorm(of: weights.buffers, pool: pool)
    // Squares of small whole numbers add up exactly.
    #expect(norm.value == (9050 * 12.5).squareRoot() && norm.nonFinite == nil)
    #expect(norm.scale(clippingTo: 1e6) == 1)
    weights.gradients[9005] = 1e30
    #expect(GradientNorm(of: weights.buffers, pool: pool).nonFinite == nil)
    weights.gradients[9025] = .infinity
    weights.gradients[9006] = .nan
    #expect(GradientNorm(of: weights.buffers, pool: pool).nonFinite == "p1")
  }

  @Test func configurationsAreHeldAgainstTheirRanges() throws {
    func decode(_ text: String) throws -> OptimizerConfiguration {
      try JSONDecoder().decode(OptimizerConfiguration.self, from: Data(text.utf8))
    }
    #expect(try decode("{}") == OptimizerConfiguration(.adamw))
    let adam = try decode(#"{"name": "adam", "lr": 0.02, "betas": [0.8, 0.9], "weight_decay": 0.1}"#)
    #expect(adam.betas == [0.8, 0.9] && adam.lr == 0.02 && adam.weightDecay == 0.1)
    #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: JSONEncoder().encode(adam)) == adam)
    for wrong in [
      #"{"name": "sgd", "betas": [0.9, 0.9]}"#, #"{"learning_rate": 1}"#, #"{"lr": -1}"#,
      #"{"betas": [0.9]}"#,
      #"{"betas": [0.9, 1]}"#, #"{"eps": 0}"#, #"{"weight_decay": -1}"#,
      #"{"name": "sgd", "nesterov": true}"#,
    ] {
      #expect(throws: TernError.self, "\(wrong)") { try decode(wrong) }
    }
  }

  /// One thread, a million weights: vectorised, a step is bound by memory. Adam reads and writes 28 bytes a weight, which takes about
  /// a nanosecond; a loop of single numbers with a call to `sqrtf` needs four and more.
  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func stepsAreVectorised(_ rule: OptimizerConfiguration.Rule) throws {
    let pool = ThreadPool(threads: 1)
    let weights = Weights(counts: [1 << 20], groups: [0])
    var random = Philox(seed: 1)
    for i in 0..<weights.total { weights.gradients[i] = Float(random.uniform()) }
    let optimizer = try Optimizer(OptimizerConfiguration(rule), parameters: weights.buffers, pool: pool)
    let best =
      (0..<20).map { _ in ContinuousClock().measure { optimizer.step(weights.buffers) } }.min() ?? .zero
    let nanoseconds = best / .nanoseconds(1) / Double(weights.total)
    print("optimiser \(rule.rawValue): \(nanoseconds) ns a weight")
    #expect(nanoseconds < 3)
  }
}
