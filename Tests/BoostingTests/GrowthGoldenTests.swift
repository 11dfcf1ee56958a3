import Boosting
import Compute
import Testing

/// Margins on a table of 500 rows with categories and missing values, against those of the peers
/// (Golden/make_growth_golden.py).
@Suite("Peers' predictions under constraints and with categories")
struct GrowthGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var hasCategories = true
    var parameters: [String: String] = [:]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "xgboost_categories"),
    Case(name: "xgboost_onehot", parameters: ["max_cat_to_onehot": "20"]),
    Case(name: "xgboost_few_categories", parameters: ["max_cat_to_onehot": "1", "max_cat_threshold": "3"]),
    Case(name: "xgboost_monotone", hasCategories: false, parameters: ["monotone_constraints": "(1,1,-1)"]),
    Case(name: "xgboost_interactions", parameters: ["interaction_constraints": "[[0,1],[2,3,4]]"]),
    Case(name: "xgboost_exact", hasCategories: false, parameters: ["tree_method": "exact", "gamma": "0.5"]),
    Case(name: "lightgbm_categories", parameters: ["min_data_per_group": "20"]),
    Case(name: "lightgbm_onehot", parameters: ["max_cat_to_onehot": "20"]),
    Case(
      name: "lightgbm_smooth_categories",
      parameters: ["cat_smooth": "1", "cat_l2": "1", "min_data_per_group": "5", "max_cat_threshold": "3"]),
    Case(name: "lightgbm_monotone", hasCategories: false, parameters: ["monotone_constraints": "1,1,-1"]),
    Case(
      name: "lightgbm_interactions",
      parameters: ["interaction_constraints": "[0,1],[2,3,4]", "min_data_per_group": "20"]),
    Case(name: "lightgbm_path_smooth", hasCategories: false, parameters: ["path_smooth": "10"]),
    Case(
      name: "lightgbm_linear", hasCategories: false,
      parameters: ["linear_tree": "true", "linear_lambda": "0.5"]),
  ]

  /// Single-precision margins of a few units carry 1e-6; five rounds of them stay within 1e-5.
  @Test(arguments: cases)
  func marginsAgree(_ test: Case) throws {
    let file = try Golden.columns("growth.csv")
    let features = ["x0", "x1", "x2"] + (test.hasCategories ? ["wide", "narrow"] : [])
    let columns = try features.map { try #require(file[$0]) }
    let table = TrainingTable(
      featureNames: features, columns: columns, labels: try #require(file["binary"]),
      kinds: features.map { name in
        name == "wide" || name == "narrow"
          ? .categorical(vocabulary: (0..<(name == "wide" ? 12 : 3)).map { "\($0)" }) : .numeric
      })
    let style: BoostingConfiguration.Style = test.name.hasPrefix("xgboost") ? .xgboost : .lightgbm
    let size = style == .xgboost ? ["max_depth": "3"] : ["num_leaves": "7"]
    let configuration = try BoostingConfiguration(
      style: style,
      parameters: test.parameters.merging(size) { a, _ in a }.merging([
        "num_boost_round": "5", "objective": "binary",
      ]) { a, _ in a })
    let pool = ThreadPool(threads: 2)
    let forest = try Booster.train(configuration: configuration, train: table, pool: pool).forest
    let margins = try forest.predictMargins(columns: columns, pool: pool)
    let expected = try #require(file[test.name])
    let largest = zip(margins, expected).map { abs($0 - $1) }.max() ?? .nan
    #expect(largest < 1e-5)
  }
}
