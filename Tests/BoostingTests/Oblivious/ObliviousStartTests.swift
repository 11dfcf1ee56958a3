import Compute
import Diagnostics
import Testing
import Trees

@testable import Boosting

/// CatBoost-style training that starts from a forest or from margins of the rows' own.
@Suite("Starts of oblivious trees")
struct ObliviousStartTests {
  private let pool = ThreadPool(threads: 2)

  private func train(
    _ parameters: [String: String], _ train: TrainingTable, valid: TrainingTable? = nil,
    from forest: Forest? = nil
  ) throws -> ObliviousResult {
    var options = BoostingOptions()
    options.initialForest = forest
    return try ObliviousBooster.train(
      configuration: ObliviousConfiguration(
        parameters: ["learning_rate": "0.1", "use_best_model": "false"].merging(parameters) { _, b in b }),
      train: train, valid: valid, pool: pool, options: options)
  }

  /// The table without columns that enter by statistics.
  private func numeric(_ rows: Int, seed: UInt64, classes: Int = 2) -> TrainingTable {
    var table = ObliviousTrainingTests.table(rows: rows, seed: seed, classes: classes)
    table.columns = [table.columns[0], table.columns[3], table.columns[4]]
    table.kinds = [table.kinds[0], table.kinds[3], table.kinds[4]]
    table.featureNames = ["x", "flag", "noise"]
    return table
  }

  /// With numbers alone and a start at zero, seven rounds and five more are twelve rounds to the bit, noise and samples
  /// included: margins are sums in the order of the trees. MVS looks at the tree before, which a new run has not.
  @Test(arguments: ["Logloss", "MultiClass"], ["Bernoulli", "Bayesian"])
  func continuingIsNotStopping(loss: String, bootstrap: String) throws {
    let classes = loss == "MultiClass" ? 3 : 2
    let (table, valid) = (numeric(800, seed: 1, classes: classes), numeric(200, seed: 2, classes: classes))
    func run(_ rounds: Int, from forest: Forest? = nil) throws -> ObliviousResult {
      try train(
        ["loss_function": loss, "bootstrap_type": bootstrap, "iterations": "\(rounds)", "rsm": "0.7"], table,
        valid: valid, from: forest)
    }
    let whole = try run(12)
    let part = try run(7)
    let rest = try run(5, from: part.forest)
    #expect(rest.forest == whole.forest)
    for (series, all) in zip(rest.history, whole.history) {
      #expect(series.values == Array(all.values.suffix(5)))
    }
    #expect(rest.initialRounds == 7 && rest.roundsTrained == 5 && rest.bestIteration >= 7)
  }

  /// Statistics of both parts stand in one forest, whose predictions are what training followed.
  @Test(arguments: ObliviousTrainingTests.configurations)
  func statisticsAreJoined(parameters: [String: String]) throws {
    let classes = parameters["loss_function"] == "MultiClass" ? 3 : 2
    let table = ObliviousTrainingTests.table(rows: 900, seed: 3, classes: classes)
    let valid = ObliviousTrainingTests.table(rows: 400, seed: 4, classes: classes)
    var parameters = parameters
    parameters["iterations"] = "6"
    // Unpenalised, so that few rounds use statistics.
    parameters["model_size_reg"] = "0"
    let part = try train(parameters, table, valid: valid)
    let rest = try train(parameters, table, valid: valid, from: part.forest)
    #expect(rest.forest.rounds == 12)
    #expect(rest.forest.prefix(rounds: 6).nodeArrays.value == part.forest.nodeArrays.value)
    let before = try #require(part.forest.nodeArrays.statistics)
    let joined = try #require(rest.forest.nodeArrays.statistics)
    #expect(joined.columns.count >= before.columns.count)
    for (place, table) in joined.tables.enumerated() {
      #expect(joined.tables.firstIndex(of: table) == place)
    }
    #expect(Array(joined.columns.prefix(before.columns.count)) == before.columns)
    let series = try #require(rest.history.first { $0.dataset == "valid" })
    let predictions = try rest.forest.predict(columns: valid.columns, pool: pool)
    let loss = series.metric.evaluate(
      predictions: predictions, rows: LabelledRows(labels: valid.labels), outputs: rest.forest.outputs,
      pool: pool)
    // Predictions are `Float`, so their logarithms repeat to about 1e-6.
    #expect(abs(loss - (series.values.last ?? .nan)) < 2e-6)
    // The best constant is behind it, so that each part lowers the loss.
    let first = try #require(part.history.first { $0.dataset == "valid" })
    #expect((series.values.last ?? .nan) < (first.values.last ?? .nan))
  }

  /// A constant margin of every row is a first prediction; the model holds what is added to it.
  @Test
  func marginsAreStarts() throws {
    var table = numeric(600, seed: 5)
    let parameters = [
      "loss_function": "RMSE", "iterations": "5", "bootstrap_type": "No", "random_strength": "0",
    ]
    let plain = try train(parameters, table, valid: table)
    let mean = table.labels.reduce(0.0) { $0 + Double($1) } / 600
    table.baseMargins = [Float](repeating: Float(mean), count: 600)
    let moved = try train(parameters, table, valid: table)
    #expect(moved.forest.header.baseScores == [0] && moved.forest.header.biases.isEmpty)
    #expect(moved.forest.nodeArrays.splitFeature == plain.forest.nodeArrays.splitFeature)
    for (series, other) in zip(moved.history, plain.history) {
      // The mean was rounded to `Float`.
      for (a, b) in zip(series.values, other.values) { #expect(abs(a - b) < 1e-6) }
    }
    // Perfect margins leave nothing to learn.
    table.baseMargins = table.labels
    let perfect = try train(parameters, table)
    #expect(perfect.forest.nodeArrays.exactValue.allSatisfy { $0 == 0 })
  }

  @Test
  func foreignStartsAreRefused() throws {
    let table = numeric(300, seed: 6)
    let forest = try train(["loss_function": "Logloss", "iterations": "2"], table).forest
    #expect(throws: TernError.self) { try train(["iterations": "2"], table, from: forest) }
    var renamed = table
    renamed.featureNames[0] = "other"
    #expect(throws: TernError.self) {
      try train(["loss_function": "Logloss", "iterations": "2"], renamed, from: forest)
    }
    var margins = table
    margins.baseMargins = [Float](repeating: 0, count: 300)
    #expect(throws: TernError.self) {
      try train(["loss_function": "Logloss", "iterations": "2"], margins, from: forest)
    }
    #expect(throws: TernError.self) {
      try train(["loss_function": "Logloss", "iterations": "2"], margins, valid: table)
    }
    #expect(throws: TernError.self) {
      try train(["iterations": "2", "boost_from_average": "true"], margins)
    }
    margins.baseMargins = [Float](repeating: 0, count: 600)
    #expect(throws: TernError.self) { try train(["iterations": "2"], margins) }
    let single = try Booster.train(
      configuration: BoostingConfiguration(
        style: .xgboost, parameters: ["objective": "binary", "num_boost_round": "2"]), train: table,
      pool: pool
    ).forest
    #expect(throws: TernError.self) {
      try train(["loss_function": "Logloss", "iterations": "2"], table, from: single)
    }
    let cities = ObliviousTrainingTests.table(rows: 300, seed: 7)
    let known = try train(["loss_function": "Logloss", "iterations": "2"], cities).forest
    var others = cities
    others.kinds[1] = .categorical(vocabulary: (0..<40).map { "town \($0)" })
    #expect(throws: TernError.self) {
      try train(["loss_function": "Logloss", "iterations": "2"], others, from: known)
    }
  }

  /// A run that started from a forest is interrupted and goes on with the same forest, not with another.
  @Test
  func interruptedStartsGoOn() throws {
    let table = ObliviousTrainingTests.table(rows: 500, seed: 8)
    let parameters = ["loss_function": "Logloss", "iterations": "6", "learning_rate": "0.1"]
    let forest = try train(parameters, table).forest
    let keeper = SnapshotKeeper(round: 3)
    var options = BoostingOptions()
    options.initialForest = forest
    options.callbacks = [keeper]
    let configuration = try ObliviousConfiguration(parameters: parameters)
    let whole = try ObliviousBooster.train(
      configuration: configuration, train: table, pool: pool, options: options)
    options.callbacks = []
    options.snapshot = keeper.snapshot
    let rest = try ObliviousBooster.train(
      configuration: configuration, train: table, pool: pool, options: options)
    #expect(rest.forest == whole.forest && rest.bestIteration == whole.bestIteration)
    options.initialForest = forest.prefix(rounds: 4)
    #expect(throws: TernError.self) {
      try ObliviousBooster.train(configuration: configuration, train: table, pool: pool, options: options)
    }
  }
}
