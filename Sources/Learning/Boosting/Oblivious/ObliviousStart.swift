import Compute
import Diagnostics
import Trees

/// What training starts from: nothing, margins of the rows' own, or a forest.
struct ObliviousStart: Sendable {
  /// The forest whose trees stay.
  private(set) var forest: Forest?
  /// Row-major (training rows, outputs) of margins before the first round; nil for the loss's own constant.
  private(set) var train: [Double]?
  /// The same of the validation rows.
  private(set) var valid: [Double]?

  /// Rounds of the forest.
  var rounds: Int { forest?.rounds ?? 0 }

  /// Finds the margins of a start.
  /// - Throws: `TernError` for a forest that cannot go on here, or margins that do not fit.
  init(
    _ initial: Forest?, train: TrainingTable, valid: TrainingTable?, configuration: ObliviousConfiguration,
    outputs: Int, pool: ThreadPool
  ) throws(TernError) {
    guard initial != nil || train.baseMargins != nil || valid?.baseMargins != nil else { return }
    if configuration.boostFromAverage == true {
      throw TernError(
        .configuration, "rows that start from a model or from base margins have no constant in common",
        key: "boost_from_average", found: "true", expected: "false")
    }
    guard let initial else {
      self.train = try ObliviousStart.margins(of: train, outputs: outputs)
      self.valid = try valid.map { table throws(TernError) in
        try ObliviousStart.margins(of: table, outputs: outputs)
      }
      return
    }
    guard train.baseMargins == nil, valid?.baseMargins == nil else {
      throw TernError(
        .data, "rows start either from an initial model or from base margins", key: "base_margin")
    }
    try ObliviousStart.check(initial, train: train, configuration: configuration, outputs: outputs)
    forest = initial
    self.train = try initial.exactMargins(columns: train.columns, pool: pool)
    self.valid = try valid.map { table throws(TernError) in
      try initial.exactMargins(columns: table.columns, pool: pool)
    }
  }

  private static func margins(of table: TrainingTable, outputs: Int) throws(TernError) -> [Double] {
    guard let margins = table.baseMargins else {
      throw TernError(
        .data, "base margins belong to the training rows and the validation rows, or to neither",
        key: "base_margin")
    }
    guard margins.count == table.rows * outputs else {
      throw TernError(
        .data, "base margins differ in length", key: "base_margin", found: "\(margins.count)",
        expected: "\(table.rows) × \(outputs)")
    }
    return margins.map(Double.init)
  }

  /// Checks that more trees of this training can follow those of a forest.
  private static func check(
    _ forest: Forest, train: TrainingTable, configuration: ObliviousConfiguration, outputs: Int
  ) throws(TernError) {
    let header = forest.header
    guard header.featureNames == train.featureNames else {
      throw TernError(
        .data, "the initial model has other inputs than the training table",
        found: header.featureNames.joined(separator: ", "),
        expected: train.featureNames.joined(separator: ", "))
    }
    let link = configuration.lossFunction.link
    guard header.outputs == outputs, header.link == link, header.linkScale == 1 else {
      throw TernError(
        .data, "the initial model was trained for another loss",
        found: "\(header.link.rawValue) of \(header.outputs)", expected: "\(link.rawValue) of \(outputs)")
    }
    guard header.precision == .double, !header.averages, header.scale == 1,
      forest.nodeArrays.linearOffsets.isEmpty
    else {
      throw TernError(
        .data, "the initial model adds its trees in another way than this style", key: "init_model",
        expected: "a model of this style")
    }
    let hashes = StatisticsBuilder.hashes(of: train)
    if let statistics = forest.nodeArrays.statistics, statistics.hashes != hashes {
      throw TernError(
        .data, "the initial model knows other categories than the training table", key: "init_model",
        expected: "the same categories in the same order")
    }
  }
}

extension ObliviousConfiguration.Loss {
  /// What makes a prediction of margins.
  var link: Forest.Link {
    switch self {
    case .rmse: .identity
    case .logloss, .crossEntropy: .logistic
    case .multiClass: .softmax
    }
  }
}

extension CategoryStatistics {
  /// Takes in tables and columns of another stage over the same categories; what is there already, as from the same rows,
  /// is shared.
  ///
  /// - Returns: the place of each column of the other stage.
  mutating func append(_ other: CategoryStatistics) -> [Int] {
    let places = other.tables.map { table in
      if let known = tables.firstIndex(of: table) { return known }
      tables.append(table)
      return tables.count - 1
    }
    return other.columns.map { column in
      var column = column
      column.table = places[column.table]
      if let known = columns.firstIndex(of: column) { return known }
      columns.append(column)
      return columns.count - 1
    }
  }
}
