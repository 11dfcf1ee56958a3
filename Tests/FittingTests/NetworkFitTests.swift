import FoundationEssentials
import Boosting
import Compute
import Diagnostics
import Layers
import Networks
import Optimizers
import Tensors
import Testing

@testable import Fitting

@Suite("Training a network")
struct NetworkFitTests {
  /// A training with everything that has a memory: dropout, momentum, an average, a schedule that answers to the score,
  /// accumulated batches.
  private static func everything(_ change: (inout FitConfiguration) -> Void = { _ in }) -> FitConfiguration {
    var configuration = FitConfiguration()
    configuration.batchSize = 16
    configuration.maxEpochs = 6
    configuration.patience = 0
    configuration.accumulationSteps = 2
    configuration.emaDecay = 0.9
    configuration.clipNorm = 1
    configuration.optimizer.lr = 0.02
    configuration.schedule = LearningRateSchedule(.plateau)
    configuration.schedule.patience = 0
    configuration.schedule.factor = 0.5
    change(&configuration)
    return configuration
  }

  private static func fit(
    _ network: SmallNetwork, _ configuration: FitConfiguration, _ table: FitTable = line(rows: 90),
    loss: LossConfiguration = LossConfiguration(.mse), threads: Int = 1, seed: UInt64 = 5
  ) throws -> NetworkFit<SmallNetwork> {
    try NetworkFit(
      network, configuration, train: table, loss: loss, seed: seed,
      workspace: Workspace(pool: ThreadPool(threads: threads)))
  }

  @Test("finds a line, and keeps the weights of the best epoch")
  func findsALine() throws {
    let table = line(rows: 400)
    let held = line(rows: 100, seed: 12)
    var configuration = FitConfiguration()
    configuration.batchSize = 32
    configuration.maxEpochs = 60
    configuration.optimizer.lr = 0.02
    let network = try SmallNetwork(inputs: 2, width: 16)
    let fit = try Self.fit(network, configuration, table)
    var best = Double.infinity
    let score = rootMeanSquare(held)
    try fit.run(
      validation: held.rows, score: score,
      onEpoch: { (summary) throws(TernError) in best = min(best, summary.score ?? .infinity) })
    // The targets' deviation is 2.2; the network only bends a line a little.
    #expect(best < 0.1)
    let margins = NetworkFit.margins(
      of: network, held.rows, workspace: Workspace(pool: ThreadPool(threads: 1)))
    #expect(try score.measure(margins) == best)
    #expect(fit.position.losses.count == fit.position.epoch && fit.isFinished)
    #expect(fit.position.losses.last ?? 9 < (fit.position.losses.first ?? 0) / 10)
  }

  @Test("gives the same bits on one thread and on two")
  func threads() throws {
    let runs = try [1, 2].map { threads in
      let network = try SmallNetwork(inputs: 2, dropout: 0.2)
      let fit = try Self.fit(network, Self.everything(), threads: threads)
      try fit.run(validation: line(rows: 30, seed: 3).rows, score: rootMeanSquare(line(rows: 30, seed: 3)))
      return (network.values, fit.state)
    }
    #expect(runs[0].0 == runs[1].0)
    #expect(runs[0].1 == runs[1].1)
    let other = try SmallNetwork(inputs: 2, dropout: 0.2)
    try Self.fit(other, Self.everything(), seed: 6).run()
    #expect(other.values != runs[0].0)
  }

  @Test("goes on from any step to the same bits", arguments: [1, 2, 3, 7, 16])
  func resumes(stop: Int) throws {
    let held = line(rows: 30, seed: 3)
    let whole = try SmallNetwork(inputs: 2, dropout: 0.2)
    let uninterrupted = try Self.fit(whole, Self.everything())
    try uninterrupted.run(validation: held.rows, score: rootMeanSquare(held))

    let first = try Self.fit(try SmallNetwork(inputs: 2, dropout: 0.2), Self.everything())
    var steps = 0
    let ended = try first.run(
      validation: held.rows, score: rootMeanSquare(held),
      onStep: { (_, _, _, _) throws(TernError) in steps += 1 }, shouldStop: { steps == stop })
    #expect(!ended && steps == stop)

    let resumed = try SmallNetwork(inputs: 2, dropout: 0.2, seed: 99)
    let second = try Self.fit(resumed, Self.everything())
    try second.restore(first.state)
    try second.run(validation: held.rows, score: rootMeanSquare(held))
    #expect(resumed.values == whole.values)
    #expect(second.state == uninterrupted.state)
  }

  /// Plain sgd has a velocity only because the cycle brings a momentum.
  @Test("goes on in a cycle of momentum to the same bits", arguments: [1, 5, 16], [true, false])
  func resumesCycles(stop: Int, cycles: Bool) throws {
    let configuration = Self.everything {
      $0.optimizer = OptimizerConfiguration(.sgd)
      $0.optimizer.lr = 0.01
      $0.schedule = LearningRateSchedule(.oneCycle)
      $0.schedule.cycleMomentum = cycles
    }
    let whole = try SmallNetwork(inputs: 2, dropout: 0.2)
    let uninterrupted = try Self.fit(whole, configuration)
    try uninterrupted.run()
    #expect(uninterrupted.state.optimizer.moments.isEmpty != cycles)
    let first = try Self.fit(try SmallNetwork(inputs: 2, dropout: 0.2), configuration)
    var steps = 0
    try first.run(
      onStep: { (_, _, _, _) throws(TernError) in steps += 1 }, shouldStop: { steps == stop })
    let resumed = try SmallNetwork(inputs: 2, dropout: 0.2, seed: 99)
    let second = try Self.fit(resumed, configuration)
    try second.restore(first.state)
    try second.run()
    #expect(resumed.values == whole.values && second.state == uninterrupted.state)
  }

  @Test("stands still behind epochs and goes on to the same bits")
  func standsStill() throws {
    let held = line(rows: 30, seed: 3)
    let whole = try SmallNetwork(inputs: 2, dropout: 0.2)
    let uninterrupted = try Self.fit(whole, Self.everything())
    try uninterrupted.run(validation: held.rows, score: rootMeanSquare(held))
    let network = try SmallNetwork(inputs: 2, dropout: 0.2)
    let fit = try Self.fit(network, Self.everything())
    for epoch in 1...6 {
      let ended = try fit.run(validation: held.rows, score: rootMeanSquare(held), epochs: epoch)
      #expect(ended == (epoch == 6) && fit.position.epoch == epoch && fit.position.batch == 0)
    }
    #expect(network.values == whole.values && fit.state == uninterrupted.state)
  }

  @Test("ends when the score has stood still for the patience given")
  func patience() throws {
    let held = line(rows: 20, seed: 3)
    var scores = [3.0, 2, 4, 2, 1.95, 5, 5, 5, 0]
    scores.reverse()
    let network = try SmallNetwork(inputs: 2)
    let configuration = Self.everything {
      $0.patience = 3
      $0.minDelta = 0.1
      $0.maxEpochs = 20
    }
    let fit = try Self.fit(network, configuration)
    let score = FitScore(name: "given", isHigherBetter: false) { _ in scores.removeLast() }
    try fit.run(validation: held.rows, score: score)
    // 1.95 is no better than 2 by 0.1: epochs 2, 3 and 4 do not count, and the fifth is never run.
    #expect(fit.position.scores == [3, 2, 4, 2, 1.95])
    #expect(fit.position.best == EarlyStopping.Best(round: 1, score: 2))
  }

  @Test("names the step and the tensor when it diverges")
  func diverges() throws {
    let network = try SmallNetwork(inputs: 2)
    let fit = try Self.fit(
      network,
      Self.everything {
        $0.optimizer = OptimizerConfiguration(.sgd)
        $0.optimizer.lr = 1e30
        $0.clipNorm = 0
        $0.schedule = LearningRateSchedule()
      })
    let error = #expect(throws: TernError.self) { try fit.run() }
    #expect(error?.kind == .data && error?.key?.hasPrefix("step ") == true)
    #expect(error?.message.contains("diverged") == true && error?.found?.contains("epoch 1") == true)

    var spoilt = line(rows: 40)
    var numbers = spoilt.rows.numeric
    numbers[7] = .nan
    spoilt = FitTable(
      rows: FitRows(inputs: spoilt.rows.inputs, numeric: numbers, categories: [], count: 40),
      targets: spoilt.targets)
    let second = #expect(throws: TernError.self) { try Self.fit(network, Self.everything(), spoilt).run() }
    #expect(second?.found?.contains("the numeric inputs") == true)
  }

  @Test("weights of rows count as often as the rows are repeated")
  func weights() throws {
    let table = line(rows: 12)
    let weights: [Float] = (0..<12).map { Float($0 % 3) }
    var (numbers, targets): ([Float], [Float]) = ([], [])
    for row in 0..<12 {
      for _ in 0..<Int(weights[row]) {
        numbers += table.rows.numeric[2 * row..<2 * row + 2]
        targets.append(table.targets[row])
      }
    }
    let repeated = FitTable(
      rows: FitRows(
        inputs: table.rows.inputs, numeric: numbers, categories: [], count: targets.count),
      targets: targets)
    var configuration = FitConfiguration()
    configuration.batchSize = 64
    configuration.maxEpochs = 3
    let networks = try [FitTable(rows: table.rows, targets: table.targets, weights: weights), repeated].map {
      let network = try SmallNetwork(inputs: 2)
      try Self.fit(network, configuration, $0).run()
      return network.values
    }
    // Sums in another order, three steps of Adam.
    for (a, b) in zip(networks[0], networks[1]) { #expect(abs(a - b) < 1e-5) }
  }

  @Test("separates classes with one margin, and with one for each class")
  func classes() throws {
    let table = line(rows: 300)
    let labelled = FitTable(rows: table.rows, targets: table.targets.map { $0 > 0.5 ? 1 : 0 })
    for (loss, outputs) in [
      (LossConfiguration(.crossEntropy), 1), (.init(.crossEntropy), 2), (.init(.focal), 1),
      (.init(.focal), 2),
    ] {
      let network = try SmallNetwork(inputs: 2, outputs: outputs)
      var configuration = FitConfiguration()
      configuration.batchSize = 32
      configuration.maxEpochs = 30
      configuration.optimizer.lr = 0.02
      try Self.fit(network, configuration, labelled, loss: loss).run()
      let margins = NetworkFit.margins(
        of: network, labelled.rows, workspace: Workspace(pool: ThreadPool(threads: 1)))
      let right = (0..<300).filter { row in
        let difference = outputs == 1 ? margins[row] : margins[2 * row + 1] - margins[2 * row]
        return (difference > 0) == (labelled.targets[row] > 0.5)
      }
      #expect(right.count > 285, "\(loss.name) with \(outputs) margins")
    }
  }

  @Test("refuses the state of another network and leaves everything as it was")
  func otherState() throws {
    let wide = try Self.fit(try SmallNetwork(inputs: 2, width: 9), Self.everything())
    let network = try SmallNetwork(inputs: 2)
    let before = network.values
    let fit = try Self.fit(network, Self.everything())
    #expect(throws: TernError.self) { try fit.restore(wide.state) }
    let plain = try Self.fit(try SmallNetwork(inputs: 2), Self.everything { $0.emaDecay = 0 })
    #expect(throws: TernError.self) { try fit.restore(plain.state) }
    #expect(network.values == before)
  }

  @Test(
    "configurations refuse what they do not know",
    arguments: [
      (#"{"batch_sise":3}"#, "batch_sise"), (#"{"batch_size":0}"#, "batch_size"),
      (#"{"loss":{"name":"mse","delta":1}}"#, "delta"), (#"{"optimizer":{"lr":-1}}"#, "lr"),
      (#"{"ema_decay":1}"#, "ema_decay"),
    ])
  func configurations(text: String, key: String) {
    let error = #expect(throws: TernError.self) {
      do { _ = try JSONDecoder().decode(FitConfiguration.self, from: Data(text.utf8)) } catch let error
        as DecodingError
      { throw TernError(.configuration, "\(error)") }
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains(key))
  }
}
