import Artifacts
import Boosting
import Compute
import Diagnostics
import Files
import NetworkModels
import Networks
import Synchronization
import TestSupport
import Testing

@testable import Training

/// `tern train --cv` of networks.
@Suite struct NetworkCrossValidationTests {
  private func configuration(_ family: NetworkFamily, epochs: Int = 3) -> NetworkTrainingConfiguration {
    var configuration = NetworkTrainingConfiguration(family)
    if family == .ftTransformer {
      var shape = FTTransformerConfiguration()
      shape.blocks = 1
      shape.blockWidth = 16
      shape.attentionHeads = 2
      configuration.architecture = .ftTransformer(shape)
      configuration.fit.optimizer.lr = 0.01
    }
    configuration.fit.batchSize = 32
    configuration.fit.maxEpochs = epochs
    return configuration
  }

  private func validate(
    _ request: TableTraining.Request, folds: Int = 3, mode: FoldMode = .kfold
  ) throws -> TableCrossValidation.Summary {
    try TableCrossValidation(request, folds: folds, mode: mode).run(progress: SilentProgress())
  }

  @Test(arguments: NetworkFamily.allCases, [FoldMode.kfold, .time])
  func figuresAreThoseOfTheFoldsAlone(_ family: NetworkFamily, _ mode: FoldMode) throws {
    let scratch = try ScratchDirectory()
    for task in [Task.binary, .multiclass, .regression] {
      var configuration = configuration(family)
      configuration.fit.patience = 0
      if family == .tabnet, task == .binary {
        configuration.pretraining = configuration.fit
        configuration.pretraining?.maxEpochs = 1
      }
      let request = try NetworkFixtures.request(configuration, task, in: scratch.path, "\(task.rawValue)-cv")
      let summary = try validate(request, mode: mode)
      let tables = try TrainingTables(request)
      let folds = try Fold.folds(
        of: tables.train, count: 3, mode: mode, isStratified: task.hasClasses, seed: 5)
      let fits = try folds.map { fold in
        try NetworkTableFit(
          configuration, signature: tables.signature, train: try tables.train.selecting(rows: fold.train),
          valid: try tables.train.selecting(rows: fold.valid), seed: 5, pool: ThreadPool(threads: 1))
      }
      let decisive = task == .regression ? "rmse" : "logloss"
      #expect(summary.bestMetric == decisive && summary.rounds == 3 && summary.folds == 3)
      #expect(summary.model == family.rawValue && summary.seed == 5 && summary.mode == mode)
      for (dataset, metric) in [("train", "loss"), ("valid", decisive)] {
        let series = try #require(
          summary.series.first { $0.dataset == dataset && $0.metric == metric })
        let courses = try fits.map { fit in
          try #require(fit.course.first { $0.split == dataset && $0.name == metric }).values
        }
        for epoch in 0..<3 {
          let values = courses.map { $0[epoch] }
          let mean = values.reduce(0, +) / 3
          #expect(series.mean[epoch] == mean)
          let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3
          #expect(series.deviation[epoch] == square.squareRoot())
        }
        guard dataset == "valid" else { continue }
        let means = series.mean.compactMap { $0 }
        #expect(
          summary.bestMean == means.min() && means.firstIndex(of: means.min() ?? 0) == summary.bestRound)
        #expect(
          summary.foldMetrics?.map { $0[decisive] } == courses.map { $0[summary.bestRound] })
      }
      #expect(summary.series.count == (task == .regression ? 4 : 6))
    }
  }

  @Test(arguments: NetworkFamily.allCases)
  func figuresAreKeptAndDoNotDependOnThreads(_ family: NetworkFamily) throws {
    let scratch = try ScratchDirectory()
    let summaries = try [1, 2].map { threads in
      try validate(
        try NetworkFixtures.request(
          configuration(family), .binary, in: scratch.path, "\(threads)", threads: threads))
    }
    for (one, two) in zip(summaries[0].series, summaries[1].series) {
      #expect(one.mean == two.mean && one.deviation == two.deviation, "\(one.metric)")
    }
    let kept = try CanonicalJSON.decode(
      TableCrossValidation.Summary.self, from: try AtomicFile.read(summaries[0].output))
    #expect(kept.bestMean == summaries[0].bestMean && kept.foldMetrics == summaries[0].foldMetrics)
    #expect(summaries[0].output == scratch.path + "/1/cv.json")
    for file in ["model.safetensors", "last.h5", "snapshot.h5", "run.json"] {
      #expect(!AtomicFile.exists(scratch.path + "/1/" + file), "\(file)")
    }
  }

  @Test func theMeanStopsAllFolds() throws {
    let scratch = try ScratchDirectory()
    // Nothing can be learned of a target of chance, so the held-out rows are soon predicted worse.
    var random = Philox(seed: 2)
    var lines = ["a,b,y"]
    for _ in 0..<120 { lines.append("\(random.normal()),\(random.normal()),\(random.normal())") }
    try AtomicFile.write(
      Array((lines.joined(separator: "\n") + "\n").utf8), to: scratch.path + "/regression.csv")
    var configuration = configuration(.ftTransformer, epochs: 60)
    configuration.fit.patience = 2
    let summary = try validate(try NetworkFixtures.request(configuration, .regression, in: scratch.path))
    #expect(summary.rounds < 60 && summary.rounds == summary.bestRound + 3)
    #expect(summary.series.allSatisfy { $0.mean.count == summary.rounds })
  }

  @Test func aModelIsGoneOnFrom() throws {
    let scratch = try ScratchDirectory()
    let first = try NetworkFixtures.request(
      configuration(.ftTransformer, epochs: 12), .binary, in: scratch.path, "a")
    _ = try TableTraining(first).run(progress: SilentProgress())
    var second = try NetworkFixtures.request(
      configuration(.ftTransformer, epochs: 1), .binary, in: scratch.path)
    let plain = try validate(second)
    second.initial = try RunDirectory.model(at: first.output)
    let after = try validate(second)
    #expect(try #require(after.bestMean) < #require(plain.bestMean))
    second.method = .network(configuration(.tabnet))
    let error = try #require(throws: TernError.self) { try validate(second) }
    #expect(error.key == "--init-model")
  }

  @Test func whatCannotBeDividedIsRefused() throws {
    let scratch = try ScratchDirectory()
    let good = try NetworkFixtures.request(
      configuration(.ftTransformer, epochs: 1), .binary, in: scratch.path)
    func refusal(
      folds: Int = 3, mode: FoldMode = .kfold, _ change: (inout TableTraining.Request) -> Void
    ) throws -> String? {
      var request = good
      change(&request)
      let error = try #require(throws: TernError.self) { try validate(request, folds: folds, mode: mode) }
      return error.key
    }
    #expect(try refusal { $0.valid = $0.data } == "--cv")
    #expect(try refusal { $0.resumes = true } == "--cv")
    #expect(try refusal { $0.snapshotEvery = 1 } == "--cv")
    #expect(try refusal(folds: 1) { _ in } == "cv")
    #expect(try refusal(folds: 121) { _ in } == "cv")
    #expect(try refusal { $0.baseMargins = ["b"] } != nil)
    // All rows of a block are of one class, for which there is no area under a curve.
    let sorted = scratch.path + "/sorted.csv"
    let rows = (0..<80).map { "\($0 % 7),\($0 < 40 ? "no" : "yes")" }
    try AtomicFile.write(Array((["a,y"] + rows).joined(separator: "\n").utf8), to: sorted)
    var configuration = configuration(.ftTransformer, epochs: 1)
    configuration.evalMetric = "auc"
    #expect(
      try refusal(mode: .time) {
        $0.data = sorted
        $0.method = .network(configuration)
      } == "eval_metric")
    // By the loss it goes, and what is not defined is left open.
    var open = good
    open.data = sorted
    let summary = try validate(open, mode: .time)
    let auc = try #require(summary.series.first { $0.metric == "auc" })
    #expect(auc.mean == [nil] && summary.bestMean != nil)
    #expect(AtomicFile.exists(scratch.path + "/cv/cv.json"))
  }

  @Test func whoIsStoppedLeavesNothing() throws {
    let scratch = try ScratchDirectory()
    var configuration = configuration(.tabnet)
    configuration.pretraining = configuration.fit
    for limit in [2, 40] {
      var request = try NetworkFixtures.request(configuration, .binary, in: scratch.path)
      let steps = Mutex(0)
      request.shouldStop = {
        steps.withLock { steps in
          steps += 1
          return steps > limit
        }
      }
      let stopped = request
      let error = try #require(throws: TernError.self) { try validate(stopped) }
      #expect(error.kind == .interrupted && !AtomicFile.exists(scratch.path + "/cv"))
    }
  }
}
