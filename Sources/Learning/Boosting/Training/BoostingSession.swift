import Compute
import Diagnostics
import Trees

/// One training run: round after round of derivatives, trees, margins and metrics.
struct BoostingSession: BoostingRun {
  let configuration: BoostingConfiguration
  /// Rounds done, those of an initial forest not counted.
  var round = 0
  /// The last metrics, for a progress line.
  private(set) var remark = ""
  /// Whether an interrupted run had already ended.
  private(set) var isStopped = false

  let dataset: BinnedDataset
  let header: Forest.Header
  /// Rounds of the forest that training went on from.
  let initialRounds: Int
  let pool: ThreadPool
  private let objective: any TrainingObjective
  /// What grows trees: one with all threads, or as many with one thread each as grow the trees of several outputs side by side.
  private let growers: [any TreeMaking]
  /// Trees and weights of a training with dropout.
  var dropout: TreeDropout?
  /// Rows that train, increasing, and rows of the data set that never do.
  private let rows: [Int32]
  private let unused: [Int32]
  var margins: [Float]
  private let derivatives: Storage<SIMD2<Float>>
  private var sample: RowSample
  var nodes: ForestNodes
  var train: Evaluator
  var valid: Evaluator?
  var validRows: [Float] = []
  var validMargins: [Float] = []
  var stopping: EarlyStopping

  /// Sets a run up.
  ///
  /// - Parameter columns: (features)(data set rows), needed to go on from an initial forest.
  init(
    configuration given: BoostingConfiguration, dataset: BinnedDataset, columns: [[Float]]?,
    rows selection: [Int32]?, valid table: TrainingTable?, options: BoostingOptions, pool: ThreadPool
  ) throws(TernError) {
    var configuration = ObjectiveChoice.completed(given)
    if let custom = options.objective {
      configuration.objective = .custom
      configuration.numClass = custom.outputs > 1 ? custom.outputs : 0
    }
    if configuration.earlyStoppingRounds > 0, table == nil {
      throw TernError(
        .configuration, "early stopping needs validation rows", key: "early_stopping_rounds",
        found: "\(configuration.earlyStoppingRounds)", expected: "0 without validation rows")
    }
    try configuration.validateGrowth(features: dataset.features)
    let rows = try BoostingSession.checked(selection, count: dataset.rows)
    let training = try BoostingSession.trainingRows(
      dataset, selection: selection == nil ? nil : rows, configuration: configuration)
    let objective = try ObjectiveChoice.objective(
      configuration, rows: training, queryNumbers: dataset.queries, custom: options.objective)
    configuration = ObjectiveChoice.completed(configuration, outputs: objective.outputs)
    let start = try BoostingSession.start(
      objective, configuration: configuration, dataset: dataset, columns: columns, options: options,
      pool: pool)
    header = start.header
    initialRounds = start.nodes.rounds(
      outputs: start.header.outputs * configuration.growth.numParallelTree)
    nodes = start.nodes
    margins = start.margins
    // Of a custom loss nothing is known: the error of one number is shown unless the caller brings metrics.
    let isSilent = options.objective != nil && (!options.metrics.isEmpty || objective.outputs > 1)
    let metrics = configuration.metrics.isEmpty && isSilent ? [] : configuration.effectiveMetrics
    if configuration.earlyStoppingRounds > 0, metrics.isEmpty, options.metrics.isEmpty {
      throw TernError(
        .configuration, "early stopping needs a metric", key: "metric",
        expected: "a metric of the custom loss")
    }
    let labelled = LabelledRows(
      labels: training.labels, weights: training.weights,
      queries: dataset.queries.map { all in QueryGroups(queries: rows.map { all[Int($0)] }) })
    train = Evaluator(
      name: "train", metrics: metrics, custom: options.metrics, rows: labelled, header: header,
      settings: configuration.objectiveSettings)
    derivatives = Storage(dataset.rows * objective.outputs, initial: .zero)
    if objective.leafRefit != nil { try configuration.validateRefittedLeaves() }
    growers = try BoostingSession.growers(
      dataset: dataset, rows: rows.count, outputs: objective.outputs, configuration: configuration, pool: pool
    )
    if configuration.growth.boosting == .dart {
      dropout = TreeDropout(
        configuration: configuration, roundTrees: objective.outputs * configuration.growth.numParallelTree)
    }
    sample = RowSample(
      configuration: configuration, rows: rows, labels: dataset.labels, pool: pool)
    var isTraining = [Bool](repeating: false, count: dataset.rows)
    for row in rows { isTraining[Int(row)] = true }
    unused = rows.count == dataset.rows ? [] : (0..<Int32(dataset.rows)).filter { !isTraining[Int($0)] }
    stopping = EarlyStopping(configuration: configuration, metrics: train.metrics)
    self.configuration = configuration
    self.dataset = dataset
    self.pool = pool
    self.objective = objective
    self.rows = rows
    if let table { try addValidation(table, options: options) }
    if let snapshot = options.snapshot { try restore(snapshot) }
    sample.restore(round: initialRounds + round)
  }

  private mutating func addValidation(_ table: TrainingTable, options: BoostingOptions) throws(TernError) {
    try table.validate()
    guard table.featureNames == dataset.featureNames else {
      throw TernError(
        .data, "the validation table has other columns than the training table",
        found: "\(table.features) columns", expected: dataset.featureNames.joined(separator: ", "))
    }
    try objective.check(validation: table.labels)
    valid = Evaluator(
      name: "valid", metrics: train.metrics.filter { $0.kind != .custom }, custom: options.metrics,
      rows: LabelledRows(
        labels: table.labels, weights: table.weights, queries: table.queries.map { QueryGroups(queries: $0) }),
      header: header, settings: configuration.objectiveSettings)
    validRows = [Float](repeating: 0, count: table.rows * table.features)
    for (feature, column) in table.columns.enumerated() {
      for row in 0..<table.rows { validRows[row * table.features + feature] = column[row] }
    }
    validMargins = try BoostingSession.validMargins(
      table, header: header, dataset: dataset, options: options, pool: pool)
  }

  /// Trains one round; false when no more rounds make sense.
  /// - Throws: `TernError(.data)` if training diverged.
  mutating func boost() throws(TernError) -> Bool {
    let absolute = initialRounds + round
    dropout?.draw(round: absolute)
    addDropped(factor: -1)
    let trees = try growTrees(round: absolute)
    if configuration.style == .lightgbm, absolute > 0, trees.allSatisfy({ $0.nodes.count == 1 }) {
      // LightGBM stops at the first round without a split; such trees are zero and nothing was added.
      addDropped(factor: 1)
      return false
    }
    if dropout != nil {
      dropout?.add(trees)
      addNewAndDropped(count: trees.count)
    } else {
      for tree in trees { nodes.append(tree: tree.nodes) }
    }
    round += 1
    return !evaluate(trees)
  }

  /// Grows the trees of a round, output-minor, and adds them to the margins unless their weights are still to come.
  private mutating func growTrees(round absolute: Int) throws(TernError) -> [GrownTree] {
    let outputs = header.outputs
    let parallel = configuration.growth.numParallelTree
    for grower in growers {
      grower.rate = dropout?.learningRate ?? configuration.learningRate / Double(parallel)
    }
    computeDerivatives(margins)
    let isSeenAgain = objective.leafRefit != nil || (parallel > 1 && sample.weighsDerivatives)
    let before = isSeenAgain ? margins : []
    var trees: [GrownTree] = []
    for forestTree in 0..<parallel {
      // Sampling may have weighed the derivatives for the tree before.
      if forestTree > 0, sample.weighsDerivatives { computeDerivatives(before) }
      sample.draw(
        step: absolute * parallel + forestTree, round: absolute, derivatives: derivatives.pointer,
        outputs: outputs, total: dataset.rows)
      trees += try growOutputs(first: absolute * outputs * parallel + trees.count, before: before)
    }
    return trees
  }

  private func computeDerivatives(_ margins: [Float]) {
    margins.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      objective.derivatives(
        margins: UnsafeMutablePointer(mutating: base), into: derivatives.pointer, pool: pool)
    }
  }

  /// Grows a tree of each output.
  /// - Parameters:
  ///   - first: number of the first tree.
  ///   - before: the margins that leaves are refitted to.
  private mutating func growOutputs(first: Int, before: [Float]) throws(TernError) -> [GrownTree] {
    let outputs = header.outputs
    let outside = sample.left + unused
    let isAdded = dropout == nil
    let (growers, derivatives, chosen, refit, stride) = (
      self.growers, derivatives.pointer, sample.chosen, objective.leafRefit, dataset.rows
    )
    var results: [Result<GrownTree, TernError>?] = Array(repeating: nil, count: outputs)
    let pool = pool
    margins.withUnsafeMutableBufferPointer { margins in
      guard let margins = margins.baseAddress.map(SharedPointer.init) else { return }
      results.withUnsafeMutableBufferPointer { results in
        nonisolated(unsafe) let results = results
        pool.parallelFor(count: growers.count) { number, _ in
          let grower = growers[number]
          for output in Swift.stride(from: number, to: outputs, by: growers.count) {
            results[output] = Result { () throws(TernError) in
              var tree = try grower.grow(
                derivatives: derivatives + output * stride, rows: chosen, tree: first + output)
              if let refit { grower.refit(&tree, refit, margins: before) }
              if isAdded {
                grower.add(tree, to: margins.pointer, output: output, outputs: outputs, outside: outside)
              }
              return tree
            }
          }
        }
      }
    }
    var trees: [GrownTree] = []
    for result in results { if let result { trees.append(try result.get()) } }
    return trees
  }

  /// Records the metrics of the round; true if training should stop early.
  private mutating func evaluate(_ trees: [GrownTree]) -> Bool {
    remark = ""
    if configuration.trainMetric {
      recordTrain()
      remark = "train " + describe(train)
    }
    guard valid != nil else { return false }
    if dropout == nil {
      var roundNodes = ForestNodes()
      for tree in trees { roundNodes.append(tree: tree.nodes) }
      ForestSlice(nodes: roundNodes, outputs: header.outputs).add(
        rowMajor: validRows, features: dataset.features, to: &validMargins, pool: self.pool)
    }
    let (now, pool) = (validMargins, pool)
    let scores = valid?.record(margins: now, pool: pool) ?? []
    if let valid { remark += (remark.isEmpty ? "" : ", ") + "valid " + describe(valid) }
    isStopped = stopping.shouldStop(round: round - 1, scores: scores)
    return isStopped
  }

  private mutating func recordTrain() {
    if unused.isEmpty {
      _ = train.record(margins: margins, pool: pool)
      return
    }
    let outputs = header.outputs
    var own: [Float] = []
    own.reserveCapacity(rows.count * outputs)
    for row in rows { own += margins[Int(row) * outputs..<(Int(row) + 1) * outputs] }
    _ = train.record(margins: own, pool: pool)
  }

  private func describe(_ evaluator: Evaluator) -> String {
    zip(evaluator.metrics, evaluator.history).map { metric, values in
      "\(metric.rawValue) \(((values.last ?? .nan) * 1e6).rounded() / 1e6)"
    }.joined(separator: " ")
  }

  /// The metrics of the last round.
  var latest: [BoostingResult.Series] {
    ((configuration.trainMetric ? train.series : []) + (valid?.series ?? [])).map(\.last)
  }

  /// The forest so far.
  func forest() throws(TernError) -> Forest {
    guard let dropout else { return try Forest(header: header, nodes: nodes) }
    var weighted = nodes
    for tree in dropout.trees.indices { weighted.append(tree: dropout.nodes(ofTree: tree)) }
    return try Forest(header: header, nodes: weighted)
  }

  /// What the rounds so far give.
  mutating func result() throws(TernError) -> BoostingResult {
    if !configuration.trainMetric { recordTrain() }
    let whole = try forest()
    let hasValid = valid != nil && round > 0
    let best = hasValid ? stopping.bestRound : round - 1
    let isCut = hasValid && configuration.earlyStoppingRounds > 0
    return BoostingResult(
      forest: isCut
        ? whole.prefix(rounds: (initialRounds + best + 1) * configuration.growth.numParallelTree) : whole,
      configuration: configuration,
      history: train.series + (valid?.series ?? []), bestIteration: initialRounds + best,
      bestScore: hasValid ? stopping.bestScore : train.history.last?.last ?? .nan, roundsTrained: round,
      initialRounds: initialRounds)
  }

  /// Marks a run that had ended before it was interrupted.
  mutating func markStopped() { isStopped = true }
}

extension ForestNodes {
  /// Number of rounds of trees.
  func rounds(outputs: Int) -> Int { (treeOffsets.count - 1) / outputs }
}
