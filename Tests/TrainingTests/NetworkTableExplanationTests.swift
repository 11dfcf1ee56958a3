import Artifacts
import Compute
import Diagnostics
import Files
import Foundation
import NetworkExplanations
import Testing

@testable import Training

@Suite struct NetworkTableExplanationTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "tern-\(UUID().uuidString)"
  ).path

  private func table(_ task: Task) throws -> String {
    try AtomicFile.createDirectory(folder)
    let path = folder + "/table.csv"
    try AtomicFile.write(Array(NetworkFixtures.table(task).csv.utf8), to: path)
    return path
  }

  @Test(arguments: ["tabnet", "ft-transformer"], [Task.regression, .binary, .multiclass])
  func everyNetworkIsExplained(name: String, task: Task) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let artifact = try NetworkFixtures.artifact(name, task)
    var request = TableExplanation.Request(data: try table(task))
    request.row = 7
    request.repeats = 2
    request.top = 2
    var configuration = IntegratedGradients.Configuration()
    configuration.steps = 60
    let explanation = try NetworkTableExplanation(
      artifact, request: request, configuration: configuration, pool: ThreadPool(threads: 2))
    let summary = explanation.summary
    #expect(summary.rows == 120 && summary.attributedRows == 120 && summary.background == 120)
    #expect(summary.focus == (name == "tabnet" ? .masks : .attentionRollout))
    #expect(abs(summary.importances.reduce(0) { $0 + ($1.focus ?? 0) } - 1) < 1e-6)
    #expect(summary.metric == (task == .regression ? "rmse" : "logloss"))
    #expect(summary.importances.allSatisfy { $0.permutation != nil })
    #expect((summary.className != nil) == (task == .multiclass))
    #expect(summary.row.row == 7 && summary.row.parts.count == 3)
    #expect(summary.row.parts.contains { ["blue", "green", "red"].contains($0.input) })
    let sum = summary.row.parts.reduce(summary.row.expected) { $0 + $1.value }
    #expect(abs(sum - summary.row.margin) <= summary.additivityError + 1e-12)
    if task == .regression {
      // The margin is the prediction, which single precision holds to a millionth of its size.
      #expect(abs(summary.row.margin - summary.row.prediction) < 1e-4)
    }
    if name == "ft-transformer" {
      // Activations turn on and off along the way; between them the network is smooth.
      let span = explanation.attribution.margins.reduce(0) { max($0, abs($1 - summary.expected[0])) }
      #expect(summary.additivityError < 0.02 * span)
    }
    let lines = String(decoding: explanation.csv(), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 121 && lines[0].hasPrefix(task == .multiclass ? "row,a_0,b_0,c_0" : "row,a,b,c"))
    let page = explanation.html()
    for word in [
      "Integrated gradients", "Permutation importance", "Row 7", name == "tabnet" ? "Step 2" : "Attention",
    ] {
      #expect(page.contains(word))
    }
    let again = try NetworkTableExplanation(
      artifact, request: request, configuration: configuration, pool: ThreadPool(threads: 1))
    #expect(again.html() == page)
    #expect(again.csv() == explanation.csv())
  }

  @Test func wordsOfTheCommandLineAreChecked() throws {
    let error = #expect(throws: TernError.self) {
      try NetworkTableExplanation.configuration(steps: nil, rule: "rieman")
    }
    #expect(error?.message.contains("riemann") == true)
    #expect(throws: TernError.self) { try NetworkTableExplanation.configuration(steps: 0, rule: nil) }
    let chosen = try NetworkTableExplanation.configuration(steps: 9, rule: "riemann")
    #expect(chosen.steps == 9 && chosen.rule == .riemann)
  }
}
