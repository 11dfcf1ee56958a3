import Artifacts
import Compute
import Diagnostics
import Files
import Fitting
import Foundation
import Layers
import NetworkModels
import Networks
import Optimizers
import Preprocessing
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Training

/// `tern train` of networks, from a table to a run directory and back.
@Suite struct NetworkTrainingTests {
  /// A table whose target follows two numbers and a category; some cells are missing.
  private func table(in folder: String, rows: Int = 600, seed: UInt64 = 3, classes: Int = 2) throws -> String
  {
    var random = Philox(seed: seed)
    var text = "a,b,colour,noise,y,value,w\n"
    for _ in 0..<rows {
      let (a, b) = (random.normal(), random.normal())
      let colour = ["red", "green", "blue"][random.integer(below: 3)]
      let value = a * b + (colour == "red" ? 1 : -0.5) + 0.2 * random.normal()
      let label = min(classes - 1, max(0, Int(value + Double(classes) / 2)))
      text +=
        "\(random.uniform() < 0.05 ? "" : "\(a)"),\(b),\(colour),\(random.normal()),c\(label),"
        + "\(1000 + 50 * value),\(random.uniform() + 0.5)\n"
    }
    let path = folder + "/table-\(rows)-\(seed)-\(classes).csv"
    try AtomicFile.write(Array(text.utf8), to: path)
    return path
  }

  /// A network of either kind small enough for a test.
  private func configuration(_ family: NetworkFamily, epochs: Int = 12) -> NetworkTrainingConfiguration {
    var configuration = NetworkTrainingConfiguration(family)
    if family == .ftTransformer {
      var shape = FTTransformerConfiguration()
      shape.blocks = 1
      shape.blockWidth = 32
      shape.attentionHeads = 4
      configuration.architecture = .ftTransformer(shape)
      configuration.fit.optimizer.lr = 0.003
    }
    configuration.fit.batchSize = 64
    configuration.fit.maxEpochs = epochs
    return configuration
  }

  private func request(
    _ configuration: NetworkTrainingConfiguration, _ data: String, _ task: Task, output: String
  ) -> TableTraining.Request {
    let isRegression = task == .regression
    var request = TableTraining.Request(
      method: .network(configuration), data: data, target: isRegression ? "value" : "y", task: task,
      output: output)
    request.dropped = [isRegression ? "y" : "value", "w"]
    request.threads = 1
    request.seed = 5
    return request
  }

  @Test(arguments: NetworkFamily.allCases)
  func learnsClassesAndNumbers(_ family: NetworkFamily) throws {
    let scratch = try ScratchDirectory()
    let pool = ThreadPool(threads: 2)
    for (task, classes) in [(Task.binary, 2), (.multiclass, 4), (.regression, 2)] {
      let data = try table(in: scratch.path, rows: 1500, classes: classes)
      let held = try table(in: scratch.path, rows: 300, seed: 8, classes: classes)
      let output = scratch.path + "/" + task.rawValue
      var request = request(configuration(family, epochs: 40), data, task, output: output)
      request.valid = held
      let summary = try TableTraining(request).run(progress: SilentProgress())
      let valid = try #require(summary.metrics["valid"])
      // Far above the chance of 0.5 and the share of 0: the target is a product, which no linear model has.
      if task == .regression {
        #expect(try #require(valid["r2"]) > 0.6)
      } else {
        #expect(try #require(valid["auc"]) > 0.8, "\(valid)")
      }
      #expect(summary.epochs.map { (1...40).contains($0) } == true && summary.rounds == nil)
      let model = try RunDirectory.model(at: output)
      #expect(model.card.model == family.rawValue)
      let prediction = try TablePrediction(model: model, data: held, pool: pool)
      #expect(try prediction.metrics() == valid)
      // The score that training saw is the one of the model that is kept.
      let checkpoint = try RunDirectory.history(at: output, "valid", task == .regression ? "rmse" : "logloss")
      #expect(checkpoint[summary.bestIteration] == valid[task == .regression ? "rmse" : "logloss"])
      #expect(checkpoint.min() == checkpoint[summary.bestIteration])
    }
  }

  @Test(arguments: NetworkFamily.allCases)
  func oneAndTwoThreadsGiveTheSameBytes(_ family: NetworkFamily) throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let digests = try [1, 2].map { threads in
      var request = request(
        configuration(family, epochs: 3), data, .binary, output: scratch.path + "/\(threads)")
      request.threads = threads
      request.weight = "w"
      return try TableTraining(request).run(progress: SilentProgress()).artifactDigest
    }
    #expect(digests[0] == digests[1])
    for file in ["checkpoint.h5", "last.h5"] {
      let bytes = try [1, 2].map { try AtomicFile.read("\(scratch.path)/\($0)/\(file)") }
      #expect(bytes[0] == bytes[1], "\(file)")
    }
  }

  @Test(arguments: NetworkFamily.allCases)
  func aStoppedTrainingGoesOn(_ family: NetworkFamily) throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    var configuration = configuration(family, epochs: 6)
    configuration.fit.emaDecay = 0.8
    configuration.fit.schedule = LearningRateSchedule(.oneCycle)
    if family == .tabnet {
      configuration.pretraining = configuration.fit
      configuration.pretraining?.maxEpochs = 2
    }
    func run(_ output: String, stepsUntilStop: Int?, resumes: Bool) throws -> Digest {
      var request = request(configuration, data, .binary, output: scratch.path + "/" + output)
      request.valid = data
      request.resumes = resumes
      let steps = Mutex(0)
      request.shouldStop = {
        steps.withLock { steps in
          steps += 1
          return stepsUntilStop.map { steps > $0 } ?? false
        }
      }
      return try TableTraining(request).run(progress: SilentProgress()).artifactDigest
    }
    let whole = try run("whole", stepsUntilStop: nil, resumes: false)
    // In the first epoch, at the end of one, in the middle; with pre-training some of them in it.
    for steps in [1, 10, 17, 33] {
      let output = "part\(steps)"
      let error = try #require(throws: TernError.self) {
        try run(output, stepsUntilStop: steps, resumes: false)
      }
      #expect(error.kind == .interrupted)
      let folder = scratch.path + "/" + output
      #expect(AtomicFile.exists(folder + "/snapshot.h5") && !AtomicFile.exists(folder + "/model.safetensors"))
      #expect(try run(output, stepsUntilStop: nil, resumes: true) == whole)
      for file in ["checkpoint.h5", "last.h5"] {
        let bytes = try ["whole", output].map { try AtomicFile.read("\(scratch.path)/\($0)/\(file)") }
        #expect(bytes[0] == bytes[1], "\(file) after \(steps) steps")
      }
      #expect(!AtomicFile.exists(folder + "/snapshot.h5"))
    }
  }

  @Test func aFinishedTrainingGoesOnForMoreEpochs() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    func run(_ output: String, _ epochs: Int, lr: Double = 0.02) throws -> TableTraining.Summary {
      var configuration = configuration(.tabnet, epochs: epochs)
      configuration.fit.optimizer.lr = lr
      var request = request(configuration, data, .binary, output: scratch.path + "/" + output)
      request.resumes = true
      return try TableTraining(request).run(progress: SilentProgress())
    }
    let whole = try run("whole", 5)
    _ = try run("part", 2)
    let rest = try run("part", 5)
    #expect(rest.epochs == 5)
    // Only the limit in the artifact's configuration was another one in between.
    #expect(rest.artifactDigest == whole.artifactDigest)
    let error = try #require(throws: TernError.self) { try run("part", 7, lr: 0.01) }
    #expect(error.kind == .data && error.key == "optimizer")
  }

  @Test func aModelIsGoneOnFrom() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    var first = request(
      configuration(.ftTransformer, epochs: 8), data, .regression, output: scratch.path + "/a")
    let before = try TableTraining(first).run(progress: SilentProgress())
    first.initial = try RunDirectory.model(at: scratch.path + "/a")
    first.output = scratch.path + "/b"
    let after = try TableTraining(first).run(progress: SilentProgress())
    #expect(try #require(after.metrics["train"]?["rmse"]) < #require(before.metrics["train"]?["rmse"]))
    var other = first
    other.method = .network(configuration(.tabnet))
    let error = try #require(throws: TernError.self) {
      try TableTraining(other).run(progress: SilentProgress())
    }
    #expect(error.key == "--init-model")
  }

  @Test func everyLossTrains() throws {
    let scratch = try ScratchDirectory()
    for (loss, task) in [
      (LossConfiguration(.focal), Task.binary), (.init(.focal), .multiclass), (.init(.gaussian), .regression),
      (.init(.mae), .regression), (.init(.huber), .regression),
    ] {
      let data = try table(in: scratch.path, classes: task == .multiclass ? 4 : 2)
      var configuration = configuration(.ftTransformer, epochs: 40)
      configuration.fit.loss = loss
      if task != .regression { configuration.classWeight = .balanced }
      let output = "\(scratch.path)/\(loss.name.rawValue)-\(task.rawValue)"
      let summary = try TableTraining(request(configuration, data, task, output: output)).run(
        progress: SilentProgress())
      let metrics = try #require(summary.metrics["train"])
      let figure = try #require(metrics["auc"] ?? metrics["r2"])
      #expect(figure > (task == .regression ? 0.5 : 0.8), "\(loss.name)")
      // The mean is the only prediction of a density.
      #expect(try RunDirectory.model(at: output).card.signature.outputs == (task == .multiclass ? 4 : 1))
    }
  }

  @Test func balancingMovesTheMargin() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    var configuration = configuration(.ftTransformer, epochs: 6)
    func share(_ weight: ClassWeight, _ output: String) throws -> Float {
      configuration.classWeight = weight
      let path = scratch.path + "/" + output
      _ = try TableTraining(request(configuration, data, .binary, output: path)).run(
        progress: SilentProgress())
      let values = try TablePrediction(
        model: RunDirectory.model(at: path), data: data, pool: ThreadPool(threads: 1)
      ).values
      return values.reduce(0, +) / Float(values.count)
    }
    let plain = try share(.none, "plain")
    #expect(try share(.weights([1, 9]), "heavy") > plain + 0.1)
    #expect(try ClassWeight.balanced.weights(of: [0, 0, 0, 1], classes: 2) == [2 / 3, 2])
    let error = try #require(throws: TernError.self) { try share(.weights([1, 2, 3]), "wrong") }
    #expect(error.key == "class_weight")
    #expect(!AtomicFile.exists(scratch.path + "/wrong"), "a refused training leaves nothing")
  }

  @Test func pretrainingGivesItsEncoder() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    var configuration = configuration(.tabnet, epochs: 1)
    // Training moves nothing, so what the network has is what pre-training gave it.
    configuration.fit.optimizer.lr = 0
    func fit(_ epochs: Int?) throws -> (weights: [ParameterValues], epochs: [NetworkEpoch]) {
      configuration.pretraining = epochs.map { epochs in
        var fit = NetworkFamily.tabnet.fit
        fit.maxEpochs = epochs
        fit.batchSize = 64
        return fit
      }
      let tables = try TrainingTables(request(configuration, data, .binary, output: scratch.path + "/run"))
      let collector = EpochCollector()
      var options = NetworkTrainingOptions()
      options.observers = [collector]
      let fit = try NetworkTableFit(
        configuration, signature: tables.signature, train: tables.train, valid: tables.train, seed: 1,
        pool: ThreadPool(threads: 1), options: options)
      return (fit.artifact.model.weights, collector.epochs)
    }
    let (plain, pretrained) = (try fit(nil), try fit(3))
    let pairs = zip(plain.weights, pretrained.weights).filter { $0.0.values.count > 100 }
    #expect(pairs.count > 4 && pairs.allSatisfy { $0.0.values != $0.1.values })
    #expect(pretrained.epochs.map(\.stage) == [.pretraining, .pretraining, .pretraining, .training])
    let losses = pretrained.epochs.prefix(3).map(\.summary.loss)
    #expect(losses[2] < losses[0])
    // Predicting the mean of a column errs by its variance.
    #expect(losses[2] < 1.2)
    // After three epochs running statistics are still far from the columns' own, so this score has no such bound.
    #expect(pretrained.epochs.prefix(3).allSatisfy { $0.metrics["loss"] == $0.summary.score })
  }

  @Test func aSearchSuggestsALearningRate() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let request = request(configuration(.tabnet), data, .binary, output: scratch.path + "/lr")
    let summary = try LearningRateSearch(request).run()
    #expect(summary.losses.count == summary.learningRates.count && summary.losses.count > 50)
    #expect(try #require(summary.suggestion) > 1e-5)
    #expect(AtomicFile.exists(scratch.path + "/lr/lr.json"))
    #expect(!AtomicFile.exists(scratch.path + "/lr/model.safetensors"))
    var boosting = request
    boosting.method = .boosting(.xgboost, parameters: [:])
    #expect(throws: TernError.self) { try LearningRateSearch(boosting).run() }
  }

  @Test func whatNetworksDoNotDoIsRefused() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    func refusal(_ change: (inout TableTraining.Request, inout NetworkTrainingConfiguration) -> Void)
      throws -> String?
    {
      var configuration = configuration(.tabnet, epochs: 1)
      var request = request(configuration, data, .binary, output: scratch.path + "/refused")
      change(&request, &configuration)
      request.method = .network(configuration)
      let error = try #require(throws: TernError.self) {
        try TableTraining(request).run(progress: SilentProgress())
      }
      return error.key
    }
    #expect(try refusal { request, _ in request.baseMargins = ["value"] } == "--base-margin")
    #expect(try refusal { _, c in c.fit.loss = LossConfiguration(.mse) } == "loss.name")
    #expect(try refusal { _, c in c.evalMetric = "rmse" } == "eval_metric")
    #expect(
      try refusal { request, c in
        request.task = .regression
        request.target = "w"
        request.dropped = ["y", "value"]
        c.classWeight = .balanced
      } == "class_weight")
    #expect(!AtomicFile.exists(scratch.path + "/refused"))
  }

  @Test func divergenceNamesTheStep() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    var configuration = configuration(.ftTransformer, epochs: 50)
    configuration.fit.optimizer = OptimizerConfiguration(.sgd)
    configuration.fit.optimizer.lr = 1e30
    let error = try #require(throws: TernError.self) {
      try TableTraining(request(configuration, data, .binary, output: scratch.path + "/bad")).run(
        progress: SilentProgress())
    }
    #expect(error.key?.hasPrefix("step ") == true && error.found?.contains("first bad tensor") == true)
    #expect(!AtomicFile.exists(scratch.path + "/bad/model.safetensors"))
  }
}

/// Keeps the epochs of a training.
private final class EpochCollector: NetworkTrainingObserver {
  private let collected = Mutex<[NetworkEpoch]>([])
  var epochs: [NetworkEpoch] { collected.withLock { $0 } }

  func epochEnded(_ epoch: NetworkEpoch) { collected.withLock { $0.append(epoch) } }
  func stopped(_ snapshot: NetworkSnapshot) {}
}

/// The keys of a network's section, flat and strict.
@Suite struct NetworkTrainingConfigurationTests {
  private func document(_ assignments: [String]) throws -> SettingsDocument {
    var document = try SettingsDocument(optional: nil)
    for assignment in assignments { try document.set(assignment) }
    return document
  }

  @Test func keysOfAllPartsStandSideBySide() throws {
    let tabnet = try document([
      "n_d=16", "momentum=0.1", "batch_size=512", "optimizer.name=sgd", "optimizer.momentum=0.9",
      "lr=0.5", "preprocessing.numeric=robust", "class_weight=[1, 2.5]", "eval_metric=auc",
      "pretraining.max_epochs=7",
    ]).decode(TabNetSection.self).configuration
    guard case .tabnet(let shape) = tabnet.architecture else {
      Issue.record("another network")
      return
    }
    #expect(shape.decisionWidth == 16 && shape.momentum == 0.1 && shape.attentionWidth == 8)
    #expect(tabnet.fit.batchSize == 512 && tabnet.fit.patience == 10)
    #expect(tabnet.fit.optimizer.name == .sgd && tabnet.fit.optimizer.lr == 0.5)
    #expect(tabnet.fit.optimizer.momentum == 0.9 && tabnet.preprocessing.numeric == .robust)
    #expect(tabnet.classWeight == .weights([1, 2.5]) && tabnet.evalMetric == "auc")
    #expect(tabnet.pretraining?.maxEpochs == 7 && tabnet.pretraining?.optimizer.lr == 0.02)
  }

  @Test func theRuleKeepsTheNetworksDefaults() throws {
    let transformer = try document(["optimizer.lr=3e-4"]).decode(FTTransformerSection.self).configuration
    #expect(transformer.fit.optimizer.lr == 3e-4 && transformer.fit.optimizer.weightDecay == 1e-5)
    let other = try document(["optimizer.name=lion"]).decode(FTTransformerSection.self).configuration
    #expect(other.fit.optimizer.lr == 1e-4 && other.fit.optimizer.weightDecay == 0)
  }

  @Test(
    arguments: [
      ("n_stepz=3", "n_stepz", "n_steps"), ("optimizer.lrr=1", "optimizer.lrr", "lr"),
      ("preprocessing.numerik=none", "preprocessing.numerik", "numeric"), ("lr=-1", "lr", nil),
      ("class_weight=heavy", "class_weight", "balanced"), ("batch_size=0", "batch_size", nil),
      ("weight_decay=-1", "weight_decay", nil), ("pretraining.loss.name=mae", "pretraining.loss", nil),
    ] as [(String, String, String?)])
  func wrongKeysAreNamed(_ assignment: String, key: String, hint: String?) throws {
    let error = try #require(throws: TernError.self) {
      try document([assignment]).decode(TabNetSection.self)
    }
    #expect(error.kind == .configuration && error.key == key)
    if let hint { #expect(error.description.contains(hint)) }
  }

  @Test func whatIsWrittenReadsBack() throws {
    var tabnet = NetworkTrainingConfiguration(.tabnet)
    tabnet.pretraining = tabnet.fit
    tabnet.classWeight = .balanced
    tabnet.evalMetric = "auc"
    let bytes = try CanonicalJSON.encode(tabnet)
    #expect(try CanonicalJSON.decode(TabNetSection.self, from: bytes).configuration == tabnet)
    let transformer = NetworkTrainingConfiguration(.ftTransformer)
    let other = try CanonicalJSON.encode(transformer)
    #expect(try CanonicalJSON.decode(FTTransformerSection.self, from: other).configuration == transformer)
  }

  /// The files in `models/` state the defaults, so that who edits one starts from them.
  @Test func modelFilesStateTheDefaults() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.path + "/models/"
    let tabnet = try SettingsDocument(optional: folder + "tabnet.yaml").decode(TabNetSection.self)
    #expect(tabnet.configuration == NetworkTrainingConfiguration(.tabnet))
    let transformer = try SettingsDocument(optional: folder + "ft-transformer.yaml").decode(
      FTTransformerSection.self)
    #expect(transformer.configuration == NetworkTrainingConfiguration(.ftTransformer))
  }
}
