import Artifacts
import Compute
import Diagnostics
import Files
import RowModels
import TestSupport
import Testing

@testable import Training

/// Explanations of boosted trees and a network that are blended, and what becomes of their members.
@Suite struct EnsembleExplanationTests {
  private static let blends: [Blend] = [
    .weighted([0.75, 0.25]), .stacked(slopes: [1.2, 0.3], biases: [0, 0.1, -0.1]),
  ]

  private func table(in folder: String) throws -> String {
    let path = folder + "/table.csv"
    try AtomicFile.write(Array(NetworkFixtures.table(.multiclass).csv.utf8), to: path)
    return path
  }

  /// Trees that know the target, and a TabNet that does not.
  private func ensemble(_ blend: Blend, _ data: String, in folder: String) throws -> EnsembleArtifact {
    var request = TableTraining.Request(
      family: .lightgbm, data: data, target: "y", task: .multiclass, output: folder + "/run",
      parameters: ["num_boost_round": "20", "num_leaves": "7", "min_data_in_leaf": "5"])
    request.threads = 1
    _ = try TableTraining(request).run(progress: SilentProgress())
    let forest = try RunDirectory.forest(at: folder + "/run")
    return try EnsembleArtifact(
      card: ModelCard(
        model: EnsembleFit.name, signature: forest.description.signature, featureSchema: nil,
        parameters: .object([:]), bestIteration: 0),
      members: [.forest(forest), .network(try NetworkFixtures.artifact("tabnet", .multiclass))], blend: blend)
  }

  private func request(_ data: String) -> TableExplanation.Request {
    var request = TableExplanation.Request(data: data)
    request.row = 7
    request.repeats = 2
    request.top = 2
    return request
  }

  @Test(arguments: blends)
  func everyBlendIsExplained(_ blend: Blend) throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let artifact = try ensemble(blend, data, in: scratch.path)
    let pool = ThreadPool(threads: 2)
    let explanation = try EnsembleTableExplanation(artifact, request: request(data), pool: pool)
    let summary = explanation.summary
    #expect(summary.rows == 120 && summary.features == 3 && summary.repeats == 2)
    #expect(summary.members.map(\.model) == ["lightgbm", "tabnet"])
    #expect(summary.members.map(\.weight) == (summary.blend == .weighted ? [0.75, 0.25] : [1.2, 0.3]))
    // The whole and its members are measured as `tern evaluate` measures them.
    #expect(summary.metric == "logloss")
    let whole = try TablePrediction(model: .ensemble(artifact), data: data, pool: pool)
    #expect(try whole.metrics()["logloss"] == summary.baseline)
    for (member, found) in zip(artifact.members, summary.members) {
      #expect(
        try TablePrediction(model: member, data: data, pool: pool).metrics()["logloss"] == found.metric)
    }
    let name = try #require(summary.className)
    let output = try #require(artifact.description.signature.classes.firstIndex(of: name))
    // Products of one row and of many round in another order.
    #expect(
      summary.row.row == 7
        && abs(summary.row.prediction - Double(whole.values[6 * 3 + output])) < 2e-6)
    // The classes follow the first column, of which the second knows nothing.
    let importances = summary.importances
    #expect(importances[0].feature == "a" && importances.allSatisfy { (0...1).contains($0.shift) })
    #expect(try #require(importances[0].permutation) > 0.1)
    #expect(zip(importances, importances.dropFirst()).allSatisfy { $0.shift >= $1.shift })
    #expect(summary.dependences.map(\.feature) == importances.prefix(2).map(\.feature))
    let page = explanation.html()
    for word in ["Shift of predictions", "Permutation importance", "Members", "Row 7", "1 tabnet"] {
      #expect(page.contains(word), "\(word)")
    }
    let again = try EnsembleTableExplanation(
      artifact, request: request(data), pool: ThreadPool(threads: 1))
    #expect(again.html() == page)
  }

  /// Shuffled one by one, the same with a target and without.
  @Test func shiftsAreThoseOfShuffledColumns() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let artifact = try ensemble(Self.blends[0], data, in: scratch.path)
    let pool = ThreadPool(threads: 1)
    let bare = scratch.path + "/bare.csv"
    let lines = NetworkFixtures.table(.multiclass).csv.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).dropLast().joined(separator: ",")
    }
    try AtomicFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: bare)
    let explanation = try EnsembleTableExplanation(artifact, request: request(bare), pool: pool)
    let summary = explanation.summary
    #expect(summary.metric == nil && summary.baseline == nil)
    #expect(summary.importances.allSatisfy { $0.permutation == nil })
    #expect(summary.members.allSatisfy { $0.metric == nil })
    let full = try EnsembleTableExplanation(artifact, request: request(data), pool: pool)
    #expect(explanation.shifts.values == full.shifts.values && explanation.ranking == full.ranking)
    let columns = explanation.table.columns
    let before = try artifact.model.predict(columns: columns, pool: pool)
    for feature in 0..<3 {
      var sum = 0.0
      for index in 0..<2 {
        var random = Philox(seed: 0, stream: UInt64(feature) << 32 | UInt64(index))
        var shuffled = columns
        random.shuffle(&shuffled[feature])
        let after = try artifact.model.predict(columns: shuffled, pool: pool)
        for (x, y) in zip(before, after) { sum += abs(Double(x) - Double(y)) / 2 }
      }
      // Sums of 720 numbers of at most 1, in another order.
      #expect(abs(explanation.shifts.magnitudes[feature] - sum / 240) < 1e-12)
    }
  }

  @Test func whatDoesNotExistIsRefused() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let artifact = try ensemble(Self.blends[1], data, in: scratch.path)
    func refusal(_ change: (inout TableExplanation.Request) -> Void) throws -> String? {
      var request = request(data)
      change(&request)
      let error = try #require(throws: TernError.self) {
        try EnsembleTableExplanation(artifact, request: request, pool: ThreadPool(threads: 1))
      }
      #expect(error.kind == .usage)
      return error.key
    }
    #expect(try refusal { $0.className = "bottom" } == "--class")
    #expect(try refusal { $0.metric = "rmse" } == "--metric")
    #expect(try refusal { $0.row = 121 } == "--row")
    #expect(try refusal { $0.repeats = 0 } == "--repeats")
    var chosen = request(data)
    chosen.className = "top"
    let explanation = try EnsembleTableExplanation(artifact, request: chosen, pool: ThreadPool(threads: 1))
    #expect(explanation.summary.className == "top")
  }

  @Test func membersAreModelsOfTheirOwn() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let artifact = try ensemble(Self.blends[0], data, in: scratch.path)
    let whole = ModelArtifact.ensemble(artifact)
    let forest = try whole.member(0)
    #expect(try forest.forest(for: "a test").forest == RunDirectory.forest(at: scratch.path + "/run").forest)
    #expect(try whole.member(1).card.model == "tabnet")
    for place in [-1, 2] {
      let error = try #require(throws: TernError.self) { try whole.member(place) }
      #expect(error.key == "--member" && error.description.contains("0 (lightgbm) or 1 (tabnet)"))
    }
    #expect(throws: TernError.self) { try forest.member(0) }
    let refusal = artifact.exportRefusal
    #expect(refusal.kind == .usage && refusal.description.contains("an ensemble of lightgbm and tabnet"))
    #expect(refusal.description.contains("--member 0 (lightgbm) as xgboost-json"))
    #expect(refusal.description.contains("--member 1 (tabnet) as safetensors, onnx"))
  }
}
