import Autograd
import Boosting
import Compute
import Diagnostics
import Layers
import Networks
import Optimizers
import Tensors

/// Trains a network over rows of a table, step by step; the same seed gives the same bits on any number of threads.
///
/// ```swift
/// let fit = try NetworkFit(network, configuration, train: table, loss: loss, seed: 7, workspace: workspace)
/// try fit.run(validation: rows, score: score)   // the network holds the best weights afterwards
/// ```
public final class NetworkFit<Network: TabularNetwork> {
  /// The network, whose parameters are trained in place.
  public let network: Network
  /// How it is trained.
  public let configuration: FitConfiguration
  /// Where training is.
  public private(set) var position = FitState.Position()

  private let table: FitTable
  private let scoreIsHigherBetter: Bool
  private let seed: UInt64
  private let workspace: Workspace
  private let loss: TrainingLoss
  private let tape: Tape
  private let trainable: [Parameter]
  private let groups: [Int]
  private let optimizer: Optimizer
  private let average: WeightAverage?
  private let order: BatchOrder
  private let stepsOfEpoch: Int
  private var rates: LearningRateControl
  private var stopping: EarlyStopping
  private var best = BestWeights()

  /// Prepares a training.
  /// - Parameters:
  ///   - classWeights: weight of each class; nil counts all alike.
  ///   - scoreIsHigherBetter: what the score of `run` will say, for a schedule that answers to it.
  /// - Throws: `TernError` of kind `configuration` for a number out of range, `data` for a table without rows.
  public init(
    _ network: Network, _ configuration: FitConfiguration, train table: FitTable, loss: LossConfiguration,
    classWeights: [Float]? = nil, scoreIsHigherBetter: Bool = false, seed: UInt64, workspace: Workspace
  ) throws(TernError) {
    try configuration.validate()
    try loss.validate(prefix: ["loss"])
    guard table.rows.count > 0 else { throw TernError(.data, "there are no rows to train on") }
    self.network = network
    self.configuration = configuration
    self.table = table
    self.scoreIsHigherBetter = scoreIsHigherBetter
    self.seed = seed
    self.workspace = workspace
    self.loss = TrainingLoss(configuration: loss, outputs: network.outputs, classWeights: classWeights)
    tape = Tape(workspace, seed: seed)
    trainable = network.parameters.trainable
    groups = trainable.map { network.decays($0) ? 0 : 1 }
    let buffers = NetworkFit.buffers(trainable, groups)
    optimizer = try Optimizer(
      configuration.optimizer, parameters: buffers, groups: ParameterGroup.decayedAndUndecayed,
      cyclesMomentum: configuration.schedule.cyclesMomentum, pool: workspace.pool)
    average =
      configuration.emaDecay > 0
      ? try WeightAverage(decay: configuration.emaDecay, parameters: buffers, pool: workspace.pool) : nil
    // A last batch of a single row has no statistics to be normalised with.
    let isLonely = table.rows.count % configuration.batchSize == 1
    order = BatchOrder(
      rowCount: table.rows.count, batchSize: configuration.batchSize, seed: seed,
      tail: configuration.dropLast ? .drop : isLonely ? .merge : .keep)
    stepsOfEpoch =
      (order.batchCount + configuration.accumulationSteps - 1) / configuration.accumulationSteps
    rates = LearningRateControl(
      configuration.schedule, lr: configuration.optimizer.lr,
      plannedSteps: stepsOfEpoch * configuration.maxEpochs, plannedEpochs: configuration.maxEpochs,
      isHigherBetter: scoreIsHigherBetter)
    stopping = EarlyStopping(
      patience: configuration.patience, minDelta: configuration.minDelta, isHigherBetter: scoreIsHigherBetter)
  }

  /// Whether training is over: all epochs are done, or the score has stood still for long enough.
  public var isFinished: Bool {
    if position.batch > 0 { return false }
    if position.epoch >= configuration.maxEpochs { return true }
    guard position.best != nil else { return false }
    var judged = stopping
    return judged.hasStopped(round: position.epoch - 1)
  }

  /// Trains to the end, or until a stop is asked for.
  ///
  /// With a score the network holds the weights of its best epoch when training has ended, else the last ones (the moving
  /// average where there is one). A training that was stopped keeps the weights it had: `state` then goes on.
  /// - Parameters:
  ///   - validation: rows that are scored after every epoch.
  ///   - score: how; nil without validation rows.
  ///   - onEpoch: told of every epoch, when its state is complete.
  ///   - onStep: told of every step: epoch, batches done, batches of the epoch, mean loss so far.
  ///   - shouldStop: asked before every step.
  ///   - epochs: stands still behind so many epochs, those of before counted, and goes on when called again.
  /// - Returns: whether training has ended.
  /// - Throws: `TernError` of kind `data` when a loss or a gradient is not a number, naming the step and the tensor.
  @discardableResult
  public func run(
    validation: FitRows? = nil, score: FitScore? = nil,
    onStep: (_ epoch: Int, _ batch: Int, _ batches: Int, _ loss: Double) throws(TernError) -> Void = {
      (_, _, _, _) throws(TernError) in
    },
    onEpoch: (EpochSummary) throws(TernError) -> Void = { (_) throws(TernError) in },
    shouldStop: () -> Bool = { false }, epochs: Int = .max
  ) throws(TernError) -> Bool {
    precondition((validation == nil) == (score == nil), "validation rows are scored")
    precondition(
      (score?.isHigherBetter ?? scoreIsHigherBetter) == scoreIsHigherBetter,
      "the score is another than was announced")
    while !isFinished {
      guard position.epoch < epochs, try trainEpoch(onStep, shouldStop) else { return false }
      try onEpoch(try endEpoch(validation, score))
    }
    if position.best != nil {
      best.restore(all)
      markChanged()
    } else {
      average?.swap(NetworkFit.buffers(trainable, groups))
      markChanged()
    }
    return true
  }

  /// Trains with ever larger learning rates until the loss explodes or the search has its steps. The weights are of no use
  /// afterwards.
  public func search(_ finder: inout LearningRateFinder) throws(TernError) {
    while finder.nextLearningRate != nil {
      let queue = BatchQueue(table, order, epoch: position.epoch, from: 0, hasLabels: loss.hasLabels)
      while let rate = finder.nextLearningRate, let batch = try queue.next() {
        // What is no number any more fails a training, but only ends a search.
        do throws(TernError) {
          let value = try accumulate(batch, share: 1)
          try step(learningRate: rate)
          finder.record(loss: value)
        } catch {
          finder.record(loss: .nan)
        }
      }
      position.epoch += 1
    }
  }

  // One epoch

  private func trainEpoch(
    _ onStep: (Int, Int, Int, Double) throws(TernError) -> Void, _ shouldStop: () -> Bool
  ) throws(TernError) -> Bool {
    let batches = order.batchCount
    let queue = BatchQueue(
      table, order, epoch: position.epoch, from: position.batch, hasLabels: loss.hasLabels)
    // A state is taken between optimiser steps, so that no half-added gradient belongs to it.
    while position.batch < batches {
      if shouldStop() { return false }
      let group = min(configuration.accumulationSteps, batches - position.batch)
      for _ in 0..<group {
        guard let batch = try queue.next() else { preconditionFailure("a plan has its batches") }
        _ = try accumulate(batch, share: 1 / Float(group))
      }
      try step(
        learningRate: rates.learningRate(step: position.step, epoch: position.epoch),
        momentum: rates.momentum(step: position.step, epoch: position.epoch))
      position.batch += group
      try onStep(
        position.epoch, position.batch, batches, position.loss.value ?? .nan)
    }
    return true
  }

  /// Adds the gradients of a batch.
  /// - Returns: its loss, without what the network asks to be added.
  private func accumulate(_ batch: Batch, share: Float) throws(TernError) -> Double {
    // Every batch has dropout of its own, whatever number of batches makes a step.
    tape.begin(step: UInt64(position.epoch) << 32 | UInt64(position.loss.weight))
    let output = network(batch.rows, on: tape)
    let task = loss(output.prediction, batch, on: tape)
    let total = output.penalty.map { tape.add(task, $0) } ?? task
    let value = Double(tape.tensor(task).scalar)
    guard value.isFinite, tape.tensor(total).scalar.isFinite else {
      throw failure("the loss", tape.tensor(output.prediction).elements)
    }
    tape.backward(total, scale: share)
    position.loss.add(value, weight: Double(batch.count))
    return value
  }

  private func step(learningRate: Double, momentum: Double? = nil) throws(TernError) {
    for parameter in trainable where parameter.gradient == nil {
      parameter.gradient = workspace.filled(parameter.shape)
    }
    let buffers = NetworkFit.buffers(trainable, groups)
    let norm = GradientNorm(of: buffers, pool: workspace.pool)
    if let name = norm.nonFinite { throw failure("the gradient of \(name)", []) }
    position.learningRate = learningRate
    optimizer.step(
      buffers, learningRate: position.learningRate, momentum: momentum,
      gradientScale: configuration.clipNorm > 0 ? norm.scale(clippingTo: configuration.clipNorm) : 1)
    network.parameters.clearGradients()
    markChanged()
    average?.update(buffers)
    position.step += 1
  }

  private func endEpoch(_ validation: FitRows?, _ score: FitScore?) throws(TernError) -> EpochSummary {
    let mean = position.loss.value ?? .nan
    var value: Double?
    var isBest = false
    if let validation, let score {
      let buffers = NetworkFit.buffers(trainable, groups)
      average?.swap(buffers)
      markChanged()
      defer {
        average?.swap(buffers)
        markChanged()
      }
      let measured = try score.measure(NetworkFit.margins(of: network, validation, workspace: workspace))
      guard measured.isFinite else { throw failure("the validation \(score.name)", []) }
      value = measured
      _ = stopping.shouldStop(round: position.epoch, scores: [measured])
      isBest = stopping.bestRound == position.epoch
      if isBest {
        position.best = stopping.best[0]
        best.keep(all, epoch: position.epoch)
      }
      rates.endEpoch(metric: measured)
      position.scores.append(measured)
    }
    position.losses.append(mean)
    position.learningRates.append(position.learningRate)
    let summary = EpochSummary(
      epoch: position.epoch, loss: mean, score: value, isBest: isBest,
      learningRate: position.learningRate)
    position.epoch += 1
    position.batch = 0
    position.loss = RunningMean()
    return summary
  }

  /// The error for something that is no number any more, naming the first tensor that shows it.
  private func failure(_ what: String, _ prediction: [Float]) -> TernError {
    let parameter = network.parameters.all.first { !$0.value.elements.allSatisfy(\.isFinite) }
    let input = table.rows.numeric.allSatisfy(\.isFinite) ? nil : "the numeric inputs"
    let output = prediction.allSatisfy(\.isFinite) ? nil : "the prediction"
    let bad = input ?? parameter.map { "the parameter \($0.name)" } ?? output ?? what
    return TernError(
      .data, "training has diverged: \(what) is not a finite number", key: "step \(position.step + 1)",
      found: "epoch \(position.epoch + 1), batch \(position.batch + 1); the first bad tensor is \(bad)",
      expected: "finite numbers; a lower lr or clip_norm may help")
  }

  /// All parameters, statistics included.
  private var all: [ParameterBuffer] {
    let all = network.parameters.all
    return NetworkFit.buffers(all, all.map { _ in 0 })
  }

  private func markChanged() {
    for parameter in trainable { parameter.changed() }
  }

  private func restore(_ values: [[Float]]) {
    for (parameter, values) in zip(network.parameters.all, values) {
      parameter.assign(Tensor(values, parameter.shape))
    }
  }

  private static func buffers(_ parameters: [Parameter], _ groups: [Int]) -> [ParameterBuffer] {
    zip(parameters, groups).map { parameter, group in
      let gradient = parameter.gradient?.pointer ?? parameter.value.pointer
      return ParameterBuffer(
        name: parameter.name, values: parameter.value.pointer, gradients: gradient,
        count: parameter.value.count, group: group)
    }
  }
}

extension NetworkFit {
  /// The margins `(row, output)` that a network gives for rows, in batches.
  public static func margins(of network: Network, _ rows: FitRows, workspace: Workspace) -> [Float] {
    let eager = Eager(workspace)
    var margins: [Float] = []
    let order = BatchOrder(rowCount: rows.count, batchSize: 1024, seed: 0, isShuffled: false)
    for batch in 0..<order.batchCount {
      let input = TabularBatch(rows, rows: order.places(ofBatch: batch).map(Int32.init))
      margins += eager.tensor(network(input, on: eager).prediction).elements
    }
    return margins
  }

  /// The state after the latest step.
  public var state: FitState {
    let weights = network.parameters.values
    var position = position
    position.averageUpdates = average?.updateCount ?? 0
    position.plateau = rates.plateau
    return FitState(
      position: position, weights: weights, optimizer: optimizer.state,
      average: average?.values ?? [],
      best: zip(weights, best.values).map { ParameterValues(name: $0.name, shape: $0.shape, values: $1) })
  }

  /// Goes on from a state.
  /// - Throws: `TernError` of kind `data` when it belongs to another network or configuration; nothing is changed then.
  public func restore(_ state: FitState) throws(TernError) {
    let all = network.parameters.all
    for (key, weights) in [("weights", state.weights), ("best", state.best)] {
      if key == "best", weights.isEmpty { continue }
      guard weights.map(\.name) == all.map(\.name), weights.map(\.shape) == all.map(\.shape.list),
        zip(weights, all).allSatisfy({ $0.values.count == $1.value.count })
      else {
        throw TernError(
          .data, "the state belongs to another network", key: key, found: "\(weights.count) tensors",
          expected: "the \(all.count) of the network")
      }
    }
    guard state.average.isEmpty == (average == nil) else {
      throw TernError(.data, "the state has another ema_decay", key: "ema_decay")
    }
    guard state.best.isEmpty == (state.position.best == nil) else {
      throw TernError(.data, "the best epoch and its weights contradict each other", key: "best")
    }
    try rates.restore(plateau: state.position.plateau)
    try optimizer.restore(state.optimizer)
    try average?.restore(values: state.average, updateCount: state.position.averageUpdates)
    restore(state.weights.map(\.values))
    stopping.best = [state.position.best ?? EarlyStopping.Best()]
    best =
      state.position.best.map { BestWeights(epoch: $0.round, values: state.best.map(\.values)) }
      ?? BestWeights()
    position = state.position
  }
}
