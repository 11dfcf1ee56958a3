import Boosting
import Compute
import Foundation
import Testing

/// Margins on a table of 300 rows with missing values, against those of the peers (Golden/make_golden.py).
@Suite("Peers' predictions")
struct GoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var label: String
    var isWeighted = false
    var parameters: [String: String]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "xgboost_binary", label: "binary", parameters: ["objective": "binary:logistic", "max_depth": "3"]),
    Case(
      name: "xgboost_weighted", label: "binary", isWeighted: true,
      parameters: ["objective": "binary:logistic", "max_depth": "3", "scale_pos_weight": "2"]),
    Case(
      name: "xgboost_regularised", label: "signal",
      parameters: [
        "objective": "reg:squarederror", "max_depth": "3", "alpha": "2", "lambda": "3", "gamma": "1",
        "min_child_weight": "5",
      ]),
    Case(
      name: "xgboost_clipped", label: "binary",
      parameters: ["objective": "binary:logistic", "max_depth": "3", "max_delta_step": "0.5"]),
    Case(
      name: "xgboost_leafwise", label: "binary",
      parameters: [
        "objective": "binary:logistic", "max_depth": "0", "grow_policy": "lossguide", "max_leaves": "6",
      ]),
    Case(
      name: "xgboost_classes", label: "class",
      parameters: ["objective": "multi:softprob", "num_class": "3", "max_depth": "3"]),
    Case(name: "lightgbm_binary", label: "binary", parameters: ["objective": "binary", "num_leaves": "7"]),
    Case(
      name: "lightgbm_weighted", label: "binary", isWeighted: true,
      parameters: ["objective": "binary", "num_leaves": "7", "scale_pos_weight": "2"]),
    Case(
      name: "lightgbm_regularised", label: "signal",
      parameters: [
        "objective": "regression", "num_leaves": "7", "lambda_l1": "2", "lambda_l2": "3",
        "min_gain_to_split": "1",
      ]),
    Case(
      name: "lightgbm_shallow", label: "binary",
      parameters: ["objective": "binary", "max_depth": "2", "min_data_in_leaf": "5"]),
    Case(
      name: "lightgbm_classes", label: "class",
      parameters: ["objective": "multiclass", "num_class": "3", "num_leaves": "5"]),
  ]

  /// Single-precision margins of a few units carry 1e-6; five rounds of them stay within 1e-5.
  @Test(arguments: cases)
  func marginsAgree(_ test: Case) throws {
    let file = try Golden.columns()
    let features = (0..<5).map { "x\($0)" }
    let columns = try features.map { try #require(file[$0]) }
    let table = TrainingTable(
      featureNames: features, columns: columns, labels: try #require(file[test.label]),
      weights: test.isWeighted ? file["weight"] : nil)
    let style: BoostingConfiguration.Style = test.name.hasPrefix("xgboost") ? .xgboost : .lightgbm
    let configuration = try BoostingConfiguration(
      style: style, parameters: test.parameters.merging(["num_boost_round": "5"]) { a, _ in a })
    let pool = ThreadPool(threads: 2)
    let forest = try Booster.train(configuration: configuration, train: table, pool: pool).forest
    let margins = try forest.predictMargins(columns: columns, pool: pool)
    for output in 0..<forest.outputs {
      let name = forest.outputs == 1 ? test.name : "\(test.name)_\(output)"
      let expected = try #require(file[name])
      let largest =
        (0..<table.rows).map { abs(margins[$0 * forest.outputs + output] - expected[$0]) }.max() ?? .nan
      #expect(largest < 1e-5)
    }
  }
}

/// The committed files of the peers' predictions.
enum Golden {
  static func columns(_ file: String = "peers.csv") throws -> [String: [Float]] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Golden/" + file)
    let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
    let names = lines[0].split(separator: ",").map(String.init)
    var columns: [String: [Float]] = [:]
    for line in lines.dropFirst() {
      for (name, cell) in zip(names, line.split(separator: ",", omittingEmptySubsequences: false)) {
        columns[name, default: []].append(cell.isEmpty ? .nan : Float(cell) ?? .nan)
      }
    }
    return columns
  }
}
