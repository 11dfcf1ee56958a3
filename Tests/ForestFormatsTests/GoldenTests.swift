import Compute
import Foundation
import Testing
import Trees

@testable import ForestFormats

@Suite("Models of real programs")
struct GoldenTests {
  static let pool = ThreadPool(threads: 1)

  static let xgboost = ["regression", "categorical", "softmax", "dart", "poisson"].map {
    ("xgboost-\($0)", "json", ForestFormat.xgboostJSON)
  }
  static let ubjson = ["regression", "categorical", "dart"].map {
    ("xgboost-\($0)", "ubj", ForestFormat.xgboostUBJ)
  }
  static let lightgbm = ["regression", "categorical", "multiclass", "zero", "none", "linear", "forest"].map {
    ("lightgbm-\($0)", "txt", ForestFormat.lightgbm)
  }

  /// XGBoost sums in `Float`, and so do its models here: equal to the last bit.
  @Test(arguments: xgboost + ubjson)
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

  /// What was written and read again predicts as before.
  @Test(arguments: xgboost + ubjson + lightgbm)
  func writesWhatItReads(name: String, suffix: String, format: ForestFormat) throws {
    let model = try Golden.read("\(name).\(suffix)", format)
    let again = try format.read(try format.write(model))
    let columns = try Golden.columns(model.forest.features)
    let first = try model.forest.exactMargins(columns: columns, pool: GoldenTests.pool)
    let second = try again.forest.exactMargins(columns: columns, pool: GoldenTests.pool)
    // A LightGBM model has its average taken into the leaves, which rounds once more.
    #expect(Golden.difference(first, second) < (model.forest.header.averages ? 1e-14 : 1e-300))
    #expect(again.forest.header.link == model.forest.header.link)
    #expect(again.forest.header.linkScale == model.forest.header.linkScale)
    #expect(again.forest.header.featureNames == model.forest.header.featureNames)
    #expect(again.objective == model.objective)
  }

  @Test
  func namesOfCategoriesAreRead() throws {
    let colours = ["red", "green", "blue", "cyan", "pink", "grey", "white", "black"]
    for (file, format) in [("xgboost-names.json", ForestFormat.xgboostJSON), ("lightgbm-names.txt", .lightgbm)] {
      let model = try Golden.read(file, format)
      #expect(model.categories == [nil, colours])
      #expect(model.forest.header.featureNames == ["a", "colour"])
      #expect(try format.read(try format.write(model)).categories == model.categories)
    }
  }
}
