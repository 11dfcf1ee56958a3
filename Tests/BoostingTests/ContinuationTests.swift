import Compute
import Diagnostics
import Synchronization
import Testing
import Trees

@testable import Boosting

/// Training that goes on: from a forest, from a snapshot, and what callbacks see of it.
@Suite("Continued training")
struct ContinuationTests {
  private func configuration(
    _ style: BoostingConfiguration.Style, rounds: Int, _ parameters: [String: String] = [:]
  ) throws -> BoostingConfiguration {
    try BoostingConfiguration(
      style: style,
      parameters: [
        "num_boost_round": "\(rounds)", "objective": "binary", "subsample": "0.7", "bagging_freq": "3",
        "colsample_bytree": "0.8", "colsample_bynode": "0.7", "seed": "5",
      ].merging(parameters) { _, b in b })
  }

  /// Seven rounds and five more are twelve rounds, to the bit, drawn rows and features included: the break falls between
  /// two draws of rows.
  @Test(arguments: BoostingConfiguration.Style.allCases, ["binary", "multiclass", "regression_l1"])
  func continuingIsNotStopping(style: BoostingConfiguration.Style, objective: String) throws {
    let table = TestTables.mixed(rows: 1500, seed: 1, classes: objective == "binary" ? 2 : 3)
    let pool = ThreadPool(threads: 2)
    func train(_ rounds: Int, from forest: Forest? = nil) throws -> BoostingResult {
      var options = BoostingOptions()
      options.initialForest = forest
      return try Booster.train(
        configuration: configuration(style, rounds: rounds, ["objective": objective]), train: table,
        valid: table, pool: pool, options: options)
    }
    let whole = try train(12)
    let part = try train(7)
    let rest = try train(5, from: part.forest)
    #expect(rest.forest == whole.forest)
    #expect(rest.history[1].values == Array(whole.history[1].values.suffix(5)))
    #expect(rest.initialRounds == 7 && rest.roundsTrained == 5)
    #expect(rest.bestIteration >= 7)
    #expect(rest.metric(rest.history[0].metric, on: "train") == rest.history[0].values.last)
  }

  @Test
  func foreignForestsAreRefused() throws {
    let table = TestTables.mixed(rows: 300, seed: 2)
    let pool = ThreadPool(threads: 1)
    var options = BoostingOptions()
    options.initialForest = try Booster.train(
      configuration: configuration(.xgboost, rounds: 2), train: table, pool: pool
    ).forest
    let other = try configuration(.xgboost, rounds: 2, ["objective": "regression"])
    #expect(throws: TernError.self) {
      try Booster.train(configuration: other, train: table, pool: pool, options: options)
    }
    var renamed = table
    renamed.featureNames[0] = "other"
    #expect(throws: TernError.self) {
      try Booster.train(
        configuration: configuration(.xgboost, rounds: 2), train: renamed, pool: pool, options: options)
    }
  }

  /// Keeps every snapshot and ends training after a given round.
  private final class Recorder: BoostingCallback {
    let limit: Int
    let snapshots = Mutex<[BoostingSnapshot]>([])

    init(limit: Int) { self.limit = limit }

    func roundEnded(_ round: BoostingRound) throws(TernError) -> Bool {
      let snapshot = try round.snapshot()
      snapshots.withLock { $0.append(snapshot) }
      return round.completed < limit
    }
  }

  /// Whichever round a training is resumed after, and on however many threads, it ends the same.
  @Test(arguments: BoostingConfiguration.Style.allCases)
  func resumingIsNotStopping(style: BoostingConfiguration.Style) throws {
    let table = TestTables.mixed(rows: 1200, seed: 3)
    let valid = TestTables.mixed(rows: 400, seed: 4)
    let settings = try configuration(
      style, rounds: 40, ["early_stopping_rounds": "4", "eta": "0.4", "metric": "auc,logloss"])
    let recorder = Recorder(limit: 1000)
    var options = BoostingOptions()
    options.callbacks = [recorder]
    let whole = try Booster.train(
      configuration: settings, train: table, valid: valid, pool: ThreadPool(threads: 2), options: options)
    let snapshots = recorder.snapshots.withLock { $0 }
    #expect(snapshots.count == whole.roundsTrained && whole.roundsTrained < 40)
    for snapshot in [snapshots[0], snapshots[snapshots.count / 2], snapshots[snapshots.count - 1]] {
      var options = BoostingOptions()
      options.snapshot = snapshot
      let resumed = try Booster.train(
        configuration: settings, train: table, valid: valid, pool: ThreadPool(threads: 1), options: options)
      #expect(resumed.forest == whole.forest)
      #expect(resumed.history == whole.history)
      #expect(resumed.bestIteration == whole.bestIteration && resumed.bestScore == whole.bestScore)
    }
    var wrong = settings
    wrong.lambda = 7
    options.callbacks = []
    options.snapshot = snapshots[1]
    #expect(throws: TernError.self) {
      try Booster.train(
        configuration: wrong, train: table, valid: valid, pool: ThreadPool(threads: 1), options: options)
    }
  }

  @Test
  func callbacksEndTraining() throws {
    let recorder = Recorder(limit: 3)
    var options = BoostingOptions()
    options.callbacks = [recorder]
    let result = try Booster.train(
      configuration: configuration(.xgboost, rounds: 20), train: TestTables.mixed(rows: 300, seed: 5),
      pool: ThreadPool(threads: 1), options: options)
    #expect(result.forest.rounds == 3 && result.roundsTrained == 3)
    #expect(recorder.snapshots.withLock { $0.map(\.round) } == [1, 2, 3])
  }

  /// A decay of one keeps a forest, and a second refit to the same rows with decay zero changes little: it is a fixed point
  /// but for rounding.
  @Test(arguments: BoostingConfiguration.Style.allCases)
  func refitKeepsWhatItWasFittedTo(style: BoostingConfiguration.Style) throws {
    let table = TestTables.mixed(rows: 800, seed: 6)
    let pool = ThreadPool(threads: 2)
    var settings = try BoostingConfiguration(
      style: style, parameters: ["num_boost_round": "8", "objective": "binary"])
    let forest = try Booster.train(configuration: settings, train: table, pool: pool).forest
    settings.refitDecayRate = 1
    #expect(
      try Booster.refit(forest, configuration: settings, table: table, pool: pool).nodeArrays.value
        .enumerated().allSatisfy { abs($0.element - forest.nodeArrays.value[$0.offset]) == 0 })
    settings.refitDecayRate = 0
    let again = try Booster.refit(forest, configuration: settings, table: table, pool: pool)
    // The same sums in another order: 800 terms in Double, rounded to Float once.
    for (node, value) in again.nodeArrays.value.enumerated() where forest.nodeArrays.splitFeature[node] < 0 {
      #expect(abs(value - forest.nodeArrays.value[node]) <= 1e-5 * max(1, abs(value)))
    }
  }
}
