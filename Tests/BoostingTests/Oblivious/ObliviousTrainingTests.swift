import Compute
import Diagnostics
import Testing
import Trees

@testable import Boosting

@Suite("Training of oblivious trees")
struct ObliviousTrainingTests {
  /// Numbers, a category of many values that decides the label, one of two values, and missing cells of both kinds.
  static func table(rows: Int, seed: UInt64, classes: Int = 2) -> TrainingTable {
    var random = Philox(seed: seed)
    var columns = [[Float]](repeating: [], count: 5)
    var labels: [Float] = []
    for _ in 0..<rows {
      let city = random.integer(below: 40)
      let kind = random.integer(below: 6)
      let flag = random.integer(below: 2)
      let x = random.normal()
      let isMissing = random.uniform() < 0.1
      let effect = Double((city * 7919) % 13) / 6 - 1 + (kind == city % 6 ? 1 : 0)
      columns[0].append(isMissing ? .nan : Float(x))
      columns[1].append(random.uniform() < 0.05 ? .nan : Float(city))
      columns[2].append(Float(kind))
      columns[3].append(Float(flag))
      columns[4].append(Float(random.normal()))
      let score = effect + (isMissing ? 0.5 : x) + 0.3 * Double(flag) + 0.5 * random.normal()
      labels.append(Float(min(classes - 1, max(0, Int((score + 1).rounded(.down))))))
    }
    func names(_ count: Int) -> ColumnKind { .categorical(vocabulary: (0..<count).map { "value \($0)" }) }
    return TrainingTable(
      featureNames: ["x", "city", "kind", "flag", "noise"], columns: columns, labels: labels,
      kinds: [.numeric, names(40), names(6), names(2), .numeric])
  }

  static let configurations: [[String: String]] = [
    ["loss_function": "Logloss", "iterations": "30", "learning_rate": "0.1"],
    ["loss_function": "Logloss", "iterations": "200", "learning_rate": "0.1", "depth": "4"],
    [
      "loss_function": "Logloss", "iterations": "20", "boosting_type": "Ordered", "max_ctr_complexity": "2",
      "learning_rate": "0.2", "bootstrap_type": "Bernoulli",
    ],
    [
      "loss_function": "RMSE", "iterations": "30", "bootstrap_type": "Bayesian", "nan_mode": "Max",
      "max_ctr_complexity": "3", "score_function": "L2", "rsm": "0.6",
    ],
    [
      "loss_function": "MultiClass", "iterations": "20", "learning_rate": "0.2", "max_ctr_complexity": "2",
      "one_hot_max_size": "10", "auto_class_weights": "Balanced",
    ],
    [
      "loss_function": "CrossEntropy", "iterations": "20", "learning_rate": "0.2",
      "leaf_estimation_method": "Gradient", "leaf_estimation_iterations": "3", "has_time": "true",
    ],
  ]

  /// The forest computes from raw rows, through tables of counts, what training followed by bins.
  @Test(arguments: configurations)
  func validationLossIsThatOfTheForest(parameters: [String: String]) throws {
    let classes = parameters["loss_function"] == "MultiClass" ? 3 : 2
    let pool = ThreadPool(threads: 2)
    let train = ObliviousTrainingTests.table(rows: 1500, seed: 1, classes: classes)
    let valid = ObliviousTrainingTests.table(rows: 700, seed: 2, classes: classes)
    var parameters = parameters
    parameters["use_best_model"] = "false"
    let result = try ObliviousBooster.train(
      configuration: ObliviousConfiguration(parameters: parameters), train: train, valid: valid, pool: pool)
    let series = try #require(result.history.first { $0.dataset == "valid" })
    let predictions = try result.forest.predict(columns: valid.columns, pool: pool)
    let loss = series.metric.evaluate(
      predictions: predictions, rows: LabelledRows(labels: valid.labels), outputs: result.forest.outputs,
      pool: pool)
    // Predictions are `Float`, so their logarithms repeat to about 1e-6.
    #expect(abs(loss - (series.values.last ?? .nan)) < 2e-6)
    #expect((series.values.last ?? .nan) < 0.95 * series.values[0])
  }

  @Test(arguments: configurations)
  func threadsDoNotChangeTheForest(parameters: [String: String]) throws {
    let classes = parameters["loss_function"] == "MultiClass" ? 3 : 2
    let train = ObliviousTrainingTests.table(rows: 9000, seed: 3, classes: classes)
    var parameters = parameters
    parameters["iterations"] = "5"
    let configuration = try ObliviousConfiguration(parameters: parameters)
    let forests = try [1, 2, 3].map { threads in
      try ObliviousBooster.train(
        configuration: configuration, train: train, pool: ThreadPool(threads: threads)
      ).forest
    }
    #expect(forests[0] == forests[1])
    #expect(forests[0] == forests[2])
  }

  /// Statistics must not give a row's own label away: a category without meaning has to stay useless.
  @Test
  func uniqueCategoriesTeachNothing() throws {
    var random = Philox(seed: 5)
    func noise(_ rows: Int, _ first: Int) -> TrainingTable {
      TrainingTable(
        featureNames: ["id", "x"],
        columns: [
          (0..<rows).map { Float((first + $0) % 1000) }, (0..<rows).map { _ in Float(random.normal()) },
        ], labels: (0..<rows).map { _ in Float(random.integer(below: 2)) },
        kinds: [.categorical(vocabulary: (0..<1000).map { "\($0)" }), .numeric])
    }
    let result = try ObliviousBooster.train(
      configuration: ObliviousConfiguration(parameters: [
        "loss_function": "Logloss", "iterations": "100", "learning_rate": "0.03", "use_best_model": "false",
      ]), train: noise(1000, 0), valid: noise(1000, 0), pool: ThreadPool(threads: 2))
    let valid = try #require(result.history.first { $0.dataset == "valid" }?.values.last)
    // ln 2 = 0.693 is the best; a leak of labels would make a sure and wrong model.
    #expect(valid < 0.74)
  }

  /// Rows in order of their label: neighbours that stay together in a permutation must not give it away either.
  @Test(arguments: ["Plain", "Ordered"])
  func orderedLabelsTeachNothing(boosting: String) throws {
    var random = Philox(seed: 6)
    let rows = 1000
    func noise(isSorted: Bool) -> TrainingTable {
      TrainingTable(
        featureNames: ["kind", "x"],
        columns: [
          (0..<rows).map { _ in Float(random.integer(below: 10)) },
          (0..<rows).map { _ in Float(random.normal()) },
        ], labels: (0..<rows).map { isSorted ? Float(2 * $0 / rows) : Float(random.integer(below: 2)) },
        kinds: [.categorical(vocabulary: (0..<10).map { "\($0)" }), .numeric])
    }
    func loss(isSorted: Bool) throws -> Double {
      let result = try ObliviousBooster.train(
        configuration: ObliviousConfiguration(parameters: [
          "loss_function": "Logloss", "iterations": "50", "learning_rate": "0.1", "use_best_model": "false",
          "boosting_type": boosting, "fold_permutation_block": "250",
        ]), train: noise(isSorted: isSorted), valid: noise(isSorted: false), pool: ThreadPool(threads: 2))
      return try #require(result.history.first { $0.dataset == "valid" }?.values.last)
    }
    // ln 2 = 0.693 is the best; 50 rounds on the noise of 1000 rows cost 0.01, a leak of labels more than 1.
    #expect(try loss(isSorted: true) < 0.72)
    #expect(try loss(isSorted: false) < 0.72)
  }

  /// A tree without tests, here where no feature was drawn, does not end training: CatBoost goes on as well.
  @Test
  func emptyTreesDoNotEndTraining() throws {
    let table = ObliviousTrainingTests.table(rows: 300, seed: 9)
    let session = try ObliviousSession(
      configuration: ObliviousConfiguration(parameters: [
        "loss_function": "Logloss", "iterations": "60", "rsm": "0.05", "max_ctr_complexity": "1",
      ]), train: table, valid: nil, pool: ThreadPool(threads: 2))
    while session.round < 60 { guard try session.boost() else { break } }
    #expect(try session.result().forest.rounds == 60)
    let depths = session.trees.map(\.splits.count)
    #expect(depths.contains(0) && depths.contains { $0 > 0 })
  }

  @Test
  func earlyStoppingKeepsTheBestTrees() throws {
    let result = try ObliviousBooster.train(
      configuration: ObliviousConfiguration(parameters: [
        "loss_function": "Logloss", "iterations": "400", "learning_rate": "0.5",
        "early_stopping_rounds": "10", "eval_metric": "auc",
      ]), train: ObliviousTrainingTests.table(rows: 800, seed: 7),
      valid: ObliviousTrainingTests.table(rows: 400, seed: 8), pool: ThreadPool(threads: 2))
    #expect(result.roundsTrained < 400)
    #expect(result.forest.rounds == result.bestIteration + 1)
    #expect(result.roundsTrained == result.bestIteration + 11)
    #expect(result.bestScore == result.history.last?.values.max())
  }

  /// A tree of depth d, expanded: 2^(d+1) - 1 nodes whose levels share one test, and covers that add up.
  @Test
  func treesAreOblivious() throws {
    let forest = try ObliviousBooster.train(
      configuration: ObliviousConfiguration(parameters: [
        "loss_function": "RMSE", "iterations": "3", "depth": "4",
      ]), train: TestTables.mixed(rows: 2000, seed: 9), pool: ThreadPool(threads: 2)
    ).forest
    for index in 0..<forest.trees {
      let tree = forest.nodeArrays.tree(index)
      #expect(tree.count == 31)
      for level in 0..<4 {
        let tests = tree[(1 << level) - 1..<(1 << (level + 1)) - 1]
        #expect(Set(tests.map(\.feature)).count == 1 && Set(tests.map(\.threshold)).count == 1)
      }
      #expect(tree[0].count == 2000)
      for node in tree where !node.isLeaf {
        #expect(node.count == tree[Int(node.left)].count + tree[Int(node.right)].count)
      }
    }
  }

  @Test
  func hopelessTablesAreRefused() {
    let constant = TrainingTable(featureNames: ["x"], columns: [[1, 1, 1]], labels: [0, 1, 0])
    let missing = TrainingTable(featureNames: ["x"], columns: [[1, .nan, 2]], labels: [0, 1, 0])
    let pool = ThreadPool(threads: 1)
    #expect(throws: TernError.self) {
      try ObliviousBooster.train(
        configuration: ObliviousConfiguration(parameters: ["loss_function": "Logloss"]), train: constant,
        pool: pool)
    }
    #expect(throws: TernError.self) {
      try ObliviousBooster.train(
        configuration: ObliviousConfiguration(parameters: [
          "loss_function": "Logloss", "nan_mode": "Forbidden",
        ]), train: missing, pool: pool)
    }
  }
}
