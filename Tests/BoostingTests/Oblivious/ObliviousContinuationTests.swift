import Compute
import Diagnostics
import Synchronization
import Testing
import Trees

@testable import Boosting

/// CatBoost-style training that goes on from a snapshot.
@Suite("Continued training of oblivious trees")
struct ObliviousContinuationTests {
  /// Keeps every snapshot and ends training after a given round.
  private final class Recorder: BoostingCallback {
    let limit: Int
    let snapshots = Mutex<[BoostingSnapshot]>([])

    init(limit: Int = .max) { self.limit = limit }

    func roundEnded(_ round: BoostingRound) throws(TernError) -> Bool {
      let snapshot = try round.snapshot()
      snapshots.withLock { $0.append(snapshot) }
      return round.completed < limit
    }
  }

  /// Whichever round a training is resumed after, on however many threads, from memory or from stored arrays, it ends
  /// the same.
  @Test(arguments: ObliviousTrainingTests.configurations)
  func resumingIsNotStopping(parameters: [String: String]) throws {
    let classes = parameters["loss_function"] == "MultiClass" ? 3 : 2
    let train = ObliviousTrainingTests.table(rows: 900, seed: 1, classes: classes)
    let valid = ObliviousTrainingTests.table(rows: 300, seed: 2, classes: classes)
    var parameters = parameters
    parameters["iterations"] = "12"
    parameters["custom_metric"] = classes == 3 ? "merror" : "mae"
    let configuration = try ObliviousConfiguration(parameters: parameters)
    let recorder = Recorder()
    var options = BoostingOptions()
    options.callbacks = [recorder]
    let whole = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: ThreadPool(threads: 2), options: options
    )
    let snapshots = recorder.snapshots.withLock { $0 }
    try #require(snapshots.count == 12)
    for round in [0, 5, 10, 11] {
      var options = BoostingOptions()
      options.snapshot = try snapshots[round].stored()
      #expect(options.snapshot == snapshots[round] && options.snapshot?.round == round + 1)
      let resumed = try ObliviousBooster.train(
        configuration: configuration, train: train, valid: valid, pool: ThreadPool(threads: 1),
        options: options)
      #expect(resumed.forest == whole.forest)
      #expect(resumed.history == whole.history)
      #expect(resumed.bestIteration == whole.bestIteration && resumed.bestScore == whole.bestScore)
    }
  }

  /// A run that had stopped early stays stopped, and one that is about to stop does so in the same round.
  @Test(arguments: [
    ["early_stopping_rounds": "8", "eval_metric": "auc"], ["od_pval": "0.5", "od_wait": "3"],
  ])
  func stoppingIsRemembered(parameters: [String: String]) throws {
    let train = ObliviousTrainingTests.table(rows: 600, seed: 1)
    let valid = ObliviousTrainingTests.table(rows: 300, seed: 2)
    let configuration = try ObliviousConfiguration(
      parameters: [
        "loss_function": "Logloss", "iterations": "300", "learning_rate": "0.5", "max_ctr_complexity": "1",
      ]
      .merging(parameters) { _, b in b })
    let recorder = Recorder()
    var options = BoostingOptions()
    options.callbacks = [recorder]
    let pool = ThreadPool(threads: 2)
    let whole = try ObliviousBooster.train(
      configuration: configuration, train: train, valid: valid, pool: pool, options: options)
    let snapshots = recorder.snapshots.withLock { $0 }
    try #require(snapshots.count == whole.roundsTrained && whole.roundsTrained < 300)
    for snapshot in [snapshots[snapshots.count - 3], snapshots[snapshots.count - 1]] {
      var options = BoostingOptions()
      options.snapshot = snapshot
      let resumed = try ObliviousBooster.train(
        configuration: configuration, train: train, valid: valid, pool: pool, options: options)
      #expect(resumed.forest == whole.forest && resumed.history == whole.history)
    }
  }

  @Test
  func foreignSnapshotsAreRefused() throws {
    let train = ObliviousTrainingTests.table(rows: 400, seed: 1)
    let parameters = ["loss_function": "Logloss", "iterations": "8", "learning_rate": "0.1"]
    let pool = ThreadPool(threads: 1)
    let recorder = Recorder(limit: 3)
    var options = BoostingOptions()
    options.callbacks = [recorder]
    let stopped = try ObliviousBooster.train(
      configuration: ObliviousConfiguration(parameters: parameters), train: train, pool: pool,
      options: options)
    #expect(stopped.forest.rounds == 3 && stopped.roundsTrained == 3)
    options.callbacks = []
    options.snapshot = recorder.snapshots.withLock { $0.last }
    func resume(
      _ more: [String: String] = [:], table: TrainingTable? = nil, valid: TrainingTable? = nil
    ) throws(TernError) -> ObliviousResult {
      try ObliviousBooster.train(
        configuration: ObliviousConfiguration(parameters: parameters.merging(more) { _, b in b }),
        train: table ?? train, valid: valid, pool: pool, options: options)
    }
    // Rounds may be added.
    #expect(try resume(["iterations": "10", "thread_count": "7"]).forest.rounds == 10)
    #expect(throws: TernError.self) { try resume(["depth": "5"]) }
    #expect(throws: TernError.self) { try resume(["random_seed": "1"]) }
    var moved = train
    moved.columns[4].swapAt(0, 1)
    #expect(throws: TernError.self) { try resume(table: moved) }
    #expect(throws: TernError.self) { try resume(valid: train) }
    #expect(throws: TernError.self) {
      var settings = BoostingConfiguration(style: .xgboost)
      settings.objective = .logistic
      return try Booster.train(configuration: settings, train: train, pool: pool, options: options)
    }
  }

  /// Arrays of a damaged file are refused or, where they still make sense, trained on; they never trap.
  @Test
  func damagedSnapshotsAreRefused() throws {
    let train = ObliviousTrainingTests.table(rows: 200, seed: 1)
    let configuration = try ObliviousConfiguration(parameters: [
      "loss_function": "Logloss", "iterations": "4", "learning_rate": "0.3", "depth": "3",
      "max_ctr_complexity": "3",
    ])
    let pool = ThreadPool(threads: 1)
    let recorder = Recorder(limit: 3)
    var options = BoostingOptions()
    options.callbacks = [recorder]
    _ = try ObliviousBooster.train(configuration: configuration, train: train, pool: pool, options: options)
    guard case .oblivious(let good)? = recorder.snapshots.withLock({ $0.last }) else {
      Issue.record("no snapshot")
      return
    }
    let arrays = good.treeTensors() + good.stateTensors()
    options.callbacks = []
    var random = Philox(seed: 3)
    var refused = 0
    for _ in 0..<2000 {
      var tensors = Dictionary(uniqueKeysWithValues: arrays.map { ($0.name, $0.values) })
      let name = arrays[random.integer(below: arrays.count)].name
      switch tensors[name] {
      case .int32(var values):
        let place = random.integer(below: values.count)
        if random.uniform() < 0.3 {
          values.remove(at: place)
        } else {
          values[place] = [-1, .min, .max, values[place] &+ 1, 255, -40][random.integer(below: 6)]
        }
        tensors[name] = .int32(values)
      case .float32(var values):
        values[random.integer(below: values.count)] = .nan
        tensors[name] = .float32(values)
      case .float64(var values):
        if random.uniform() < 0.5 { values.removeLast() } else { values[0] = .infinity }
        tensors[name] = .float64(values)
      case nil: break
      }
      do throws(TernError) {
        options.snapshot = .oblivious(
          try ObliviousSnapshot(
            configuration: good.configuration, history: good.history, fingerprint: good.fingerprint,
            tensors: tensors))
        _ = try ObliviousBooster.train(
          configuration: configuration, train: train, pool: pool, options: options)
      } catch { refused += 1 }
    }
    #expect(refused > 1000)
  }
}
