import Compute
import Explanations
import Foundation
import Testing
import Trees

@testable import ForestFormats

@Suite("Models of real programs")
struct GoldenTests {
  static let pool = ThreadPool(threads: 1)

  typealias Case = (name: String, suffix: String, format: ForestFormat)

  private static func cases(_ maker: String, _ names: [String], _ suffix: String, _ format: ForestFormat)
    -> [Case]
  {
    names.map { ("\(maker)-\($0)", suffix, format) }
  }

  static let xgboost = cases(
    "xgboost", ["regression", "categorical", "softmax", "dart", "poisson"], "json", .xgboostJSON)
  static let ubjson = cases("xgboost", ["regression", "categorical", "dart"], "ubj", .xgboostUBJ)
  static let lightgbm = cases(
    "lightgbm", ["regression", "categorical", "multiclass", "zero", "none", "linear", "forest"], "txt",
    .lightgbm)
  static let numeric = cases(
    "catboost", ["regression", "nanmax", "multiclass", "onehot", "lossguide"], "json", .catboostJSON)
  static let statistics = cases(
    "catboost", ["ctr", "ctr-regression", "ctr-multiclass"], "json", .catboostJSON)
  static let catboost: [Case] = numeric + statistics
  static let bothXGBoosts: [Case] = xgboost + ubjson
  static let all: [Case] = bothXGBoosts + lightgbm + catboost
  /// What ONNX can say: no linear leaves, no zeros that count as missing, no statistics.
  static let plain: [Case] = (xgboost + lightgbm + numeric).filter {
    !$0.name.hasSuffix("linear") && !$0.name.hasSuffix("zero")
  }

  /// XGBoost sums in `Float`, and so do its models here: equal to the last bit.
  @Test(arguments: bothXGBoosts)
  func xgboostIsEqual(name: String, suffix: String, format: ForestFormat) throws {
    let model = try Golden.read("\(name).\(suffix)", format)
    let margins = try model.forest.exactMargins(
      columns: try Golden.columns(model.forest.features), pool: GoldenTests.pool)
    #expect(try margins == Golden.numbers("\(name).margins.txt").flatMap { $0 })
  }

  /// LightGBM sums in `Double` in another order of operations: a few units of 2^-53 of sums below 10.
  @Test(arguments: lightgbm)
  func lightgbmIsEqual(name: String, suffix: String, format: ForestFormat) throws {
    let model = try Golden.read("\(name).\(suffix)", format)
    let margins = try model.forest.exactMargins(
      columns: try Golden.columns(model.forest.features), pool: GoldenTests.pool)
    #expect(Golden.difference(margins, try Golden.numbers("\(name).margins.txt").flatMap { $0 }) < 1e-13)
  }

  /// CatBoost reads its trees from the last split on, which the shares of a path-dependent value follow: sums of a few
  /// dozen terms below 10 in `Double`, written with 12 digits.
  @Test(arguments: ["regression", "multiclass", "onehot"])
  func catboostIsExplainedAsByItself(name: String) throws {
    let model = try Golden.read("catboost-\(name).json", .catboostJSON)
    let forest = model.forest
    let expected = try Golden.numbers("catboost-\(name).shapley.txt")
    let columns = try GoldenTests.columns(for: model).map { Array($0.prefix(expected.count)) }
    let explained = try ShapleyExplainer(forest, cover: .rows).values(
      columns: columns, pool: GoldenTests.pool)
    for (row, numbers) in expected.enumerated() {
      let own = (0..<forest.outputs).flatMap {
        explained.values(row: row, output: $0) + [explained.expected[$0]]
      }
      #expect(Golden.difference(own, numbers) < 1e-10)
    }
  }

  /// Golden rows as a CatBoost model takes them: categories by the rank of their name, `c5`, or `missing`.
  static func columns(for model: ForeignForest) throws -> [[Float]] {
    let all = try Golden.columns(6)
    return model.forest.header.featureNames.enumerated().map { index, name in
      let column = all[Int(name.dropFirst()) ?? 0]
      guard let names = model.categories[index] else { return column }
      return column.map { code in
        let name = code.isNaN ? "missing" : "c\(Int(code))"
        return names.firstIndex(of: name).map(Float.init) ?? .nan
      }
    }
  }

  /// CatBoost sums in `Double`, several trees at a time: a few units of 2^-53 of sums below 10.
  @Test(arguments: catboost)
  func catboostIsEqual(name: String, suffix: String, format: ForestFormat) throws {
    let model = try Golden.read("\(name).\(suffix)", format)
    let margins = try model.forest.exactMargins(
      columns: try GoldenTests.columns(for: model), pool: GoldenTests.pool)
    #expect(Golden.difference(margins, try Golden.numbers("\(name).margins.txt").flatMap { $0 }) < 1e-13)
  }

  /// The same margins on the golden rows, and the same link and names.
  private func expectSame(_ again: ForeignForest, as model: ForeignForest, _ format: ForestFormat) throws {
    let columns =
      format == .catboostJSON
      ? try GoldenTests.columns(for: model) : try Golden.columns(model.forest.features)
    let first = try model.forest.exactMargins(columns: columns, pool: GoldenTests.pool)
    let second = try again.forest.exactMargins(columns: columns, pool: GoldenTests.pool)
    // A LightGBM model has its average taken into the leaves, which rounds once more.
    #expect(Golden.difference(first, second) < (model.forest.header.averages ? 1e-14 : 1e-300))
    #expect(again.forest.header.link == model.forest.header.link)
    #expect(again.forest.header.linkScale == model.forest.header.linkScale)
    #expect(again.forest.header.featureNames == model.forest.header.featureNames)
    #expect(again.objective == model.objective)
  }

  /// What was written and read again predicts as before.
  @Test(arguments: all)
  func writesWhatItReads(name: String, suffix: String, format: ForestFormat) throws {
    let model = try Golden.read("\(name).\(suffix)", format)
    try expectSame(try format.read(try format.write(model)), as: model, format)
  }

  /// Codes are whole numbers in ONNX, as they are in the golden rows.
  @Test(arguments: plain)
  func onnxIsReadBack(name: String, suffix: String, format: ForestFormat) throws {
    let model = try Golden.read("\(name).\(suffix)", format)
    let again = try ForestFormat.onnx.read(try ForestFormat.onnx.write(model))
    try expectSame(again, as: model, format)
    #expect(again.categories == model.categories)
  }

  @Test
  func namesOfCategoriesAreRead() throws {
    let colours = ["red", "green", "blue", "cyan", "pink", "grey", "white", "black"]
    for (file, format) in [
      ("xgboost-names.json", ForestFormat.xgboostJSON), ("lightgbm-names.txt", .lightgbm),
    ] {
      let model = try Golden.read(file, format)
      #expect(model.categories == [nil, colours])
      #expect(model.forest.header.featureNames == ["a", "colour"])
      #expect(try format.read(try format.write(model)).categories == model.categories)
    }
  }
}
