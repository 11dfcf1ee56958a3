import Boosting
import Compute
import Foundation
import Testing

/// Losses that LightGBM 4.7.0 and XGBoost 3.2.0 reach on the census data with its eight text columns as categories.
@Suite("Peers' losses on categories", .enabled(if: SharedData.isPresent, "skipped: no shared data"))
struct AdultTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var style: BoostingConfiguration.Style
    var parameters: [String: String] = [:]
    var train: Double
    var test: Double
    var testDescription: String { "\(style) \(parameters.sorted { $0.key < $1.key })" }
  }

  /// Train loss within 1 %, test loss no worse by more than 0.5 %.
  @Test(arguments: [
    Row(style: .lightgbm, train: 0.237013, test: 0.275217),
    Row(
      style: .lightgbm, parameters: ["cat_smooth": "1", "cat_l2": "1", "min_data_per_group": "20"],
      train: 0.231825, test: 0.274240),
    Row(style: .lightgbm, parameters: ["max_cat_to_onehot": "20"], train: 0.238840, test: 0.276197),
    Row(style: .xgboost, train: 0.189422, test: 0.286060),
    Row(style: .xgboost, parameters: ["max_cat_to_onehot": "100"], train: 0.212200, test: 0.281082),
    Row(style: .xgboost, parameters: ["max_cat_threshold": "3"], train: 0.208310, test: 0.278267),
  ])
  func logLoss(row: Row) throws {
    let rows = try AdultTests.cells("adult_train.csv.gz")
    let vocabularies = (0..<AdultTests.names.count).map { column -> [String]? in
      AdultTests.numeric.contains(AdultTests.names[column])
        ? nil : Set(rows.map { $0[column] }).subtracting([""]).sorted()
    }
    let configuration = try BoostingConfiguration(
      style: row.style, parameters: row.parameters.merging(["objective": "binary"]) { a, _ in a })
    let result = try Booster.train(
      configuration: configuration, train: AdultTests.table(rows, vocabularies),
      valid: AdultTests.table(AdultTests.cells("adult_test.csv.gz"), vocabularies),
      pool: ThreadPool(threads: 2))
    #expect(abs((result.history[0].values.last ?? .nan) / row.train - 1) < 0.01)
    #expect((result.history[1].values.last ?? .nan) / row.test < 1.005)
  }

  private static let names = [
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation",
    "relationship",
    "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country",
  ]
  private static let numeric: Set<String> = [
    "age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week",
  ]

  private static func cells(_ name: String) throws -> [[String]] {
    try SharedData.uncompressed(name).split(whereSeparator: \.isNewline).dropFirst().map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static func table(_ rows: [[String]], _ vocabularies: [[String]?]) -> TrainingTable {
    let columns = names.indices.map { column in
      let codes = vocabularies[column].map { words in
        Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, Float($0)) })
      }
      return rows.map { row -> Float in
        if row[column].isEmpty { return .nan }
        if let codes { return codes[row[column]] ?? ColumnKind.unseen }
        return Float(row[column]) ?? .nan
      }
    }
    return TrainingTable(
      featureNames: names, columns: columns, labels: rows.map { $0[names.count] == ">50K" ? 1 : 0 },
      kinds: vocabularies.map { $0.map { .categorical(vocabulary: $0) } ?? .numeric })
  }
}
