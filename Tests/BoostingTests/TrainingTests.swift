import Compute
import Diagnostics
import Testing
import Trees

@testable import Boosting

@Suite("Training")
struct TrainingTests {
  private func configuration(
    _ style: BoostingConfiguration.Style, _ parameters: [String: String] = [:]
  ) throws -> BoostingConfiguration {
    try BoostingConfiguration(
      style: style,
      parameters: ["num_boost_round": "12", "objective": "binary"].merging(parameters) { _, b in b })
  }

  /// 20,000 rows take several chunks and tiles; 1, 2 and 3 threads must agree to the bit.
  @Test(arguments: BoostingConfiguration.Style.allCases)
  func threadsDoNotChangeTheModel(style: BoostingConfiguration.Style) throws {
    let table = TestTables.mixed(rows: 20_000, seed: 1)
    let settings = try configuration(
      style,
      [
        "subsample": "0.7", "bagging_freq": "2", "colsample_bytree": "0.8", "colsample_bynode": "0.7",
        "colsample_bylevel": "0.9", "seed": "3",
      ])
    let results = try [1, 2, 3].map {
      try Booster.train(configuration: settings, train: table, valid: table, pool: ThreadPool(threads: $0))
    }
    #expect(results[0].forest == results[1].forest && results[0].forest == results[2].forest)
    #expect(results[0].history == results[1].history && results[0].history == results[2].history)
    #expect(results[0].forest.nodes > 100)
  }

  /// Of a small table the trees of several classes grow side by side, a thread each; one thread grows them one after the other.
  @Test(
    arguments: [
      (.xgboost, [:]), (.xgboost, ["subsample": "0.7", "colsample_bynode": "0.6"]),
      (.xgboost, ["tree_method": "exact"]), (.xgboost, ["tree_method": "approx"]),
      (.xgboost, ["num_parallel_tree": "2", "subsample": "0.5"]),
      (.xgboost, ["booster": "dart", "rate_drop": "0.3"]),
      (.lightgbm, [:]),
      (.lightgbm, ["bagging_fraction": "0.7", "bagging_freq": "1", "feature_fraction": "0.6"]),
      (.lightgbm, ["data_sample_strategy": "goss", "learning_rate": "0.5"]),
      (.lightgbm, ["boosting": "dart"]),
      (.lightgbm, ["linear_tree": "true"]), (.lightgbm, ["use_quantized_grad": "true"]),
    ] as [(BoostingConfiguration.Style, [String: String])])
  func treesSideBySideAreThoseOfOneThread(
    style: BoostingConfiguration.Style, parameters: [String: String]
  ) throws {
    let table = TestTables.mixed(rows: 2500, seed: 6, classes: 4)
    let settings = try configuration(
      style, ["objective": "multiclass", "num_boost_round": "5", "seed": "2"].merging(parameters) { $1 })
    let results = try [1, 2, 3, 8].map {
      try Booster.train(configuration: settings, train: table, valid: table, pool: ThreadPool(threads: $0))
    }
    for other in results.dropFirst() {
      #expect(other.forest == results[0].forest)
      #expect(other.history == results[0].history)
    }
    #expect(results[0].forest.nodes > 100)
  }

  /// A tree that fails beside others fails the training.
  @Test(arguments: [1, 2])
  func divergenceOfOneClassIsToldOf(threads: Int) throws {
    let table = TestTables.mixed(rows: 500, seed: 7, classes: 3)
    let settings = try configuration(
      .xgboost, ["objective": "multiclass", "learning_rate": "1e38", "num_boost_round": "20"])
    let error = #expect(throws: TernError.self) {
      try Booster.train(configuration: settings, train: table, pool: ThreadPool(threads: threads))
    }
    #expect(error?.key == "learning_rate")
  }

  /// The margins followed during training are those of the finished forest.
  @Test(arguments: BoostingConfiguration.Style.allCases, ["binary", "multiclass", "regression"])
  func historyIsThatOfTheForest(style: BoostingConfiguration.Style, objective: String) throws {
    let table = TestTables.mixed(rows: 3000, seed: 2, classes: objective == "multiclass" ? 4 : 2)
    let settings = try configuration(
      style, ["objective": objective, "subsample": "0.8", "bagging_freq": "1"])
    let pool = ThreadPool(threads: 2)
    let result = try Booster.train(configuration: settings, train: table, valid: table, pool: pool)
    let predictions = try result.forest.addedInFloat.predict(columns: table.columns, pool: pool)
    let metric = settings.effectiveMetrics[0]
    let value = metric.evaluate(
      predictions: predictions, labels: table.labels, weights: nil, outputs: result.forest.outputs, pool: pool
    )
    #expect(value == result.history[0].values.last)
    #expect(value == result.history[1].values.last)
  }

  @Test(arguments: BoostingConfiguration.Style.allCases)
  func trainLossDecreases(style: BoostingConfiguration.Style) throws {
    let result = try Booster.train(
      configuration: configuration(style), train: TestTables.mixed(rows: 2000, seed: 3),
      pool: ThreadPool(threads: 1))
    let losses = result.history[0].values
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    #expect(result.forest.importances()[4].splits == 0)
  }

  /// Integer weights and repeated rows have the same sums, so XGBoost's rules, which count no rows, grow the same trees.
  @Test
  func weightsAreRepeatedRows() throws {
    var table = TestTables.mixed(rows: 900, seed: 4)
    var random = Philox(seed: 4)
    table.weights = (0..<table.rows).map { _ in Float(1 + random.integer(below: 3)) }
    let repeated = (0..<table.rows).flatMap {
      [Int32](repeating: Int32($0), count: Int(table.weights?[$0] ?? 0))
    }
    var copies = try table.selecting(rows: repeated)
    copies.weights = nil
    let pool = ThreadPool(threads: 2)
    for objective in ["binary", "regression"] {
      let settings = try configuration(.xgboost, ["objective": objective, "max_depth": "4"])
      let weighted = try Booster.train(configuration: settings, train: table, pool: pool).forest
      let unweighted = try Booster.train(configuration: settings, train: copies, pool: pool).forest
      let a = try weighted.predictMargins(columns: table.columns, pool: pool)
      let b = try unweighted.predictMargins(columns: table.columns, pool: pool)
      // Single-precision products w·g round; twelve rounds of it stay below 1e-4.
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  @Test(arguments: BoostingConfiguration.Style.allCases)
  func missingValuesFindTheirSide(style: BoostingConfiguration.Style) throws {
    var random = Philox(seed: 9)
    let rows = 2000
    let column = (0..<rows).map { _ in random.uniform() < 0.4 ? Float.nan : Float(random.normal()) }
    for missingLabel: Float in [0, 1] {
      let table = TrainingTable(
        featureNames: ["x"], columns: [column],
        labels: column.map { $0.isNaN ? missingLabel : ($0 > 0 ? 1 : 0) })
      let pool = ThreadPool(threads: 1)
      let forest = try Booster.train(configuration: configuration(style), train: table, pool: pool).forest
      let predictions = try forest.predict(columns: [[.nan, -2, 2, -.infinity, .infinity]], pool: pool)
      #expect(predictions.map { $0 > 0.5 ? 1 : 0 } == [missingLabel, 0, 1, 0, 1])
    }
    let presence = TrainingTable(
      featureNames: ["x"], columns: [column], labels: column.map { $0.isNaN ? 1 : 0 })
    let pool = ThreadPool(threads: 1)
    let forest = try Booster.train(configuration: configuration(style), train: presence, pool: pool).forest
    let predictions = try forest.predict(columns: [[.nan, 0, 100, -100, .infinity, -.infinity]], pool: pool)
    #expect(predictions.map { $0 > 0.5 } == [true, false, false, false, false, false])
  }

  @Test
  func earlyStoppingCutsTheForest() throws {
    let train = TestTables.mixed(rows: 400, seed: 5)
    let valid = TestTables.mixed(rows: 400, seed: 6)
    let settings = try configuration(
      .xgboost,
      ["num_boost_round": "300", "eta": "0.5", "early_stopping_rounds": "5", "metric": "error,logloss"])
    let pool = ThreadPool(threads: 2)
    let result = try Booster.train(configuration: settings, train: train, valid: valid, pool: pool)
    let losses = try #require(result.history.first { $0.dataset == "valid" && $0.metric == .logloss }).values
    let best = try #require(losses.min())
    #expect(result.bestScore == best && losses[result.bestIteration] == best)
    #expect(result.roundsTrained == result.bestIteration + 6 && result.roundsTrained < 300)
    #expect(result.forest.rounds == result.bestIteration + 1)
    #expect(throws: TernError.self) {
      try Booster.train(configuration: settings, train: train, pool: pool)
    }
  }

  /// Training on a selection is training on a table of the selected rows: nothing else leaks in.
  @Test(arguments: BoostingConfiguration.Style.allCases)
  func selectedRowsAreAll(style: BoostingConfiguration.Style) throws {
    let table = TestTables.mixed(rows: 3000, seed: 7)
    let chosen = (0..<Int32(3000)).filter { $0 % 3 != 1 }
    let pool = ThreadPool(threads: 2)
    let settings = try configuration(style)
    let a = try Booster.train(configuration: settings, table: table, rows: chosen, pool: pool)
    let b = try Booster.train(configuration: settings, train: table.selecting(rows: chosen), pool: pool)
    #expect(a.forest == b.forest)
    let dataset = try BinnedDataset(table: table, rows: chosen, configuration: settings, pool: pool)
    let all = (0..<Int32(chosen.count)).reversed()
    #expect(
      try Booster.train(configuration: settings, dataset: dataset, rows: Array(all), pool: pool).forest
        == a.forest)
  }

  /// One label a million times the others leaves the 17-bit grid no resolution for them; the wide one still separates them.
  @Test
  func outliersDoNotBlurTheRest() throws {
    var table = TestTables.mixed(rows: 4000, seed: 10, missing: 0)
    table.labels = table.columns[7].map { $0 > 0 ? 1 : -1 }
    table.labels[17] = 1e6
    let settings = try configuration(.xgboost, ["objective": "regression", "eta": "1", "lambda": "0"])
    let forests = try [1, 3].map {
      try Booster.train(configuration: settings, train: table, pool: ThreadPool(threads: $0)).forest
    }
    #expect(forests[0] == forests[1])
    let derivatives = table.labels.map { SIMD2<Float>(-$0, 1) }
    // Small tables are always summed finely, so the rows are taken many times over.
    let rows = (0..<Int32(60_000)).map { $0 % 4000 }
    let pool = ThreadPool(threads: 2)
    #expect(GradientQuantisation(derivatives, rows: rows, count: rows.count, pool: pool).isWide)
    let ordinary = derivatives.map { SIMD2(max($0.x, -1), 1) }
    #expect(!GradientQuantisation(ordinary, rows: rows, count: rows.count, pool: pool).isWide)
    let predictions = try forests[0].predict(columns: table.columns, pool: pool)
    let right = (0..<4000).count { $0 != 17 && abs(predictions[$0] - table.labels[$0]) < 0.5 }
    #expect(right > 3900)
  }

  @Test
  func divergenceIsAnError() throws {
    var table = TestTables.mixed(rows: 200, seed: 11)
    table.labels = table.labels.enumerated().map { Float($0.offset) * 1e30 + $0.element }
    let settings = try configuration(.xgboost, ["objective": "regression", "eta": "1e6", "lambda": "0"])
    #expect {
      try Booster.train(configuration: settings, train: table, pool: ThreadPool(threads: 1))
    } throws: {
      ($0 as? TernError)?.key == "learning_rate"
    }
  }

  @Test
  func unusableLabelsAreRefused() throws {
    var table = TestTables.mixed(rows: 50, seed: 8)
    let pool = ThreadPool(threads: 1)
    let binary = try configuration(.lightgbm)
    for labels: [Float] in [
      [Float](repeating: 1, count: 50), [Float](repeating: 0.5, count: 50),
      [Float](repeating: .nan, count: 50),
    ] {
      table.labels = labels
      #expect { try Booster.train(configuration: binary, train: table, pool: pool) } throws: {
        ($0 as? TernError)?.kind == .data
      }
    }
  }
}
