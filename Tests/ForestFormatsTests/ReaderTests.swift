import Compute
import Diagnostics
import Testing
import Trees

@testable import ForestFormats

/// What no golden file has: other versions' spellings, and what must be refused.
@Suite("Spellings of model files")
struct ReaderTests {
  /// A model of one tree `x < 0.5 ? -1 : 2` in the spelling of the arguments.
  private static func xgboost(
    base: String, objective: String = "reg:squarederror", extra: String = "", left: String = "1",
    parameters: String = "\"num_class\":\"0\",\"num_target\":\"1\","
  ) -> [UInt8] {
    Array(
      """
      {"version":[1,4,0],"learner":{"learner_model_param":{"base_score":\(base),\(parameters)"num_feature":"1"},
      "objective":{"name":"\(objective)"},"gradient_booster":{"name":"gbtree","model":{"gbtree_model_param":
      {"num_trees":"1","num_parallel_tree":"1"},"tree_info":[0],"trees":[{"left_children":[\(left),-1,-1],
      "right_children":[2,-1,-1],"split_indices":[0,0,0],"split_conditions":[0.5,-1,2],"default_left":[true,false,false]\(extra)}]}}}}
      """.utf8)
  }

  private func margin(_ bytes: [UInt8], _ x: Float) throws -> Float {
    try ForestFormat.xgboostJSON.read(bytes).forest.predictMargins(
      columns: [[x]], pool: ThreadPool(threads: 1))[0]
  }

  @Test(arguments: ["\"5E-1\"", "\"0.5\"", "\"[5E-1]\"", "0.5", "[0.5]"])
  func baseScoresOfAllVersions(base: String) throws {
    #expect(try margin(ReaderTests.xgboost(base: base), 0) == -0.5)
    #expect(try margin(ReaderTests.xgboost(base: base), .nan) == -0.5)
    #expect(try margin(ReaderTests.xgboost(base: base), 0.5) == 2.5)
    // Half is the probability of margin zero.
    #expect(try margin(ReaderTests.xgboost(base: base, objective: "binary:logistic"), 1) == 2)
  }

  @Test
  func refusals() {
    for bytes in [
      ReaderTests.xgboost(base: "\"x\""), ReaderTests.xgboost(base: "\"[1,2]\""),
      ReaderTests.xgboost(base: "1e999"),
      ReaderTests.xgboost(base: "\"-1\"", objective: "count:poisson"),
      ReaderTests.xgboost(base: "0", left: "0"),
      ReaderTests.xgboost(base: "0", left: "3"), ReaderTests.xgboost(base: "0", left: "-2"),
      ReaderTests.xgboost(base: "0", extra: ",\"tree_param\":{\"size_leaf_vector\":\"3\"}"),
      ReaderTests.xgboost(base: "0", extra: ",\"split_type\":[1,0,0]"),
    ] {
      #expect(throws: TernError.self) { try ForestFormat.xgboostJSON.read(bytes, file: "m.json") }
    }
  }

  @Test
  func errorsNameTheirPlace() throws {
    let bytes = ReaderTests.xgboost(base: "0", left: "7")
    let error = #expect(throws: TernError.self) { try ForestFormat.xgboostJSON.read(bytes, file: "m.json") }
    #expect(
      error?.description
        == "m.json: learner.gradient_booster.model.trees[0]: has a child that does not exist (found 7, expected 0 ..< 3)"
    )
    let syntax = #expect(throws: TernError.self) {
      try ForestFormat.xgboostJSON.read(Array("{\n\"a\" 1}".utf8), file: "m")
    }
    #expect(syntax?.description == "m:2: a key must be followed by a colon (found \"1}\", expected :)")
  }

  /// Nothing is rounded twice: the `Float` nearest to the text, not to the `Double` nearest to it.
  @Test
  func numbersAreRoundedOnce() throws {
    // Just above the middle of two Floats, by less than a Double can tell.
    let text = "1.000000059604644775390625000000000000000000001"
    let number = try JSONParser.parse(Array(text.utf8), file: nil).number()
    #expect(number.float == Float(1).nextUp)
    #expect(Float(number.double) == 1)
  }

  @Test
  func jsonStringsAndNumbers() throws {
    let text =
      #"{"a":"x\n\"\u00e9\ud83d\ude00","b":[1,-2.5e-3,123456789012345678],"c":[true,null,"q"],"d":-0}"#
    let document = try JSONParser.parse(Array(text.utf8), file: nil)
    #expect(try document.member("a").string() == "x\n\"é😀")
    #expect(try document.member("b").doubles() == [1, -2.5e-3, 1.2345678901234568e17])
    #expect(try document.member("d").number().double.sign == .minus)
    for bad in [
      "{", "[1,]", "01x", "1.", "-", "\"\\x\"", "\"\\ud800\"", "[1 2]", "tru", "{\"a\"}", "1 1", "",
    ] {
      #expect(throws: TernError.self) { try JSONParser.parse(Array(bad.utf8), file: nil) }
    }
  }

  /// The codes of names move with them when names are put in order, for both sides of membership.
  @Test(arguments: [("xgboost-names.json", ForestFormat.xgboostJSON), ("lightgbm-names.txt", .lightgbm)])
  func sortingCategoriesChangesNoPrediction(name: String, format: ForestFormat) throws {
    let model = try Golden.read(name, format)
    let sorted = try model.withSortedCategories()
    let names = try #require(model.categories[1])
    let ordered = try #require(sorted.categories[1])
    #expect(ordered == names.sorted())
    let pool = ThreadPool(threads: 1)
    for (code, text) in names.enumerated() {
      let rank = try #require(ordered.firstIndex(of: text))
      for x: Float in [-2, 0, 2, .nan] {
        #expect(
          try model.forest.exactMargins(columns: [[x], [Float(code)]], pool: pool)
            == sorted.forest.exactMargins(columns: [[x], [Float(rank)]], pool: pool))
      }
    }
  }

  /// What a format cannot say is refused, not approximated.
  @Test
  func writersRefuse() throws {
    let linear = try Golden.read("lightgbm-linear.txt", .lightgbm)
    let zero = try Golden.read("lightgbm-zero.txt", .lightgbm)
    let statistics = try Golden.read("catboost-ctr.json", .catboostJSON)
    for (model, formats) in [
      (linear, [ForestFormat.xgboostJSON, .catboostJSON, .onnx]), (zero, [.xgboostUBJ, .onnx]),
      (statistics, [.xgboostJSON, .lightgbm, .onnx]),
    ] {
      for format in formats { #expect(throws: TernError.self) { try format.write(model) } }
    }
  }

  /// Between makers: sums in `Float` differ from sums in `Double` by their rounding, 1e-6 at margins below 10.
  @Test(arguments: ["xgboost-regression.json", "xgboost-softmax.json", "xgboost-dart.json"])
  func xgboostAsLightGBM(name: String) throws {
    let model = try Golden.read(name, .xgboostJSON)
    let copy = try ForestFormat.lightgbm.read(try ForestFormat.lightgbm.write(model))
    let receipt = try ParityReceipt(
      of: model, and: copy, rows: 500, seed: 1, pool: ThreadPool(threads: 1))
    #expect(receipt.rows == 500 && receipt.maximumMarginDifference < 2e-6)
    #expect(receipt.maximumPredictionDifference < 2e-6)
  }

  @Test
  func lightgbmAsOthers() throws {
    for name in ["lightgbm-regression.txt", "lightgbm-categorical.txt", "lightgbm-multiclass.txt"] {
      let model = try Golden.read(name, .lightgbm)
      for format in [ForestFormat.xgboostJSON, .onnx] where model.forest.header.linkScale == 1 {
        let copy = try format.read(try format.write(model))
        let receipt = try ParityReceipt(
          of: model, and: copy, rows: 500, seed: 1, pool: ThreadPool(threads: 1))
        #expect(receipt.maximumMarginDifference < 2e-6)
      }
    }
  }
}
