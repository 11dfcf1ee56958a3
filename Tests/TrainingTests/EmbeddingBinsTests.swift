import Artifacts
import Compute
import Diagnostics
import Files
import NetworkModels
import Networks
import Preprocessing
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Training

/// Bins of piecewise-linear embeddings, from keys of a configuration to the model.
@Suite struct EmbeddingBinsTests {
  private func configuration(_ assignments: [String]) throws -> NetworkTrainingConfiguration {
    var document = try SettingsDocument(optional: nil)
    for assignment in [
      "n_blocks=1", "d_block=16", "attention_n_heads=2", "batch_size=32", "max_epochs=6", "lr=0.01",
      "numeric_embedding.kind=piecewise_linear",
    ] + assignments {
      try document.set(assignment)
    }
    return try document.decode(FTTransformerSection.self).configuration
  }

  private func model(at path: String) throws -> NetworkModel {
    try RunDirectory.model(at: path).network(for: "a test").model
  }

  @Test(arguments: [Task.binary, .regression])
  func edgesComeFromTheTrainingRows(_ task: Task) throws {
    let scratch = try ScratchDirectory()
    let pool = ThreadPool(threads: 1)
    for (name, assignments) in [
      ("quantiles", ["numeric_embedding.n_bins=6"]),
      ("trees", ["numeric_embedding.n_bins=6", "numeric_embedding.tree_kwargs.min_samples_leaf=8"]),
      // Without any key as many as the original takes.
      ("default", []),
    ] {
      let configuration = try configuration(assignments)
      let request = try NetworkFixtures.request(
        configuration, task, in: scratch.path, "\(name)-\(task.rawValue)")
      let summary = try TableTraining(request).run(progress: SilentProgress())
      let header = try model(at: request.output).header
      let table = try TrainingTables(request).train
      let columns = header.preparation.numericColumns(
        of: header.preparation.rows(of: table.columns, pool: pool))
      var trees = FeatureBins.TreeConfiguration()
      trees.minSamplesLeaf = 8
      let wanted =
        name == "trees"
        ? try FeatureBins.trees(
          over: columns,
          targets: task == .regression
            ? .numbers(table.labels.map(header.target.scaled))
            : .classes(table.labels.map { Int32($0) }, count: 2), count: 6, configuration: trees, pool: pool)
        : try FeatureBins.quantiles(of: columns, count: name == "default" ? 48 : 6, pool: pool)
      #expect(wanted.count == 2 && wanted[0].count > 2)
      #expect(header.architecture.bins == wanted, "\(name)")
      let losses = try RunDirectory.history(at: request.output, "train", "loss")
      #expect(losses.count == 6 && losses[5] < losses[0])
      // The prediction of the model that is stored is that of the one that was trained.
      let prediction = try TablePrediction(
        model: RunDirectory.model(at: request.output), data: request.data, pool: pool)
      #expect(try prediction.metrics() == summary.metrics["train"])
    }
  }

  @Test func oneAndTwoThreadsGiveTheSameBytes() throws {
    let scratch = try ScratchDirectory()
    let configuration = try configuration(["numeric_embedding.n_bins=9"])
    let digests = try [1, 2].map { threads in
      let request = try NetworkFixtures.request(
        configuration, .binary, in: scratch.path, "\(threads)", threads: threads)
      return try TableTraining(request).run(progress: SilentProgress()).artifactDigest
    }
    #expect(digests[0] == digests[1])
  }

  @Test func aStoppedTrainingFindsTheSameEdges() throws {
    let scratch = try ScratchDirectory()
    let configuration = try configuration(["numeric_embedding.n_bins=9"])
    let whole = try TableTraining(NetworkFixtures.request(configuration, .binary, in: scratch.path, "whole"))
      .run(
        progress: SilentProgress())
    var part = try NetworkFixtures.request(configuration, .binary, in: scratch.path, "part")
    part.resumes = true
    let rest = part
    let steps = Mutex(0)
    part.shouldStop = {
      steps.withLock { steps in
        steps += 1
        return steps > 6
      }
    }
    #expect(throws: TernError.self) { try TableTraining(part).run(progress: SilentProgress()) }
    try #require(AtomicFile.exists(part.output + "/snapshot.h5"))
    // Another number of bins is another training.
    var other = rest
    other.method = .network(try self.configuration(["numeric_embedding.n_bins=8"]))
    let error = try #require(throws: TernError.self) {
      try TableTraining(other).run(progress: SilentProgress())
    }
    #expect(error.key == "numeric_embedding")
    #expect(try TableTraining(rest).run(progress: SilentProgress()).artifactDigest == whole.artifactDigest)
  }

  @Test func aModelThatIsGoneOnFromKeepsItsEdges() throws {
    let scratch = try ScratchDirectory()
    let configuration = try configuration(["numeric_embedding.n_bins=9"])
    var request = try NetworkFixtures.request(configuration, .binary, in: scratch.path, "a")
    _ = try TableTraining(request).run(progress: SilentProgress())
    let before = try model(at: request.output)
    request.initial = try RunDirectory.model(at: request.output)
    request.output = scratch.path + "/b"
    _ = try TableTraining(request).run(progress: SilentProgress())
    let after = try model(at: request.output)
    #expect(after.header == before.header && after.weights != before.weights)
    request.method = .network(try self.configuration(["numeric_embedding.kind=linear"]))
    let error = try #require(throws: TernError.self) {
      try TableTraining(request).run(progress: SilentProgress())
    }
    #expect(error.key == "--init-model")
  }

  @Test func givenEdgesStay() throws {
    let scratch = try ScratchDirectory()
    let given = try configuration(["numeric_embedding.bins=[[-1, 0, 1], [-2, 2]]"])
    #expect(!given.architecture.fitsBins)
    let request = try NetworkFixtures.request(given, .binary, in: scratch.path, "given")
    _ = try TableTraining(request).run(progress: SilentProgress())
    #expect(try model(at: request.output).header.architecture.bins == [[-1, 0, 1], [-2, 2]])
  }

  @Test func whatIsWrittenReadsBack() throws {
    for assignments in [
      ["numeric_embedding.n_bins=6"], ["numeric_embedding.tree_kwargs.min_impurity_decrease=0.5"], [],
      ["numeric_embedding.bins=[[0, 1]]"], ["numeric_embedding.kind=periodic"],
    ] {
      let configuration = try configuration(assignments)
      let bytes = try CanonicalJSON.encode(configuration)
      #expect(
        try CanonicalJSON.decode(FTTransformerSection.self, from: bytes).configuration == configuration)
      // What is to be found is written where it means something, and nowhere else.
      #expect(
        String(decoding: bytes, as: UTF8.self).contains("n_bins") == configuration.architecture.fitsBins)
    }
  }

  @Test(
    arguments: [
      (["n_bins=1"], "n_bins", nil), (["n_bins=65536"], "n_bins", nil), (["n_binz=3"], "n_binz", "n_bins"),
      (["n_bins=2.5"], "n_bins", nil), (["kind=linear", "n_bins=8"], "n_bins", "piecewise_linear"),
      (["kind=periodic", "tree_kwargs.min_samples_leaf=8"], "tree_kwargs", "piecewise_linear"),
      (["bins=[[0, 1]]", "n_bins=8"], "n_bins", "given"),
      (["tree_kwargs.min_leaf=8"], "tree_kwargs.min_leaf", "min_samples_leaf"),
    ] as [([String], String, String?)])
  func wrongKeysAreNamed(_ assignments: [String], key: String, hint: String?) throws {
    let error = try #require(throws: TernError.self) {
      try configuration(assignments.map { "numeric_embedding.\($0)" })
    }
    #expect(error.kind == .configuration && error.key == "numeric_embedding.\(key)")
    if let hint { #expect(error.description.contains(hint)) }
  }

  @Test func binsAreFewerThanRows() throws {
    let scratch = try ScratchDirectory()
    for (count, isRefused) in [(120, true), (119, false)] {
      let configuration = try configuration(["numeric_embedding.n_bins=\(count)", "max_epochs=1"])
      let request = try NetworkFixtures.request(configuration, .binary, in: scratch.path, "\(count)")
      guard isRefused else {
        _ = try TableTraining(request).run(progress: SilentProgress())
        continue
      }
      let error = try #require(throws: TernError.self) {
        try TableTraining(request).run(progress: SilentProgress())
      }
      #expect(error.kind == .configuration && error.key == "numeric_embedding.n_bins")
      #expect(!AtomicFile.exists(request.output))
    }
  }
}
