import Artifacts
import Compute
import Diagnostics
import Files
import ForestFormats
import Foundation
import Testing
import Trees

@testable import Training

/// Models of other programs as run directories, and back.
@Suite struct ModelImportTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "tern-\(UUID().uuidString)"
  )
  .path

  private func golden(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("ForestFormatsTests/Golden/\(name)").path
  }

  @Test(arguments: [
    ("xgboost-categorical.json", "xgboost-json"), ("xgboost-softmax.json", "xgboost-json"),
    ("xgboost-dart.ubj", "xgboost-ubj"), ("lightgbm-linear.txt", "lightgbm"),
    ("lightgbm-names.txt", "lightgbm"),
    ("catboost-ctr.json", "catboost-json"), ("catboost-multiclass.json", "catboost-json"),
  ])
  func runsComeBackAsTheyWentIn(name: String, format: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pool = ThreadPool(threads: 1)
    let imported = try ModelImport(path: golden(name), format: format, target: "y")
    let summary = try imported.write(to: folder + "/run")
    let model = try RunDirectory.forest(at: folder + "/run")
    #expect(model.forest == imported.artifact.forest)
    #expect(model.description.signature.target == "y")
    #expect(summary.rounds == model.forest.rounds && summary.model == model.description.model)
    let receipt = try ModelExport.write(
      model, format: format, to: folder + "/copy", seed: 1, pool: pool)
    #expect(receipt.rows == ModelExport.sampledRows)
    #expect(receipt.maximumMarginDifference == 0 && receipt.maximumPredictionDifference == 0)
    let again = try ModelExport.write(
      model, format: ModelExport.safetensors, to: folder + "/copy.safetensors", seed: 1, pool: pool)
    #expect(again.maximumMarginDifference == 0)
    let second = try ModelImport(path: folder + "/copy.safetensors", format: ModelExport.safetensors)
    #expect(second.artifact.forest == model.forest)
  }

  /// Text columns reach the categories that the file names, whatever order it numbers them in.
  @Test(arguments: [("xgboost-names.json", "xgboost-json"), ("lightgbm-names.txt", "lightgbm")])
  func importedModelsPredictTables(name: String, format: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let imported = try ModelImport(path: golden(name), format: format)
    _ = try imported.write(to: folder)
    let colours = ["red", "green", "blue", "cyan", "pink", "grey", "white", "black"]
    let numbers = [-2, -1, -0.5, 0, 0.75, 1.75, 2.5]
    let rows = numbers.flatMap { number in colours.indices.map { (number, $0) } }
    let text = "colour,a,target\n" + rows.map { "\(colours[$1]),\($0),1\n" }.joined()
    try AtomicFile.write(Array(text.utf8), to: folder + "/t.csv")
    let pool = ThreadPool(threads: 1)
    let prediction = try TablePrediction(
      model: try RunDirectory.model(at: folder), data: folder + "/t.csv", pool: pool)
    let original = try ModelExport.format(named: format).read(Array(try AtomicFile.read(golden(name))))
    let expected = try original.forest.predict(
      columns: [rows.map { Float($0.0) }, rows.map { Float($0.1) }], pool: pool)
    #expect(prediction.values == expected)
    // Colours that the model tells apart, by what it says of each at all numbers; LightGBM keeps two of them together.
    let answers = colours.indices.map { colour in
      rows.indices.filter { rows[$0].1 == colour }.map { expected[$0] }
    }
    #expect(Set(answers).count >= colours.count - 1)
    #expect(try prediction.metrics()["rmse"] != nil)
  }

  @Test func unknownFormatsAreNamed() throws {
    let error = try #require(throws: TernError.self) {
      try ModelImport(path: golden("rows.txt"), format: "lightgmb")
    }
    #expect(error.kind == .usage && error.message.contains("did you mean lightgbm?"))
    let wrong = try #require(throws: TernError.self) {
      try ModelImport(path: golden("rows.txt"), format: "lightgbm")
    }
    #expect(wrong.kind == .data && wrong.file == golden("rows.txt"))
  }
}
