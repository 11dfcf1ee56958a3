import Compute
import Diagnostics
import Trees

/// Trains gradient-boosted forests.
///
/// Sources: Chen & Guestrin, "XGBoost: A Scalable Tree Boosting System" (KDD 2016); Ke et al., "LightGBM: A Highly
/// Efficient Gradient Boosting Decision Tree" (NIPS 2017). The same data, configuration and seed give the
/// bit-identical forest on any number of threads.
public enum Booster {
  /// Trains on a table.
  ///
  /// - Parameters:
  ///   - configuration: hyper-parameters; checked first.
  ///   - train: the rows to learn from; bins are made from these rows only.
  ///   - valid: rows to evaluate after every round, for the history and early stopping.
  ///   - pool: the threads to use.
  ///   - progress: told after every round.
  /// - Throws: `TernError(.configuration)` or `TernError(.data)`.
  public static func train(
    configuration: BoostingConfiguration, train: TrainingTable, valid: TrainingTable? = nil, pool: ThreadPool,
    options: BoostingOptions = BoostingOptions(), progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> BoostingResult {
    try configuration.validate()
    let dataset = try BinnedDataset(table: train, configuration: configuration, pool: pool)
    return try run(
      BoostingSession(
        configuration: configuration, dataset: dataset, columns: train.columns, rows: nil, valid: valid,
        options: options, pool: pool), options: options, progress: progress)
  }

  /// Trains on some rows of a table and evaluates on others; bins are made from the training rows only.
  ///
  /// - Parameters:
  ///   - rows: row numbers to learn from, in any order.
  ///   - validRows: row numbers to evaluate, or nil.
  public static func train(
    configuration: BoostingConfiguration, table: TrainingTable, rows: [Int32], validRows: [Int32]? = nil,
    pool: ThreadPool, options: BoostingOptions = BoostingOptions(),
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> BoostingResult {
    try configuration.validate()
    let dataset = try BinnedDataset(table: table, rows: rows, configuration: configuration, pool: pool)
    var valid: TrainingTable?
    if let validRows { valid = try table.selecting(rows: validRows) }
    let columns =
      options.initialForest == nil
      ? nil : table.columns.map { column in rows.map { column[Int($0)] } }
    return try run(
      BoostingSession(
        configuration: configuration, dataset: dataset, columns: columns, rows: nil, valid: valid,
        options: options, pool: pool), options: options, progress: progress)
  }

  /// Trains on a binned data set, or on some of its rows with the data set's bins.
  ///
  /// - Parameters:
  ///   - configuration: its style and bin settings should be those of the data set.
  ///   - dataset: the binned rows.
  ///   - rows: row numbers of the data set to learn from, each once; nil takes all. Bins then know the values
  ///     (not the labels) of the data set's other rows: for a strict separation bin the training rows alone.
  ///   - options: without an initial forest, whose margins a binned data set cannot give.
  public static func train(
    configuration: BoostingConfiguration, dataset: BinnedDataset, rows: [Int32]? = nil,
    valid: TrainingTable? = nil, pool: ThreadPool, options: BoostingOptions = BoostingOptions(),
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> BoostingResult {
    try configuration.validate()
    return try run(
      BoostingSession(
        configuration: configuration, dataset: dataset, columns: nil, rows: rows, valid: valid,
        options: options, pool: pool), options: options, progress: progress)
  }

  private static func run(
    _ start: BoostingSession, options: BoostingOptions, progress: some ProgressReporting
  ) throws(TernError) -> BoostingResult {
    var session = start
    let total = session.configuration.numBoostRound
    while session.round < total, !session.isStopped {
      var isGrowing = try session.boost()
      progress.update(phase: "boosting", completed: session.round, total: total, remark: session.remark)
      let isLast = !isGrowing || session.round >= total
      for callback in options.callbacks {
        let round = BoostingRound(
          completed: session.round, total: total, metrics: session.latest, isLast: isLast, run: session)
        if try !callback.roundEnded(round) { isGrowing = false }
      }
      if !isGrowing { break }
    }
    return try session.result()
  }
}

extension TrainingTable {
  /// The table of the given rows, in their order.
  ///
  /// - Throws: `TernError(.data)` if a row does not exist.
  public func selecting(rows selection: [Int32]) throws(TernError) -> TrainingTable {
    try validate()
    if let wrong = selection.first(where: { $0 < 0 || Int($0) >= rows }) {
      throw TernError(.data, "a selected row does not exist", found: "\(wrong)", expected: "0 ..< \(rows)")
    }
    return TrainingTable(
      featureNames: featureNames, columns: columns.map { column in selection.map { column[Int($0)] } },
      labels: selection.map { labels[Int($0)] },
      weights: weights.map { all in selection.map { all[Int($0)] } },
      kinds: kinds, queries: queries.map { all in selection.map { all[Int($0)] } },
      baseMargins: selectingBaseMargins(selection))
  }

  /// The base margins of the given rows.
  func selectingBaseMargins(_ selection: [Int32]) -> [Float]? {
    guard let baseMargins else { return nil }
    let outputs = baseMargins.count / rows
    return selection.flatMap { baseMargins[Int($0) * outputs..<(Int($0) + 1) * outputs] }
  }
}
