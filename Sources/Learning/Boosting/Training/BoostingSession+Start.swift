import Compute
import Diagnostics
import Trees

extension BoostingSession {
  /// What training starts from.
  struct Start {
    var header: Forest.Header
    var nodes: ForestNodes
    /// Row-major (data set rows, outputs).
    var margins: [Float]
  }

  /// Rows up to which the trees of several outputs grow side by side: threads that share a small tree mostly wait for each other.
  private static let mostRowsSideBySide = 1 << 16

  /// What grows the trees of a round.
  static func growers(
    dataset: BinnedDataset, rows: Int, outputs: Int, configuration: BoostingConfiguration, pool: ThreadPool
  ) throws(TernError) -> [any TreeMaking] {
    let count = rows > mostRowsSideBySide ? 1 : min(pool.threads, outputs)
    var growers: [any TreeMaking] = []
    for _ in 0..<max(count, 1) {
      growers.append(
        try grower(
          dataset: dataset, rows: rows, outputs: outputs, configuration: configuration,
          pool: count > 1 ? ThreadPool(threads: 1) : pool))
    }
    return growers
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

  /// Increasing row numbers, each once.
  static func checked(_ selection: [Int32]?, count: Int) throws(TernError) -> [Int32] {
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

  /// The data set's rows with the weights that the classes ask for.
  static func trainingRows(
    _ dataset: BinnedDataset, selection: [Int32]?, configuration: BoostingConfiguration
  ) throws(TernError) -> TrainingRows {
    let plain = TrainingRows(
      all: LabelledRows(labels: dataset.labels, weights: dataset.weights), selection: selection)
    if configuration.classWeights == .none { return plain }
    var classes = 2
    if configuration.objective.task == .binary {
      try plain.check("binary", expected: "0 or 1") { $0 == 0 || $0 == 1 }
    } else {
      classes = try ClassLabels.count(plain, configuration: configuration)
    }
    let weights = try configuration.classWeights.applied(
      to: dataset.weights, labels: dataset.labels, rows: selection, classes: classes)
    return TrainingRows(all: LabelledRows(labels: dataset.labels, weights: weights), selection: selection)
  }

  /// Header, trees and margins before the first round: those of an initial forest, the rows' base margins, or the
  /// objective's base scores.
  static func start(
    _ objective: any TrainingObjective, configuration: BoostingConfiguration, dataset: BinnedDataset,
    columns: [[Float]]?, options: BoostingOptions, pool: ThreadPool
  ) throws(TernError) -> Start {
    let outputs = objective.outputs
    var header = Forest.Header(
      link: objective.link, outputs: outputs, featureNames: dataset.featureNames,
      baseScores: [Float](repeating: 0, count: outputs))
    header.linkScale = objective.linkScale
    // A model predicts with the sums of the program whose style it has, so that its copy there predicts the same.
    header.precision = configuration.style == .lightgbm ? .double : .float
    if let forest = options.initialForest {
      guard dataset.baseMargins == nil else {
        throw TernError(
          .data, "rows start either from an initial model or from base margins", key: "base_margin")
      }
      try check(forest, fits: header)
      guard let columns else {
        throw TernError(.configuration, "going on from a model needs the rows' values, not their bins alone")
      }
      let margins = try forest.addedInFloat.predictMargins(columns: columns, pool: pool)
      return Start(header: forest.header, nodes: forest.nodeArrays, margins: margins)
    }
    if let margins = dataset.baseMargins {
      guard margins.count == dataset.rows * outputs else {
        throw TernError(
          .data, "base margins differ in length", key: "base_margin", found: "\(margins.count)",
          expected: "\(dataset.rows) × \(outputs)")
      }
      return Start(header: header, nodes: ForestNodes(), margins: margins)
    }
    header.baseScores = ObjectiveChoice.baseScores(objective, configuration: configuration)
    return Start(
      header: header, nodes: ForestNodes(), margins: repeated(header.baseScores, count: dataset.rows))
  }

  /// The margins that validation rows start from.
  static func validMargins(
    _ table: TrainingTable, header: Forest.Header, dataset: BinnedDataset, options: BoostingOptions,
    pool: ThreadPool
  ) throws(TernError) -> [Float] {
    guard (table.baseMargins == nil) == (dataset.baseMargins == nil) else {
      throw TernError(
        .data, "base margins belong to the training rows and the validation rows, or to neither",
        key: "base_margin")
    }
    if let forest = options.initialForest {
      return try forest.addedInFloat.predictMargins(columns: table.columns, pool: pool)
    }
    guard let margins = table.baseMargins else { return repeated(header.baseScores, count: table.rows) }
    guard margins.count == table.rows * header.outputs else {
      throw TernError(
        .data, "base margins differ in length", key: "base_margin", found: "\(margins.count)",
        expected: "\(table.rows) × \(header.outputs)")
    }
    return margins
  }

  /// Checks that more trees for a header can follow those of a forest.
  private static func check(_ forest: Forest, fits header: Forest.Header) throws(TernError) {
    let own = forest.header
    guard own.featureNames == header.featureNames else {
      throw TernError(
        .data, "the initial model has other inputs than the training table",
        found: own.featureNames.joined(separator: ", "), expected: header.featureNames.joined(separator: ", ")
      )
    }
    guard own.outputs == header.outputs, own.link == header.link, own.linkScale == header.linkScale else {
      throw TernError(
        .data, "the initial model was trained for another objective",
        found: "\(own.link.rawValue) of \(own.outputs)",
        expected: "\(header.link.rawValue) of \(header.outputs)")
    }
    guard !own.averages, own.scale == 1 else {
      throw TernError(.data, "the initial model averages or scales its trees, so none can be added")
    }
  }

  private static func repeated(_ scores: [Float], count: Int) -> [Float] {
    if scores.count == 1 { return [Float](repeating: scores[0], count: count) }
    var result: [Float] = []
    result.reserveCapacity(scores.count * count)
    for _ in 0..<count { result += scores }
    return result
  }
}
