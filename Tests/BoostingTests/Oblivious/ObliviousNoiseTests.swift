import Compute
import Testing

@testable import Boosting

/// Tests against CatBoost on a table of sparse and two-valued columns (Golden/make_catboost_noise.py).
@Suite("CatBoost's noise and margins")
struct ObliviousNoiseTests {
  static func table(_ label: String) throws -> (TrainingTable, [String: [Float]]) {
    let file = try Golden.columns("catboost_noise.csv")
    let names =
      ["dense0"] + (0..<12).map { "kind\($0)" } + (0..<6).map { "flag\($0)" } + (0..<3).map { "size\($0)" }
      + (0..<2).map { "amount\($0)" } + (0..<4).map { "late\($0)" } + ["dense1"]
    let table = TrainingTable(
      featureNames: names, columns: try names.map { try #require(file[$0]) },
      labels: try #require(file[label]))
    return (table, file)
  }

  /// Exclusive columns make bundles, of which small ones of flags are packed with the other flags, eight at a time.
  @Test
  func groupsAreBundlesAndPacks() throws {
    let (table, _) = try ObliviousNoiseTests.table("signal")
    let pool = ThreadPool(threads: 2)
    let groups = try ObliviousDataset(table: table, configuration: ObliviousConfiguration(), pool: pool)
      .noiseGroups
    func members(_ feature: String) -> Set<String> {
      let own = table.featureNames.firstIndex(of: feature).flatMap { groups[$0] }
      return Set(zip(table.featureNames, groups).filter { own != nil && $1 == own }.map(\.0))
    }
    #expect(members("dense0").isEmpty && members("dense1").isEmpty)
    #expect(members("kind0") == Set((0..<12).map { "kind\($0)" }))
    #expect(members("amount0") == ["amount0", "amount1"])
    #expect(members("flag0") == Set((0..<6).map { "flag\($0)" } + ["size0", "size1"]))
    #expect(members("size2") == Set((0..<4).map { "late\($0)" } + ["size2"]))
    var still = ObliviousConfiguration()
    still.randomStrength = 0
    #expect(try ObliviousDataset(table: table, configuration: still, pool: pool).noiseGroups.isEmpty)
  }

  /// Where noise alone decides, every column is tested as often as CatBoost tests it.
  ///
  /// Σ (a - b)² / (a + b) over 29 columns has mean 28 and deviation √56; 60 is more than four deviations away.
  @Test
  func noiseChoosesLikeCatBoosts() throws {
    let (table, file) = try ObliviousNoiseTests.table("signal")
    let configuration = try ObliviousConfiguration(parameters: [
      "iterations": "4000", "depth": "1", "learning_rate": "1e-6", "random_strength": "1e4",
      "bootstrap_type": "No", "loss_function": "RMSE",
    ])
    let session = try ObliviousSession(
      configuration: configuration, train: table, valid: nil, pool: ThreadPool(threads: 2))
    while session.round < configuration.iterations { guard try session.boost() else { break } }
    var counts = [Double](repeating: 0, count: table.features)
    for split in session.trees.flatMap(\.splits) {
      if case .feature(let feature) = split.source { counts[session.dataset.features[feature].column] += 1 }
    }
    let expected = try #require(file["tests"])
    #expect(counts.reduce(0, +) == 4000 && expected.reduce(0, +) == 4000)
    var distance = 0.0
    for (own, other) in zip(counts, expected) where own + Double(other) > 0 {
      distance += (own - Double(other)) * (own - Double(other)) / (own + Double(other))
    }
    #expect(distance < 60, "\(counts)")
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var label: String
    var loss: String
    var parameters: [String: String] = [:]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "rmse", label: "signal", loss: "RMSE"),
    Case(name: "logloss", label: "binary", loss: "Logloss"),
    Case(
      name: "crossentropy", label: "binary", loss: "CrossEntropy", parameters: ["score_function": "L2"]),
    Case(name: "multiclass", label: "class", loss: "MultiClass"),
    Case(
      name: "gradient", label: "class", loss: "MultiClass",
      parameters: ["score_function": "L2", "leaf_estimation_method": "Gradient"]),
  ]

  /// Trees without chance are CatBoost's; their margins of a few units are compared in single precision.
  @Test(arguments: cases)
  func marginsAgree(_ test: Case) throws {
    let (table, file) = try ObliviousNoiseTests.table(test.label)
    let configuration = try ObliviousConfiguration(
      parameters: test.parameters.merging([
        "loss_function": test.loss, "iterations": "8", "depth": "3", "learning_rate": "0.2",
        "random_strength": "0", "bootstrap_type": "No", "leaf_estimation_backtracking": "No",
      ]) { a, _ in a })
    let pool = ThreadPool(threads: 2)
    let forest = try ObliviousBooster.train(configuration: configuration, train: table, pool: pool).forest
    let margins = try forest.predictMargins(columns: table.columns, pool: pool)
    for output in 0..<forest.outputs {
      let expected = try #require(file[forest.outputs == 1 ? test.name : "\(test.name)_\(output)"])
      let largest = expected.indices.map { abs(margins[$0 * forest.outputs + output] - expected[$0]) }.max()
      #expect(try #require(largest) < 4e-6)
    }
  }
}
