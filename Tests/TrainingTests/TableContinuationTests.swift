import Artifacts
import Compute
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Training

/// Rankings, warm starts, refits and cross-validation of tables.
@Suite struct TableContinuationTests {
  /// 40 queries of 8 rows in svmlight text: grade follows feature 2; feature 1 is noise and often left out.
  private func ranking(in folder: String, queryColumn: Bool) throws -> String {
    var random = Philox(seed: 3)
    var text = ""
    for query in 0..<40 {
      for _ in 0..<8 {
        let x = random.uniform()
        let grade = Int(min(3, max(0, x * 4 + 0.3 * random.normal())))
        text += "\(grade)" + (queryColumn ? " qid:\(query)" : "")
        if random.uniform() < 0.5 { text += " 1:\(random.uniform())" }
        text += " 2:\(x)\n"
      }
    }
    let path = folder + "/table.svm"
    try AtomicFile.write(Array(text.utf8), to: path)
    return path
  }

  private func table(in folder: String, name: String = "table", seed: UInt64 = 4) throws -> String {
    var random = Philox(seed: seed)
    var text = "x,colour,start,y\n"
    for _ in 0..<500 {
      let x = random.normal()
      let colour = ["blue", "red", "white"][random.integer(below: 3)]
      text +=
        "\(x),\(colour),\(x / 2),\(x + (colour == "red" ? 1 : 0) + 0.5 * random.normal() > 0.3 ? "yes" : "no")\n"
    }
    let path = "\(folder)/\(name).csv"
    try AtomicFile.write(Array(text.utf8), to: path)
    return path
  }

  private func request(
    _ folder: String, _ data: String, _ output: String, rounds: Int = 10, _ parameters: [String: String] = [:]
  ) -> TableTraining.Request {
    TableTraining.Request(
      family: .lightgbm, data: data, target: "y", task: .binary, output: "\(folder)/\(output)",
      parameters: ["num_boost_round": "\(rounds)", "num_leaves": "7"].merging(parameters) { _, b in b })
  }

  @Test(arguments: [true, false])
  func rankingsTellTheirQueries(inColumn: Bool) throws {
    let scratch = try ScratchDirectory()
    let data = try ranking(in: scratch.path, queryColumn: inColumn)
    var request = TableTraining.Request(
      family: .lightgbm, data: data, target: "label", task: .ranking, output: scratch.path + "/run",
      parameters: ["num_boost_round": "20", "num_leaves": "7"])
    if !inColumn {
      let sizes = scratch.path + "/table.query"
      try AtomicFile.write(Array([String](repeating: "8\n", count: 40).joined().utf8), to: sizes)
      request.querySizes.data = sizes
    }
    let summary = try TableTraining(request).run(progress: SilentProgress())
    #expect(summary.features == 3)
    #expect(try #require(summary.metrics["train"]?["ndcg@3"]) > 0.8)
    let model = try RunDirectory.forest(at: scratch.path + "/run")
    let prediction = try TablePrediction(model: .forest(model), data: data, pool: ThreadPool(threads: 1))
    #expect(prediction.header == ["prediction"])
    let source = QuerySource(sizes: request.querySizes.data)
    #expect(try prediction.metrics(queries: source)["ndcg@5"] == summary.metrics["train"]?["ndcg@5"])
    if !inColumn {
      request.querySizes.data = nil
      #expect(throws: TernError.self) { try TableTraining(request).run(progress: SilentProgress()) }
    }
  }

  @Test func continuingIsNotStopping() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    _ = try TableTraining(request(scratch.path, data, "whole")).run(progress: SilentProgress())
    _ = try TableTraining(request(scratch.path, data, "part", rounds: 6)).run(progress: SilentProgress())
    var rest = request(scratch.path, data, "rest", rounds: 4)
    rest.initial = try RunDirectory.model(at: scratch.path + "/part")
    let summary = try TableTraining(rest).run(progress: SilentProgress())
    #expect(summary.rounds == 10)
    let whole = try RunDirectory.forest(at: scratch.path + "/whole")
    #expect(try RunDirectory.forest(at: scratch.path + "/rest").forest == whole.forest)
    rest.task = .regression
    #expect(throws: TernError.self) { try TableTraining(rest).run(progress: SilentProgress()) }
  }

  @Test func leavesAreFittedAnew() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    _ = try TableTraining(request(scratch.path, data, "run")).run(progress: SilentProgress())
    let model = try RunDirectory.forest(at: scratch.path + "/run")
    var other = request(
      scratch.path, try table(in: scratch.path, name: "other", seed: 8), "refit", ["refit_decay_rate": "0.5"])
    other.refitted = model
    _ = try TableTraining(other).run(progress: SilentProgress())
    let refitted = try RunDirectory.forest(at: scratch.path + "/refit").forest
    #expect(refitted.nodeArrays.splitFeature == model.forest.nodeArrays.splitFeature)
    #expect(refitted.nodeArrays.value != model.forest.nodeArrays.value)
  }

  @Test func baseMarginsAreAColumn() throws {
    let scratch = try ScratchDirectory()
    var start = request(scratch.path, try table(in: scratch.path), "run")
    start.baseMargins = ["start"]
    let summary = try TableTraining(start).run(progress: SilentProgress())
    #expect(summary.features == 2)
    let model = try RunDirectory.forest(at: scratch.path + "/run")
    #expect(model.forest.header.baseScores == [0])
  }

  @Test func crossValidationLeavesFigures() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let plain = request(scratch.path, data, "cv", ["metric": "auc,logloss"])
    let summary = try TableCrossValidation(plain, folds: 4, mode: .kfold).run(progress: SilentProgress())
    #expect(summary.folds == 4 && summary.rounds == 10 && summary.series.count == 4)
    #expect(summary.series.allSatisfy { $0.mean.count == 10 && $0.deviation.count == 10 })
    let file = try AtomicFile.read(scratch.path + "/cv/cv.json")
    #expect(String(decoding: file, as: UTF8.self).contains("\"best_round\""))
    #expect(!AtomicFile.exists(scratch.path + "/cv/model.safetensors"))
    let time = try TableCrossValidation(plain, folds: 3, mode: .time).run(progress: SilentProgress())
    #expect(time.folds == 3)
    var wrong = plain
    wrong.valid = data
    #expect(throws: TernError.self) {
      try TableCrossValidation(wrong, folds: 3, mode: .kfold).run(progress: SilentProgress())
    }
  }

  /// The options of the other styles serve CatBoost's too.
  @Test func obliviousTreesAreCrossValidated() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    let plain = TableTraining.Request(
      family: .catboost, data: data, target: "y", task: .binary, output: scratch.path + "/cv",
      parameters: [
        "iterations": "50", "learning_rate": "0.5", "eval_metric": "auc", "depth": "3",
        "early_stopping_rounds": "4",
      ])
    let summary = try TableCrossValidation(plain, folds: 4, mode: .kfold).run(progress: SilentProgress())
    #expect(summary.folds == 4 && summary.rounds == summary.bestRound + 5 && summary.series.count == 4)
    #expect(summary.bestMetric == "auc" && summary.foldMetrics == nil && summary.model == "catboost")
    let file = try AtomicFile.read(scratch.path + "/cv/cv.json")
    #expect(String(decoding: file, as: UTF8.self).contains("\"best_round\""))
    let time = try TableCrossValidation(plain, folds: 3, mode: .time).run(progress: SilentProgress())
    #expect(time.folds == 3)
  }

  /// A run that is interrupted after a snapshot goes on; one of other parameters does not.
  @Test func obliviousTreesGoOn() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    func request(_ output: String, rounds: Int) -> TableTraining.Request {
      var request = TableTraining.Request(
        family: .catboost, data: data, target: "y", task: .binary, output: "\(scratch.path)/\(output)",
        parameters: ["iterations": "\(rounds)", "learning_rate": "0.2"])
      request.snapshotEvery = 1
      request.resumes = true
      return request
    }
    let output = scratch.path + "/part"
    let keeper = SnapshotKeeper(from: scratch.path + "/whole", to: output, round: 4)
    let whole = try TableTraining(request("whole", rounds: 9)).run(progress: keeper)
    try #require(AtomicFile.exists(output + "/snapshot.h5"))
    var other = request("part", rounds: 9)
    other.method = .boosting(
      .catboost, parameters: ["iterations": "9", "learning_rate": "0.2", "depth": "3"])
    #expect(throws: TernError.self) { try TableTraining(other).run(progress: SilentProgress()) }
    other = request("part", rounds: 9)
    other.method = .boosting(.lightgbm, parameters: [:])
    #expect(throws: TernError.self) { try TableTraining(other).run(progress: SilentProgress()) }
    let rest = try TableTraining(request("part", rounds: 9)).run(progress: SilentProgress())
    #expect(rest.artifactDigest == whole.artifactDigest)
    #expect(!AtomicFile.exists(output + "/snapshot.h5"))
  }

  @Test func obliviousTreesStartFromModelsAndMargins() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    func request(_ output: String) -> TableTraining.Request {
      TableTraining.Request(
        family: .catboost, data: data, target: "y", task: .binary, output: "\(scratch.path)/\(output)",
        parameters: ["iterations": "4", "learning_rate": "0.2"])
    }
    let part = try TableTraining(request("part")).run(progress: SilentProgress())
    var rest = request("rest")
    rest.initial = try RunDirectory.model(at: scratch.path + "/part")
    let whole = try TableTraining(rest).run(progress: SilentProgress())
    #expect(whole.rounds == 8 && whole.bestIteration == 7)
    let (before, after) = (whole.metrics["train"]?["logloss"], part.metrics["train"]?["logloss"])
    #expect(try #require(before) < #require(after))
    let folds = try TableCrossValidation(rest, folds: 3, mode: .kfold).run(progress: SilentProgress())
    #expect(folds.rounds == 4)
    var start = request("margins")
    start.baseMargins = ["start"]
    let summary = try TableTraining(start).run(progress: SilentProgress())
    #expect(summary.features == 2)
    let model = try RunDirectory.forest(at: scratch.path + "/margins")
    #expect(model.forest.header.baseScores == [0])
  }

  @Test func objectivesBelongToTheirTask() throws {
    let scratch = try ScratchDirectory()
    let data = try table(in: scratch.path)
    _ = try TableTraining(request(scratch.path, data, "run", ["objective": "cross_entropy"])).run(
      progress: SilentProgress())
    #expect {
      try TableTraining(request(scratch.path, data, "wrong", ["objective": "poisson"])).run(
        progress: SilentProgress())
    } throws: {
      ($0 as? TernError)?.key == "objective"
    }
  }
}

/// Copies the snapshot that was written after a round, as if the run had been killed then.
private struct SnapshotKeeper: Diagnostics.ProgressReporting {
  let from: String
  let to: String
  let round: Int

  init(from: String, to: String, round: Int) {
    (self.from, self.to, self.round) = (from, to, round)
  }

  func update(phase: String, completed: Int, total: Int, remark: String) {
    guard completed == round + 1 else { return }
    try? FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
    try? FileManager.default.copyItem(atPath: from + "/snapshot.h5", toPath: to + "/snapshot.h5")
  }
}
