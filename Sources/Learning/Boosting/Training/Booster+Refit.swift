import Compute
import Diagnostics
import Trees

extension Booster {
  /// Re-fits the leaves of a forest to other rows and keeps its structure, as LightGBM's `refit`.
  ///
  /// Tree after tree, with derivatives at the margins of the trees before it already re-fitted:
  ///
  ///     leaf = decay · leaf + (1 - decay) · learning_rate · -S(G) / (H + lambda)
  ///
  /// over the rows that fall into it; a leaf without rows keeps its share of the old value. Base scores stay. LightGBM
  /// itself keeps none: it folds the base score into the first tree, whose refit then takes a step without
  /// learning rate from margin 0, so the two agree where `boost_from_average` is off.
  ///
  /// - Parameters:
  ///   - forest: a plain forest of numeric splits.
  ///   - configuration: objective, `learningRate`, penalties and `refitDecayRate`.
  ///   - table: the rows to fit to.
  /// - Throws: `TernError(.data)` if the table has other columns than the forest.
  public static func refit(
    _ forest: Forest, configuration given: BoostingConfiguration, table: TrainingTable, pool: ThreadPool,
    options: BoostingOptions = BoostingOptions()
  ) throws(TernError) -> Forest {
    let configuration = ObjectiveChoice.completed(given)
    try configuration.validate()
    try table.validate()
    guard table.featureNames == forest.header.featureNames else {
      throw TernError(
        .data, "the table has other columns than the model", found: "\(table.features) columns",
        expected: forest.header.featureNames.joined(separator: ", "))
    }
    guard !forest.header.averages, forest.header.scale == 1, forest.nodeArrays.linearOffsets.isEmpty else {
      throw TernError(.data, "a forest that averages, scales or has linear leaves cannot be re-fitted")
    }
    let rows = TrainingRows(all: LabelledRows(labels: table.labels, weights: table.weights), selection: nil)
    let objective = try ObjectiveChoice.objective(
      configuration, rows: rows, queryNumbers: table.queries, custom: options.objective)
    guard objective.outputs == forest.outputs, objective.link == forest.header.link else {
      throw TernError(
        .data, "the model was trained for another objective",
        found: "\(forest.header.link.rawValue) of \(forest.outputs)",
        expected: "\(objective.link.rawValue) of \(objective.outputs)")
    }
    var refitting = LeafRefitting(forest: forest, configuration: configuration, table: table, pool: pool)
    let derivatives = Storage<SIMD2<Float>>(table.rows * forest.outputs, initial: .zero)
    for round in 0..<forest.rounds {
      refitting.margins.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        objective.derivatives(margins: base, into: derivatives.pointer, pool: pool)
      }
      for output in 0..<forest.outputs {
        refitting.refit(
          tree: round * forest.outputs + output, derivatives: derivatives.pointer + output * table.rows)
      }
    }
    return try Forest(header: forest.header, nodes: refitting.nodes)
  }
}

/// The state of a refit: margins of the trees done so far.
private struct LeafRefitting {
  var margins: [Float]
  /// The trees done so far.
  var nodes = ForestNodes()
  private let old: ForestNodes
  private let outputs: Int
  private let search: SplitSearch
  private let configuration: BoostingConfiguration
  private let table: TrainingTable
  private let rowMajor: [Float]
  private let pool: ThreadPool

  init(forest: Forest, configuration: BoostingConfiguration, table: TrainingTable, pool: ThreadPool) {
    old = forest.nodeArrays
    outputs = forest.outputs
    search = SplitSearch(configuration: configuration, gradientStep: 1, hessianStep: 1)
    self.configuration = configuration
    self.table = table
    self.pool = pool
    var base: [Float] = []
    for _ in 0..<table.rows { base += forest.header.baseMargins.map { Float($0) } }
    margins = base
    var values = [Float](repeating: 0, count: table.rows * table.features)
    for (feature, column) in table.columns.enumerated() {
      for row in 0..<table.rows { values[row * table.features + feature] = column[row] }
    }
    rowMajor = values
  }

  /// Re-fits a tree and adds it to the margins.
  mutating func refit(tree index: Int, derivatives: UnsafePointer<SIMD2<Float>>) {
    var tree = old.tree(index)
    let leaves = leaves(of: tree)
    var sums = [SIMD2<Double>](repeating: .zero, count: tree.count)
    for (row, leaf) in leaves.enumerated() { sums[Int(leaf)] += SIMD2<Double>(derivatives[row]) }
    let decay = configuration.refitDecayRate
    for node in tree.indices where tree[node].isLeaf {
      let step = configuration.learningRate * search.weight(gradient: sums[node].x, hessian: sums[node].y)
      let value = decay * (tree[node].exactValue ?? Double(tree[node].value)) + (1 - decay) * step
      tree[node].value = Float(value)
      if tree[node].exactValue != nil { tree[node].exactValue = value }
    }
    for (row, leaf) in leaves.enumerated() {
      margins[row * outputs + index % outputs] += tree[Int(leaf)].value
    }
    nodes.append(tree: tree)
  }

  /// The leaf of every row, found by a copy of the tree whose leaf values are their own numbers, so that every kind of
  /// split that prediction knows is understood.
  private func leaves(of tree: [TreeNode]) -> [Int32] {
    var numbered = tree
    for node in numbered.indices where numbered[node].isLeaf {
      numbered[node].value = Float(node)
      numbered[node].exactValue = nil
    }
    var single = ForestNodes()
    single.append(tree: numbered)
    var numbers = [Float](repeating: 0, count: table.rows)
    ForestSlice(nodes: single, outputs: 1).add(
      rowMajor: rowMajor, features: table.features, to: &numbers, pool: pool)
    return numbers.map { Int32($0) }
  }
}
