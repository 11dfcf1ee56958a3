import Artifacts
import Boosting
import Compute
import Diagnostics
import Files
import Foundation
import Testing
import Training

@Suite struct TableTrainingTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "tern-\(UUID().uuidString)"
  ).path

  /// 400 rows: y follows x and the colour, w is noise; some cells are missing.
  private func table(classes: [String] = ["no", "yes"]) throws -> String {
    try AtomicFile.createDirectory(folder)
    var generator = Philox(seed: 1)
    var text = "x,colour,w,y\n"
    for _ in 0..<400 {
      let x = generator.uniform()
      let colour = ["blue", "red", ""][generator.integer(below: 3)]
      let score = x + (colour == "red" ? 0.5 : 0) + 0.2 * generator.uniform()
      let label = classes[min(classes.count - 1, Int(score / 1.7 * Double(classes.count)))]
      text += "\(generator.uniform() < 0.05 ? "" : "\(x)"),\(colour),\(generator.uniform()),\(label)\n"
    }
    let path = folder + "/table.csv"
    try AtomicFile.write(Array(text.utf8), to: path)
    return path
  }

  private func request(_ data: String, _ task: Task, threads: Int = 1, output: String = "run")
    -> TableTraining.Request
  {
    var request = TableTraining.Request(
      family: .xgboost, data: data, target: "y", task: task, output: "\(folder)/\(output)",
      parameters: ["num_boost_round": "15", "max_depth": "3"])
    request.threads = threads
    return request
  }

  @Test func trainsPredictsAndEvaluates() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = try table()
    let summary = try TableTraining(request(data, .binary)).run(progress: SilentProgress())
    #expect(summary.rows == 400)
    #expect(summary.features == 3)
    #expect(try #require(summary.metrics["train"]?["auc"]) > 0.9)
    let model = try RunDirectory.forest(at: folder + "/run")
    #expect(model.description.signature.classes == ["no", "yes"])
    let prediction = try TablePrediction(model: .forest(model), data: data, pool: ThreadPool(threads: 1))
    #expect(try prediction.metrics()["auc"] == summary.metrics["train"]?["auc"])
    let lines = String(decoding: prediction.csv(), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 401 && lines[0] == "p")
    #expect(lines.dropFirst().allSatisfy { Float($0).map { (0...1).contains($0) } ?? false })
  }

  @Test func multiclassAndRegressionHaveTheirColumns() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pool = ThreadPool(threads: 1)
    let data = try table(classes: ["a", "b", "c"])
    _ = try TableTraining(request(data, .multiclass)).run(progress: SilentProgress())
    let classes = try TablePrediction(model: RunDirectory.model(at: folder + "/run"), data: data, pool: pool)
    #expect(classes.header == ["p_0", "p_1", "p_2"])
    var regression = request(data, .regression, output: "regression")
    regression.target = "x"
    regression.dropped = ["y"]
    let error = try #require(throws: TernError.self) {
      try TableTraining(regression).run(progress: SilentProgress())
    }
    #expect(error.key == "x", "a missing target must be named")
    regression.target = "w"
    _ = try TableTraining(regression).run(progress: SilentProgress())
    let numbers = try TablePrediction(
      model: RunDirectory.model(at: folder + "/regression"), data: data, pool: pool)
    #expect(numbers.header == ["prediction"])
    #expect(try #require(try numbers.metrics()["rmse"]) < 0.3)
  }

  @Test func theCheckpointDoesNotDependOnThreads() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = try table()
    let one = try TableTraining(request(data, .binary, threads: 1, output: "one")).run(
      progress: SilentProgress())
    let two = try TableTraining(request(data, .binary, threads: 2, output: "two")).run(
      progress: SilentProgress())
    #expect(one.artifactDigest == two.artifactDigest)
    #expect(
      try AtomicFile.read(folder + "/one/checkpoint.h5") == AtomicFile.read(folder + "/two/checkpoint.h5"))
  }

  @Test func oneClassIsRefusedAndLeavesNothing() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = try table(classes: ["yes"])
    for task in [Task.binary, .multiclass] {
      let error = try #require(throws: TernError.self) {
        try TableTraining(request(data, task)).run(progress: SilentProgress())
      }
      #expect(error.kind == .data)
      #expect(error.key == "y")
    }
    #expect(!AtomicFile.exists(folder + "/run"))
  }

  @Test func anUnseenCategoryIsMissingAndAnUnseenClassAnError() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try TableTraining(request(try table(), .binary)).run(progress: SilentProgress())
    let model = try RunDirectory.forest(at: folder + "/run")
    let pool = ThreadPool(threads: 1)
    func predict(_ rows: String) throws -> TablePrediction {
      try AtomicFile.write(Array("x,colour,w,y\n\(rows)".utf8), to: folder + "/other.csv")
      return try TablePrediction(model: .forest(model), data: folder + "/other.csv", pool: pool)
    }
    let prediction = try predict("0.5,green,0.1,yes\n0.5,,0.1,no\n")
    #expect(prediction.values[0] == prediction.values[1])
    let error = try #require(throws: TernError.self) { try predict("0.5,red,0.1,maybe\n").metrics() }
    #expect(error.kind == .data)
  }

  @Test func oneFlippedBitOfTheArtifactIsRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try TableTraining(request(try table(), .binary)).run(progress: SilentProgress())
    let bytes = try AtomicFile.read(folder + "/run/model.safetensors")
    _ = try ForestArtifact(file: SafetensorsFile(bytes: bytes, named: "whole"))
    var generator = Philox(seed: 9)
    for _ in 0..<3000 {
      var damaged = bytes
      let place = generator.integer(below: bytes.count)
      damaged[place] ^= UInt8(1 << generator.integer(below: 8))
      let error = #expect(throws: TernError.self, "byte \(place)") {
        try ForestArtifact(file: SafetensorsFile(bytes: damaged, named: "damaged"))
      }
      #expect(error?.kind == .data)
    }
  }
}
