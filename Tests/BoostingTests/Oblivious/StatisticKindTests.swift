import Compute
import Diagnostics
import Glibc
import Testing
import Trees

@testable import Boosting

/// CatBoost's descriptions of the numbers that stand for categories.
@Suite("Kinds of statistics of categories")
struct StatisticKindTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var label: String
    var parameters: [String: String] = [:]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "plain", label: "binary"),
    Case(name: "combinations", label: "binary", parameters: ["max_ctr_complexity": "2"]),
    Case(
      name: "buckets", label: "binary",
      parameters: ["simple_ctr": "Buckets:Prior=0.3:CtrBorderCount=7,Counter:Prior=0.5/1"]),
    Case(
      name: "means", label: "signal",
      parameters: ["simple_ctr": "['BinarizedTargetMeanValue:TargetBorderCount=4']"]),
    Case(name: "target_borders", label: "signal", parameters: ["ctr_target_border_count": "3"]),
    Case(
      name: "priors", label: "binary",
      parameters: ["simple_ctr": "Borders:Prior=-1:Prior=3:CtrBorderCount=40:CtrBorderType=Uniform"]),
    Case(name: "per_feature", label: "binary", parameters: ["per_feature_ctr": "1:Counter:Prior=0.2/1"]),
    Case(
      name: "combinations_kind", label: "signal",
      parameters: [
        "max_ctr_complexity": "2",
        "combinations_ctr":
          "BinarizedTargetMeanValue:TargetBorderCount=2:TargetBorderType=MinEntropy, Counter",
      ]),
    Case(name: "classes", label: "classes", parameters: ["simple_ctr": "Buckets"]),
  ]

  private static func table(_ label: String) throws -> TrainingTable {
    let file = try Golden.columns("catboost_statistics.csv")
    return TrainingTable(
      featureNames: ["x", "wide", "narrow"],
      columns: try ["x", "wide", "narrow"].map { try #require(file[$0]) }, labels: try #require(file[label]),
      kinds: [
        .numeric, .categorical(vocabulary: (0..<28).map { "c\($0)" }),
        .categorical(vocabulary: (0..<5).map { "c\($0)" }),
      ])
  }

  /// Margins of eight rounds are CatBoost's own (Golden/make_catboost_statistics.py): single-precision gradients and the
  /// figures of the file leave 1e-6 of a few units.
  @Test(arguments: cases)
  func marginsAreCatBoosts(_ test: Case) throws {
    let losses = ["signal": "RMSE", "binary": "Logloss", "classes": "MultiClass"]
    let configuration = try ObliviousConfiguration(
      parameters: [
        "loss_function": losses[test.label] ?? "", "iterations": "8", "learning_rate": "0.3", "depth": "4",
        "bootstrap_type": "No", "random_strength": "0", "has_time": "true",
      ].merging(test.parameters) { _, b in b })
    let table = try StatisticKindTests.table(test.label)
    let pool = ThreadPool(threads: 2)
    let forest = try ObliviousBooster.train(configuration: configuration, train: table, pool: pool).forest
    let margins = try forest.predictMargins(columns: table.columns, pool: pool)
    let file = try Golden.columns("catboost_statistics.csv")
    let outputs = forest.outputs
    for output in 0..<outputs {
      let expected = try #require(file[outputs == 1 ? test.name : "\(test.name)_\(output)"])
      let worst = expected.indices.map { abs(margins[$0 * outputs + output] - expected[$0]) }.max() ?? .nan
      #expect(worst <= 3e-6)
    }
  }

  /// Validation rows whose categories are others, in another order: three occur in no training row.
  private static func validTable() throws -> TrainingTable {
    var table = try table("binary")
    let (wide, narrow) = (table.columns[1].map { Int($0) }, table.columns[2].map { Int($0) })
    table.columns[1] = zip(wide, narrow).map { Float($1 == 0 ? 27 - $0 % 3 : $0 * $0 % 9) }
    table.columns[2] = zip(wide, narrow).map { Float(($0 + $1) % 5) }
    return table
  }

  /// Counters that count validation rows, or do not, are CatBoost's, and so are the margins that training follows.
  @Test(arguments: [("full", "Full"), ("skip", "SkipTest")])
  func validationRowsAreCounted(name: String, method: String) throws {
    let configuration = try ObliviousConfiguration(parameters: [
      "loss_function": "Logloss", "iterations": "8", "learning_rate": "0.3", "depth": "4",
      "bootstrap_type": "No", "random_strength": "0", "has_time": "true", "max_ctr_complexity": "3",
      "simple_ctr": "Counter:Prior=0.1/1,Borders", "model_size_reg": "2", "counter_calc_method": method,
      "use_best_model": "false",
    ])
    let (train, valid) = (try StatisticKindTests.table("binary"), try StatisticKindTests.validTable())
    let pool = ThreadPool(threads: 2)
    let result = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: pool)
    let file = try Golden.columns("catboost_statistics.csv")
    for (column, table) in [(name, train), ("\(name)_valid", valid)] {
      let margins = try result.forest.predictMargins(columns: table.columns, pool: pool)
      let expected = try #require(file[column])
      #expect(zip(margins, expected).map { abs($0 - $1) }.max() ?? .nan <= 3e-6)
    }
    let margins = try #require(file["\(name)_valid"])
    let loss = zip(margins, valid.labels).reduce(0.0) {
      $0 + log1p(exp(Double($1.1 > 0.5 ? -$1.0 : $1.0)))
    }
    let followed = try #require(result.history.first { $0.dataset == "valid" }?.values.last)
    #expect(abs(followed - loss / 500) < 3e-6)
  }

  /// A training with statistics of every kind is interrupted, and its forest predicts what it followed.
  @Test
  func allKindsGoOn() throws {
    let table = try StatisticKindTests.table("signal")
    let configuration = try ObliviousConfiguration(parameters: [
      "iterations": "7", "learning_rate": "0.2", "max_ctr_complexity": "3",
      "simple_ctr": "Borders:TargetBorderCount=3,Buckets:Prior=-0.5,Counter",
      "combinations_ctr": "BinarizedTargetMeanValue,Counter:CtrBorderCount=200",
      "per_feature_ctr":
        "2:Borders:Prior=0.7,2:BinarizedTargetMeanValue:TargetBorderCount=5:TargetBorderType=Median",
    ])
    let keeper = SnapshotKeeper(round: 3)
    var options = BoostingOptions()
    options.callbacks = [keeper]
    let pool = ThreadPool(threads: 2)
    let whole = try ObliviousBooster.train(
      configuration: configuration, train: table, valid: table, pool: pool, options: options)
    options.callbacks = []
    options.snapshot = try #require(keeper.snapshot).stored()
    let rest = try ObliviousBooster.train(
      configuration: configuration, train: table, valid: table, pool: ThreadPool(threads: 1), options: options
    )
    let isSame = rest.forest == whole.forest && rest.history == whole.history
    #expect(isSame)
    let series = try #require(whole.history.first { $0.dataset == "valid" })
    let margins = try whole.forest.prefix(rounds: 7).exactMargins(columns: table.columns, pool: pool)
    let sum = zip(margins, table.labels).reduce(0.0) {
      $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
    }
    // The mean of 500 squares of about 1 in another order.
    #expect(abs((sum / 500).squareRoot() - series.values[whole.forest.rounds - 1]) < 1e-6)
  }

  /// The borders on a target are those of least entropy among all there are.
  @Test(arguments: [1, 2, 3, 4])
  func targetBordersAreOptimal(count: Int) {
    var random = Philox(seed: UInt64(count))
    for _ in 0..<20 {
      let labels = (0..<30).map { _ in Float(min(random.integer(below: 12), random.integer(below: 12))) }
      let borders = TargetClasses.borders(
        of: labels, cut: TargetClasses.Cut(count: count, type: .minEntropy))
      let distinct = Set(labels).sorted()
      func cost(_ borders: [Float]) -> Double {
        var counts = [Int](repeating: 0, count: borders.count + 1)
        for label in labels { counts[borders.count { label > $0 }] += 1 }
        return counts.reduce(0.0) { $0 + ($1 > 0 ? Double($1) * log2(Double($1)) : 0) }
      }
      func best(_ chosen: [Float], from first: Int) -> Double {
        if chosen.count == min(count, distinct.count - 1) { return cost(chosen) }
        return (first..<distinct.count - 1).map { place in
          best(chosen + [(distinct[place] + distinct[place + 1]) / 2], from: place + 1)
        }.min() ?? .infinity
      }
      // Costs of a few hundred in another order of the sum.
      #expect(abs(cost(borders) - best([], from: 0)) < 1e-9)
    }
  }

  @Test
  func descriptionsAreRead() throws {
    let text =
      "['Borders:CtrBorderCount=7:CtrBorderType=Uniform:TargetBorderCount=3:Prior=0/1:Prior=0.5', 'counter']"
    let read = try StatisticDescription.list("simple_ctr", text)
    var borders = StatisticDescription(.borders)
    borders.borderCount = 7
    borders.targetBorderCount = 3
    borders.priors = [0, 0.5]
    #expect(read == [borders, StatisticDescription(.counter)])
    #expect(read[1].priors == [0])
    let columns = try StatisticDescription.listByColumn(
      "per_feature_ctr", "3:Buckets, 3:Counter,10:Borders:Prior=2")
    #expect(columns.keys.sorted() == [3, 10] && columns[3]?.map(\.kind) == [.buckets, .counter])
  }

  @Test(arguments: [
    (["simple_ctr": "Bordres"], "did you mean Borders"),
    (["simple_ctr": "Borders:Piror=1"], "did you mean Prior"),
    (["simple_ctr": ""], "names no kind"), (["simple_ctr": "Borders:Prior=1/2"], "is no prior"),
    (["combinations_ctr": "FloatTargetMeanValue"], "unknown value"),
    (["simple_ctr": "Borders:CtrBorderCount=300"], "out of range"),
    (["simple_ctr": "Borders:CtrBorderType=Median"], "is not known"),
    (["simple_ctr": "Borders:TargetBorderType=Medien"], "did you mean Median"),
    (["per_feature_ctr": "Borders"], "names no column"),
    (["per_feature_ctr": "9:Borders"], "names no column"),
    (["counter_calc_method": "Skip"], "unknown value"), (["ctr_target_border_count": "0"], "out of range"),
  ])
  func senselessDescriptionsAreRefused(parameters: [String: String], message: String) throws {
    let error = #expect(throws: TernError.self) {
      try ObliviousBooster.train(
        configuration: ObliviousConfiguration(
          parameters: parameters.merging(["loss_function": "Logloss"]) { a, _ in a }),
        train: StatisticKindTests.table("binary"), pool: ThreadPool(threads: 1))
    }
    #expect("\(error?.message ?? "")".contains(message))
  }
}
