import Boosting
import Compute
import Diagnostics
import Testing
import Trees

/// Ways of growing: constraints, sampling, dropout, linear leaves, exact and approximate cuts.
@Suite("Ways of growing")
struct GrowthTests {
  private func configuration(
    _ style: BoostingConfiguration.Style, _ parameters: [String: String]
  ) throws -> BoostingConfiguration {
    try BoostingConfiguration(
      style: style,
      parameters: ["num_boost_round": "15", "objective": "binary"].merging(parameters) { _, b in b })
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var style: BoostingConfiguration.Style
    var parameters: [String: String]
    var testDescription: String { "\(style) \(parameters.sorted { $0.key < $1.key })" }
  }

  static let ways: [Case] = [
    Case(style: .lightgbm, parameters: ["data_sample_strategy": "goss", "learning_rate": "0.3"]),
    Case(style: .lightgbm, parameters: ["boosting": "dart", "drop_rate": "0.4", "skip_drop": "0"]),
    Case(
      style: .lightgbm,
      parameters: [
        "boosting": "dart", "drop_rate": "0.4", "uniform_drop": "true", "xgboost_dart_mode": "true",
      ]),
    Case(style: .lightgbm, parameters: ["path_smooth": "5"]),
    Case(style: .lightgbm, parameters: ["extra_trees": "true"]),
    Case(style: .lightgbm, parameters: ["linear_tree": "true", "linear_lambda": "0.1"]),
    Case(style: .lightgbm, parameters: ["use_quantized_grad": "true"]),
    Case(style: .lightgbm, parameters: ["use_quantized_grad": "true", "quant_train_renew_leaf": "true"]),
    Case(
      style: .lightgbm,
      parameters: ["pos_bagging_fraction": "0.5", "neg_bagging_fraction": "0.8", "bagging_freq": "2"]),
    Case(style: .lightgbm, parameters: ["monotone_constraints": "1,0,-1", "monotone_penalty": "1.5"]),
    Case(style: .xgboost, parameters: ["booster": "dart", "rate_drop": "0.3"]),
    Case(
      style: .xgboost,
      parameters: [
        "booster": "dart", "rate_drop": "0.1", "one_drop": "true", "sample_type": "weighted",
        "normalize_type": "forest",
      ]),
    Case(style: .xgboost, parameters: ["subsample": "0.4", "sampling_method": "gradient_based"]),
    Case(
      style: .xgboost,
      parameters: ["num_parallel_tree": "3", "subsample": "0.6", "colsample_bynode": "0.5"]),
    Case(style: .xgboost, parameters: ["tree_method": "exact", "gamma": "0.5", "subsample": "0.8"]),
    Case(style: .xgboost, parameters: ["tree_method": "approx"]),
    Case(style: .xgboost, parameters: ["interaction_constraints": "[[0,1],[2,3,4]]"]),
  ]

  /// One and three threads agree to the bit, the followed metric is that of the finished forest, and something is learned.
  @Test(arguments: ways)
  func threadsAgreeAndHistoryIsThatOfTheForest(way: Case) throws {
    let table = TestTables.mixed(rows: 9000, seed: 21)
    let settings = try configuration(way.style, way.parameters)
    let results = try [1, 3].map {
      try Booster.train(configuration: settings, train: table, valid: table, pool: ThreadPool(threads: $0))
    }
    #expect(results[0].forest == results[1].forest)
    #expect(results[0].history == results[1].history)
    let pool = ThreadPool(threads: 2)
    let predictions = try results[0].forest.addedInFloat.predict(columns: table.columns, pool: pool)
    let loss = Metric.logloss.evaluate(
      predictions: predictions, labels: table.labels, weights: nil, pool: pool)
    // Dropout takes trees out of single-precision margins and puts them back; fifteen rounds of that stay below 1e-5.
    let tolerance = way.parameters.values.contains("dart") ? 1e-5 : 0
    for series in results[0].history {
      #expect(abs((series.values.last ?? .nan) - loss) <= tolerance)
    }
    #expect(loss < 0.9 * (results[0].history[0].values.first ?? 0))
  }

  /// Predictions along a constrained feature, all others held, never go the wrong way.
  @Test(arguments: [
    Case(style: .lightgbm, parameters: ["num_leaves": "63", "min_data_in_leaf": "5"]),
    Case(style: .lightgbm, parameters: ["path_smooth": "3", "max_delta_step": "0.7"]),
    Case(style: .xgboost, parameters: ["alpha": "0.5"]),
    Case(style: .xgboost, parameters: ["tree_method": "exact"]),
    Case(style: .xgboost, parameters: ["grow_policy": "lossguide", "max_leaves": "40", "max_depth": "0"]),
    Case(style: .xgboost, parameters: ["booster": "dart", "rate_drop": "0.2"]),
  ])
  func monotoneConstraintsHold(way: Case) throws {
    let directions = [1, 0, -1, 0, 0, 1, -1, 1]
    let table = TestTables.mixed(rows: 3000, seed: 22, missing: 0.05)
    let settings = try configuration(
      way.style,
      way.parameters.merging([
        "monotone_constraints": "(" + directions.map(String.init).joined(separator: ",") + ")",
        "num_boost_round": "30",
      ]) { a, _ in a })
    let pool = ThreadPool(threads: 2)
    let forest = try Booster.train(configuration: settings, train: table, pool: pool).forest
    var random = Philox(seed: 5)
    let steps = (0..<60).map { Float($0) * 0.1 - 3 }
    var moves = 0
    for _ in 0..<40 {
      let base = (0..<table.features).map { table.columns[$0][random.integer(below: table.rows)] }
      for (feature, direction) in directions.enumerated() where direction != 0 {
        var columns = base.map { [Float](repeating: $0, count: steps.count) }
        columns[feature] = steps
        let margins = try forest.predictMargins(columns: columns, pool: pool)
        // Single-precision sums of thirty leaves round; equal leaves in another order move a margin by less than 1e-5.
        let wrong = zip(margins, margins.dropFirst()).contains {
          Float(direction) * ($1 - $0) < -1e-5
        }
        #expect(!wrong)
        moves += Set(margins).count > 1 ? 1 : 0
      }
    }
    #expect(moves > 40)
  }

  /// On no path do two features meet that no set holds together.
  @Test(arguments: [
    Case(style: .lightgbm, parameters: ["min_data_in_leaf": "5"]),
    Case(style: .xgboost, parameters: [:]),
    Case(style: .xgboost, parameters: ["tree_method": "exact"]),
  ])
  func interactionConstraintsHold(way: Case) throws {
    let sets: [Set<Int32>] = [[0, 1, 3], [2, 3], [5, 6, 7, 8]]
    let table = TestTables.mixed(rows: 3000, seed: 23)
    let settings = try configuration(
      way.style, way.parameters.merging(["interaction_constraints": "[0,1,3],[2,3],[5,6,7,8]"]) { a, _ in a })
    let forest = try Booster.train(configuration: settings, train: table, pool: ThreadPool(threads: 2)).forest
    var deepest = 0
    for tree in 0..<forest.trees {
      let nodes = forest.nodeArrays.tree(tree)
      var paths = [Set<Int32>](repeating: [], count: nodes.count)
      for (index, node) in nodes.enumerated() where !node.isLeaf {
        let path = paths[index].union([node.feature])
        deepest = max(deepest, path.count)
        #expect(path.count == 1 || sets.contains { path.isSubset(of: $0) })
        paths[Int(node.left)] = path
        paths[Int(node.right)] = path
      }
    }
    #expect(deepest > 1)
  }

  /// A parallel forest is an average: three trees on all rows and columns are one tree.
  @Test
  func parallelTreesShareTheLearningRate() throws {
    let table = TestTables.mixed(rows: 2000, seed: 24)
    let pool = ThreadPool(threads: 2)
    let one = try Booster.train(configuration: configuration(.xgboost, [:]), train: table, pool: pool)
    let three = try Booster.train(
      configuration: configuration(.xgboost, ["num_parallel_tree": "3"]), train: table, pool: pool)
    #expect(three.forest.trees == 3 * one.forest.trees)
    let a = try one.forest.predictMargins(columns: table.columns, pool: pool)
    let b = try three.forest.predictMargins(columns: table.columns, pool: pool)
    // Thirds of single-precision leaf values round.
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// With as many bins as values, exact and hist choose the same partitions.
  @Test
  func exactIsHistogramsOfAllValues() throws {
    var table = TestTables.mixed(rows: 900, seed: 25)
    table.columns = table.columns.map { column in
      column.map { $0.isFinite ? ($0 * 10).rounded() : $0.isNaN ? .nan : 40 }
    }
    let pool = ThreadPool(threads: 2)
    let settings = ["max_depth": "4", "num_boost_round": "6"]
    let hist = try Booster.train(configuration: configuration(.xgboost, settings), train: table, pool: pool)
    let exact = try Booster.train(
      configuration: configuration(.xgboost, settings.merging(["tree_method": "exact"]) { a, _ in a }),
      train: table, pool: pool)
    let a = try hist.forest.predictMargins(columns: table.columns, pool: pool)
    let b = try exact.forest.predictMargins(columns: table.columns, pool: pool)
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// A piecewise linear target is learned to within its noise by linear leaves, and not by constant ones.
  @Test
  func linearLeavesFollowSlopes() throws {
    var random = Philox(seed: 26)
    let columns = (0..<3).map { _ in (0..<2000).map { _ in Float(random.normal()) } }
    let labels = (0..<2000).map {
      columns[0][$0] > 0 ? 3 * columns[1][$0] + columns[0][$0] : -2 * columns[1][$0]
    }
    let table = TrainingTable(featureNames: ["a", "b", "c"], columns: columns, labels: labels)
    let pool = ThreadPool(threads: 2)
    let losses = try ["true", "false"].map { linear in
      let settings = try configuration(
        .lightgbm, ["objective": "regression", "metric": "mse", "linear_tree": linear, "num_leaves": "8"])
      return try Booster.train(configuration: settings, train: table, pool: pool).history[0].values.last
        ?? .nan
    }
    #expect(losses[0] < 0.3 * losses[1])
  }

  @Test(arguments: [
    (BoostingConfiguration.Style.xgboost, ["linear_tree": "true"], "linear_tree"),
    (.lightgbm, ["tree_method": "exact"], "tree_method"),
    (
      .lightgbm, ["data_sample_strategy": "goss", "bagging_fraction": "0.5", "bagging_freq": "1"],
      "data_sample_strategy"
    ),
    (.lightgbm, ["boosting": "drat"], "boosting"),
    (.xgboost, ["monotone_constraints": "2,0"], "monotone_constraints"),
    (.xgboost, ["interaction_constraints": "0 1"], "interaction_constraints"),
    (.lightgbm, ["min_data_per_grup": "3"], "min_data_per_grup"),
    (.xgboost, ["tree_method": "exact", "grow_policy": "lossguide"], "grow_policy"),
  ])
  func mistakesAreNamed(style: BoostingConfiguration.Style, parameters: [String: String], key: String) {
    #expect {
      try BoostingConfiguration(
        style: style, parameters: ["objective": "binary"].merging(parameters) { a, _ in a })
    } throws: {
      ($0 as? TernError)?.kind == .configuration && ($0 as? TernError)?.key == key
    }
  }
}
