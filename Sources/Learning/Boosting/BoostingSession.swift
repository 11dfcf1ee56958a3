import Compute
import Diagnostics
import Trees

/// One training run: round after round of derivatives, trees, margins and metrics.
struct BoostingSession {
  private(set) var configuration: BoostingConfiguration
  /// Rounds done.
  private(set) var round = 0
  /// The last metrics, for a progress line.
  private(set) var remark = ""

  private let dataset: BinnedDataset
  private let pool: ThreadPool
  private let objective: ObjectiveFunction
  private let header: Forest.Header
  private let grower: any TreeMaking
  /// Trees and weights of a training with dropout.
  private var dropout: TreeDropout?
  /// Rows that train, increasing, and rows of the data set that never do.
  private let rows: [Int32]
  private let unused: [Int32]
  private var margins: [Float]
  private let derivatives: Storage<SIMD2<Float>>
  private var sample: RowSample
  private var nodes = ForestNodes()
  private var train: Evaluator
  private var valid: Evaluator?
  private var validRows: [Float] = []
  private var validMargins: [Float] = []
  private var stopping: EarlyStopping

  init(
    configuration given: BoostingConfiguration, dataset: BinnedDataset, rows selection: [Int32]?,
    valid table: TrainingTable?, pool: ThreadPool
  ) throws(TernError) {
    var configuration = given
    if configuration.earlyStoppingRounds > 0, table == nil {
      throw TernError(
        .configuration, "early stopping needs validation rows", key: "early_stopping_rounds",
        found: "\(configuration.earlyStoppingRounds)", expected: "0 without validation rows")
    }
    try configuration.validateGrowth(features: dataset.features)
    let rows = try BoostingSession.checked(selection, count: dataset.rows)
    let objective = try ObjectiveFunction(
      configuration: configuration, labels: dataset.labels, weights: dataset.weights,
      rows: selection == nil ? nil : rows)
    let outputs = objective.outputs
    if configuration.objective == .softmax { configuration.numClass = outputs }
    let link: Forest.Link
    switch configuration.objective {
    case .squaredError: link = .identity
    case .logistic: link = .logistic
    case .softmax: link = .softmax
    }
    header = Forest.Header(
      link: link, outputs: outputs, featureNames: dataset.featureNames,
      baseScores: objective.baseScores(configuration: configuration, rows: selection == nil ? nil : rows))
    let metrics = configuration.effectiveMetrics
    train = Evaluator(
      name: "train", metrics: metrics, labels: rows.map { dataset.labels[Int($0)] },
      weights: dataset.weights.map { all in rows.map { all[Int($0)] } }, outputs: outputs, link: link)
    margins = BoostingSession.repeated(header.baseScores, count: dataset.rows)
    derivatives = Storage(dataset.rows * outputs, initial: .zero)
    grower = try BoostingSession.grower(
      dataset: dataset, rows: rows.count, outputs: outputs, configuration: configuration, pool: pool)
    if configuration.growth.boosting == .dart {
      dropout = TreeDropout(
        configuration: configuration, roundTrees: outputs * configuration.growth.numParallelTree)
    }
    sample = RowSample(configuration: configuration, rows: rows, labels: dataset.labels)
    var isTraining = [Bool](repeating: false, count: dataset.rows)
    for row in rows { isTraining[Int(row)] = true }
    unused = rows.count == dataset.rows ? [] : (0..<Int32(dataset.rows)).filter { !isTraining[Int($0)] }
    stopping = EarlyStopping(
      patience: configuration.earlyStoppingRounds, isHigherBetter: metrics.last?.isHigherBetter ?? false)
    self.configuration = configuration
    self.dataset = dataset
    self.pool = pool
    self.objective = objective
    self.rows = rows
    if let table { try addValidation(table, metrics: metrics) }
  }

  private mutating func addValidation(_ table: TrainingTable, metrics: [Metric]) throws(TernError) {
    try table.validate()
    guard table.featureNames == dataset.featureNames else {
      throw TernError(
        .data, "the validation table has other columns than the training table",
        found: "\(table.features) columns", expected: dataset.featureNames.joined(separator: ", "))
    }
    var check = configuration
    check.numClass = header.outputs
    try BoostingSession.checkValidation(table.labels, configuration: check)
    valid = Evaluator(
      name: "valid", metrics: metrics, labels: table.labels, weights: table.weights, outputs: header.outputs,
      link: header.link)
    validRows = [Float](repeating: 0, count: table.rows * table.features)
    for (feature, column) in table.columns.enumerated() {
      for row in 0..<table.rows { validRows[row * table.features + feature] = column[row] }
    }
    validMargins = BoostingSession.repeated(header.baseScores, count: table.rows)
  }

  /// Validation rows may be of one class, but not of an unknown one.
  private static func checkValidation(
    _ labels: [Float], configuration: BoostingConfiguration
  ) throws(TernError) {
    let limit: Float
    switch configuration.objective {
    case .squaredError: return
    case .logistic: limit = 1
    case .softmax: limit = Float(configuration.numClass - 1)
    }
    if let wrong = labels.first(where: { !($0 >= 0 && $0 <= limit && $0 == $0.rounded()) }) {
      throw TernError(
        .data, "a validation label is not a class", key: "label", found: "\(wrong)",
        expected: "0 ... \(Int(limit))")
    }
  }

  private static func checked(_ selection: [Int32]?, count: Int) throws(TernError) -> [Int32] {
    guard let selection else { return Array(0..<Int32(count)) }
    let rows = selection.sorted()
    guard let first = rows.first, let last = rows.last else { throw TernError(.data, "no rows are selected") }
    guard first >= 0, Int(last) < count else {
      throw TernError(
        .data, "a selected row does not exist", found: "\(first) ... \(last)", expected: "0 ..< \(count)")
    }
    for i in 1..<rows.count where rows[i] == rows[i - 1] {
      throw TernError(.data, "a row is selected twice", found: "\(rows[i])", expected: "each row once")
    }
    return rows
  }

  private static func repeated(_ scores: [Float], count: Int) -> [Float] {
    if scores.count == 1 { return [Float](repeating: scores[0], count: count) }
    var result: [Float] = []
    result.reserveCapacity(scores.count * count)
    for _ in 0..<count { result += scores }
    return result
  }

  /// What grows the trees by the configured method.
  private static func grower(
    dataset: BinnedDataset, rows: Int, outputs: Int, configuration: BoostingConfiguration, pool: ThreadPool
  ) throws(TernError) -> any TreeMaking {
    let growth = configuration.growth
    if growth.needsValues, dataset.values.isEmpty {
      throw TernError(
        .configuration, "the data set was binned without its values",
        key: growth.linearTree ? "linear_tree" : "tree_method", expected: "a data set binned for this setting"
      )
    }
    switch growth.treeMethod {
    case .exact: return try ExactGrower(dataset: dataset, configuration: configuration, pool: pool)
    case .approx:
      return ApproximateGrower(dataset: dataset, outputs: outputs, configuration: configuration, pool: pool)
    case .automatic, .hist:
      return TreeGrower(
        dataset: dataset, rows: rows, outputs: outputs, configuration: configuration, pool: pool)
    }
  }

  /// Trains one round; false when no more rounds make sense.
  /// - Throws: `TernError(.data)` if training diverged.
  mutating func boost() throws(TernError) -> Bool {
    let outputs = header.outputs
    let parallel = configuration.growth.numParallelTree
    dropout?.draw(round: round)
    addDropped(factor: -1)
    grower.rate = dropout?.learningRate ?? configuration.learningRate / Double(parallel)
    computeDerivatives()
    let before = parallel > 1 && sample.weighsDerivatives ? margins : []
    var trees: [GrownTree] = []
    for forestTree in 0..<parallel {
      if forestTree > 0, sample.weighsDerivatives {
        let own = margins
        margins = before
        computeDerivatives()
        margins = own
      }
      sample.draw(
        step: round * parallel + forestTree, round: round, derivatives: derivatives.pointer,
        outputs: outputs, total: dataset.rows)
      for output in 0..<outputs {
        let tree = try grower.grow(
          derivatives: derivatives.pointer + output * dataset.rows, rows: sample.chosen,
          tree: round * outputs * parallel + trees.count)
        addToMargins(tree, output: output)
        trees.append(tree)
      }
    }
    if configuration.style == .lightgbm, round > 0, trees.allSatisfy({ $0.nodes.count == 1 }) {
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

  private func computeDerivatives() {
    margins.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      objective.derivatives(
        margins: UnsafeMutablePointer(mutating: base), rows: dataset.rows, into: derivatives.pointer,
        pool: pool)
    }
  }

  /// Takes the dropped trees out of the margins (-1) or puts them back (1).
  private mutating func addDropped(factor: Double) {
    guard let dropout else { return }
    for unit in dropout.dropped {
      for tree in dropout.trees(of: unit) { addWeighted(tree, weight: factor * dropout.weights[unit]) }
    }
  }

  /// Puts the dropped trees back with their new weights, and adds the new ones with theirs.
  private mutating func addNewAndDropped(count: Int) {
    guard let dropout else { return }
    addDropped(factor: 1)
    for tree in dropout.trees.count - count..<dropout.trees.count {
      addWeighted(tree, weight: dropout.weight(ofTree: tree))
    }
  }

  /// Adds a tree of the dropout's, times a weight, to the margins of all rows.
  private mutating func addWeighted(_ index: Int, weight: Double) {
    guard let dropout, weight != 0 else { return }
    let tree = dropout.trees[index]
    let outputs = header.outputs
    let output = index % outputs
    let factor = Float(weight)
    let dataset = dataset
    margins.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let shared = SharedPointer(base)
      pool.parallelChunks(of: dataset.rows, chunk: 4096) { range, _ in
        for row in range {
          let leaf =
            dataset.values.isEmpty
            ? tree.leaf(of: row, in: dataset) : tree.leaf(of: row, values: dataset.values)
          shared.pointer[row * outputs + output] += factor * tree.nodes[leaf].value
        }
      }
    }
    if valid == nil { return }
    var single = ForestNodes()
    for other in 0..<outputs {
      var nodes = [TreeNode(value: 0, cover: 0, count: 0)]
      if other == output {
        nodes = tree.nodes
        for node in nodes.indices { nodes[node].value *= factor }
      }
      single.append(tree: nodes)
    }
    ForestSlice(nodes: single, outputs: outputs).add(
      rowMajor: validRows, features: dataset.features, to: &validMargins, pool: pool)
  }

  private mutating func addToMargins(_ tree: GrownTree, output: Int) {
    if dropout != nil { return }
    let outputs = header.outputs
    let outside = sample.left + unused
    margins.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      grower.add(tree, to: base, output: output, outputs: outputs, outside: outside)
    }
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
        rowMajor: validRows, features: dataset.features, to: &validMargins, pool: pool)
    }
    let score = valid?.record(margins: validMargins, pool: pool) ?? .nan
    if let valid { remark += (remark.isEmpty ? "" : ", ") + "valid " + describe(valid) }
    return stopping.shouldStop(round: round - 1, score: score)
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

  /// What the rounds so far give.
  mutating func result() throws(TernError) -> BoostingResult {
    if !configuration.trainMetric { recordTrain() }
    if let dropout {
      nodes = ForestNodes()
      for tree in dropout.trees.indices { nodes.append(tree: dropout.nodes(ofTree: tree)) }
    }
    let whole = try Forest(header: header, nodes: nodes)
    let hasValid = valid != nil
    let best = hasValid ? stopping.bestRound : round - 1
    let scores = hasValid ? valid?.history.last : train.history.last
    let isCut = hasValid && configuration.earlyStoppingRounds > 0
    return BoostingResult(
      forest: isCut ? whole.prefix(rounds: (best + 1) * configuration.growth.numParallelTree) : whole,
      configuration: configuration,
      history: train.series + (valid?.series ?? []), bestIteration: best,
      bestScore: hasValid ? stopping.bestScore : scores?.last ?? .nan, roundsTrained: round)
  }
}
