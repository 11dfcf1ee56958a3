import Compute
import Diagnostics
import Testing
import Trees

@testable import Boosting

/// Trees of CatBoost's style whose leaves have tests of their own.
@Suite("Growth policies after CatBoost")
struct GrowPolicyTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var label: String
    var parameters: [String: String]
    var hasCategories = false
    var hasWeights = false
    /// Rows whose margin may differ.
    var strays = 0
    var testDescription: String { name }
  }

  private static let depthwise = ["grow_policy": "Depthwise", "depth": "4"]
  private static let lossguide = ["grow_policy": "Lossguide", "max_leaves": "12"]
  private static func with(_ base: [String: String], _ more: [String: String]) -> [String: String] {
    base.merging(more) { _, b in b }
  }

  static let cases: [Case] = [
    Case(name: "depthwise", label: "signal", parameters: depthwise),
    Case(
      name: "depthwise_weights", label: "signal", parameters: with(depthwise, ["min_data_in_leaf": "60"]),
      hasWeights: true),
    Case(
      name: "depthwise_l2", label: "binary",
      parameters: with(depthwise, ["score_function": "L2", "leaf_estimation_iterations": "3"])),
    Case(
      name: "depthwise_onehot", label: "binary", parameters: with(depthwise, ["one_hot_max_size": "20"]),
      hasCategories: true),
    // Two statistics part the training rows alike, so that rounding chooses; a category of one row is between them.
    Case(
      name: "depthwise_statistics", label: "binary", parameters: depthwise, hasCategories: true, strays: 1),
    Case(name: "lossguide", label: "signal", parameters: lossguide),
    Case(
      name: "lossguide_shallow", label: "signal",
      parameters: with(lossguide, ["num_leaves": "31", "depth": "3", "min_child_samples": "40"]).filter {
        $0.key != "max_leaves"
      }),
    Case(
      name: "lossguide_l2", label: "binary", parameters: with(lossguide, ["score_function": "L2"]),
      hasWeights: true),
    Case(name: "lossguide_statistics", label: "signal", parameters: lossguide, hasCategories: true),
    Case(name: "lossguide_classes", label: "classes", parameters: with(lossguide, ["max_leaves": "10"])),
  ]

  /// Margins of five rounds are CatBoost's own (Golden/make_catboost_growth.py): a test that differed anywhere would
  /// show, and single-precision gradients and figures of the file leave 1e-6 of a few units.
  @Test(arguments: cases)
  func marginsAreCatBoosts(_ test: Case) throws {
    let file = try Golden.columns("catboost_growth.csv")
    let features = ["x0", "x1", "x2"] + (test.hasCategories ? ["wide", "narrow"] : [])
    let columns = try features.map { try #require(file[$0]) }
    let losses = ["signal": "RMSE", "binary": "Logloss", "classes": "MultiClass"]
    let configuration = try ObliviousConfiguration(
      parameters: GrowPolicyTests.with(
        test.parameters,
        [
          "loss_function": losses[test.label] ?? "", "iterations": "5", "learning_rate": "0.3",
          "bootstrap_type": "No", "random_strength": "0", "has_time": "true",
        ]))
    let table = TrainingTable(
      featureNames: features, columns: columns, labels: try #require(file[test.label]),
      weights: test.hasWeights ? file["weight"] : nil,
      kinds: features.map { name in
        name == "wide" || name == "narrow"
          ? .categorical(vocabulary: (0..<(name == "wide" ? 12 : 3)).map { "c\($0)" }) : .numeric
      })
    let pool = ThreadPool(threads: 2)
    let forest = try ObliviousBooster.train(configuration: configuration, train: table, pool: pool).forest
    let margins = try forest.predictMargins(columns: columns, pool: pool)
    let outputs = forest.outputs
    for output in 0..<outputs {
      let expected = try #require(file[outputs == 1 ? test.name : "\(test.name)_\(output)"])
      let strays = expected.indices.count { !(abs(margins[$0 * outputs + output] - expected[$0]) <= 2e-6) }
      #expect(strays <= test.strays)
    }
  }

  private static let random: [[String: String]] = [
    ["grow_policy": "Depthwise", "loss_function": "Logloss", "bootstrap_type": "Bayesian"],
    ["grow_policy": "Lossguide", "loss_function": "Logloss", "rsm": "0.6", "max_leaves": "9"],
    ["grow_policy": "Depthwise", "loss_function": "MultiClass", "rsm": "0.7", "one_hot_max_size": "10"],
    ["grow_policy": "Lossguide", "loss_function": "RMSE", "depth": "30", "max_leaves": "40"],
  ]

  /// The forest predicts what training followed, neither threads nor an interruption change it, and limits hold.
  @Test(arguments: random)
  func treesKeepTheirPromises(parameters: [String: String]) throws {
    let classes = parameters["loss_function"] == "MultiClass" ? 3 : 2
    let train = ObliviousTrainingTests.table(rows: 9000, seed: 3, classes: classes)
    let valid = ObliviousTrainingTests.table(rows: 700, seed: 4, classes: classes)
    let configuration = try ObliviousConfiguration(
      parameters: GrowPolicyTests.with(
        parameters, ["iterations": "6", "learning_rate": "0.3", "use_best_model": "false"]))
    let keeper = SnapshotKeeper(round: 2)
    var options = BoostingOptions()
    options.callbacks = [keeper]
    let pool = ThreadPool(threads: 2)
    let result = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: pool, options: options)
    let other = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: ThreadPool(threads: 3))
    #expect(result.forest == other.forest && result.history == other.history)
    options.callbacks = []
    options.snapshot = try #require(keeper.snapshot).stored()
    let resumed = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: ThreadPool(threads: 1), options: options
    )
    #expect(resumed.forest == result.forest && resumed.history == result.history)

    let series = try #require(result.history.first { $0.dataset == "valid" })
    let loss = series.metric.evaluate(
      predictions: try result.forest.predict(columns: valid.columns, pool: pool),
      rows: LabelledRows(labels: valid.labels), outputs: result.forest.outputs, pool: pool)
    // Predictions are `Float`, so their logarithms repeat to about 1e-6.
    #expect(abs(loss - (series.values.last ?? .nan)) < 2e-6)
    #expect((series.values.last ?? .nan) < series.values[0])
    for index in 0..<result.forest.trees {
      let tree = result.forest.nodeArrays.tree(index)
      var depths = [Int](repeating: 0, count: tree.count)
      for (number, node) in tree.enumerated() where !node.isLeaf {
        let (left, right) = (Int(node.left), Int(node.right))
        (depths[left], depths[right]) = (depths[number] + 1, depths[number] + 1)
        #expect(node.count == tree[left].count + tree[right].count)
      }
      #expect((depths.max() ?? 0) <= configuration.depth)
      let leaves = tree.count { $0.isLeaf }
      if configuration.growPolicy == .lossguide { #expect(leaves == configuration.maxLeaves) }
    }
  }

  @Test(arguments: [
    ["max_leaves": "20"], ["grow_policy": "Depthwise", "max_leaves": "20"], ["min_data_in_leaf": "5"],
    ["grow_policy": "Lossguide", "boosting_type": "Ordered"], ["grow_policy": "Depthwise", "depth": "17"],
    ["grow_policy": "Lossguide", "max_leaves": "65537"], ["grow_policy": "Region"],
  ])
  func senselessParametersAreRefused(parameters: [String: String]) {
    #expect(throws: TernError.self) { try ObliviousConfiguration(parameters: parameters) }
  }
}
