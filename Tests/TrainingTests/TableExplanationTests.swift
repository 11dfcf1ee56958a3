import Artifacts
import Compute
import Diagnostics
import Files
import Foundation
import Testing
import Training

@Suite struct TableExplanationTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "tern-\(UUID().uuidString)"
  ).path

  /// 300 rows: the target follows x and the colour, w is noise; some cells are missing.
  private func model(_ task: Task) throws -> (model: ForestArtifact, data: String) {
    try AtomicFile.createDirectory(folder)
    var generator = Philox(seed: 1)
    var text = "x,\"a \"\"quoted\"\", name\",w,y\n"
    for _ in 0..<300 {
      let x = generator.uniform()
      let colour = ["blue", "red", ""][generator.integer(below: 3)]
      let score = x + (colour == "red" ? 0.5 : 0) + 0.2 * generator.uniform()
      let label: String
      switch task {
      case .regression, .ranking: label = "\(score)"
      case .binary: label = score > 0.8 ? "yes" : "no"
      case .multiclass: label = ["low", "middle", "top"][min(2, Int(score * 2))]
      }
      text += "\(generator.uniform() < 0.05 ? "" : "\(x)"),\(colour),\(generator.uniform()),\(label)\n"
    }
    let data = folder + "/table.csv"
    try AtomicFile.write(Array(text.utf8), to: data)
    var request = TableTraining.Request(
      family: .lightgbm, data: data, target: "y", task: task, output: "\(folder)/run",
      parameters: ["num_boost_round": "8", "num_leaves": "7"])
    request.threads = 1
    _ = try TableTraining(request).run(progress: SilentProgress())
    return (try RunDirectory.forest(at: folder + "/run"), data)
  }

  @Test(arguments: [Task.regression, .binary, .multiclass])
  func everyTaskIsExplained(task: Task) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (model, data) = try model(task)
    var request = TableExplanation.Request(data: data)
    request.row = 7
    let explanation = try TableExplanation(model, request: request, pool: ThreadPool(threads: 2))
    let summary = explanation.summary
    #expect(summary.rows == 300 && summary.cover == "rows" && summary.row.row == 7)
    // The forest adds eight leaves of size one in single precision.
    #expect(summary.additivityError < 1e-5)
    #expect(summary.importances.last?.feature == "w")
    let noise = try #require(summary.importances.last?.permutation)
    #expect(try #require(summary.importances.first?.permutation) > 5 * abs(noise))
    #expect(summary.metric == (task == .regression ? "rmse" : "logloss"))
    #expect(summary.row.parts.contains { ["red", "blue", "missing"].contains($0.input) })
    let sum = summary.row.parts.reduce(summary.row.expected) { $0 + $1.value }
    #expect(abs(sum - summary.row.margin) < 1e-12)
    #expect((summary.className != nil) == (task == .multiclass))
    let lines = String(decoding: explanation.csv(), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 301)
    let suffix = task == .multiclass ? "_0" : ""
    #expect(
      lines[0].hasPrefix("row,x\(suffix),\"a \"\"quoted\"\", name\(suffix)\",w\(suffix),expected\(suffix)"))
    let again = try TableExplanation(model, request: request, pool: ThreadPool(threads: 1))
    #expect(again.html() == explanation.html())
    #expect(again.csv() == explanation.csv())
  }

  @Test func samplesClassesAndBackgrounds() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (model, data) = try model(.multiclass)
    let pool = ThreadPool(threads: 1)
    var request = TableExplanation.Request(data: data)
    request.rows = 40
    request.className = "top"
    request.background = 20
    request.seed = 3
    let explanation = try TableExplanation(model, request: request, pool: pool)
    let summary = explanation.summary
    #expect(summary.rows == 40 && summary.background == 20 && summary.method == "interventional")
    #expect(summary.className == "top" && summary.cover == nil && summary.interactions.isEmpty)
    #expect(summary.additivityError < 1e-5)
    request.className = "topp"
    #expect(throws: TernError.self) { try TableExplanation(model, request: request, pool: pool) }
    request.className = nil
    request.rows = -1
    #expect(throws: TernError.self) { try TableExplanation(model, request: request, pool: pool) }
  }

  @Test func aTableWithoutTargetHasNoPermutation() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (model, _) = try model(.binary)
    let data = folder + "/rows.csv"
    try AtomicFile.write(Array("x,\"a \"\"quoted\"\", name\",w\n0.5,red,1\n,,\n0.7,green,2\n".utf8), to: data)
    var request = TableExplanation.Request(data: data)
    let explanation = try TableExplanation(model, request: request, pool: ThreadPool(threads: 1))
    #expect(explanation.summary.metric == nil && explanation.summary.rows == 3)
    #expect(!explanation.html().contains("Permutation importance"))
    request.metric = "auc"
    #expect(throws: TernError.self) {
      try TableExplanation(model, request: request, pool: ThreadPool(threads: 1))
    }
    try AtomicFile.write(Array("x,\"a \"\"quoted\"\", name\",w\n".utf8), to: data)
    request.metric = nil
    #expect(throws: TernError.self) {
      try TableExplanation(model, request: request, pool: ThreadPool(threads: 1))
    }
  }
}
