import Boosting
import Compute
import Diagnostics
import Testing

/// Losses and metrics given in Swift, early stopping, class weights and cross-validation.
@Suite("Custom objectives and choices")
struct CustomObjectiveTests {
  private struct Squares: CustomObjective {
    let name = "squares"
    func baseMargins(_ rows: LabelledRows) -> [Float] {
      [Float(rows.labels.reduce(0) { $0 + Double($1) } / Double(rows.count))]
    }
    func derivatives(margins: [Float], rows: LabelledRows) -> [SIMD2<Float>] {
      zip(margins, rows.labels).map { SIMD2($0 - $1, 1) }
    }
  }

  private struct WorstError: CustomMetric {
    let name = "worst"
    let isHigherBetter = false
    func value(predictions: [Float], rows: LabelledRows, outputs: Int) -> Double {
      zip(predictions, rows.labels).map { Double(abs($0 - $1)) }.max() ?? .nan
    }
  }

  @Test(arguments: BoostingConfiguration.Style.allCases)
  func aCustomLossIsTheBuiltInOne(style: BoostingConfiguration.Style) throws {
    let table = TestTables.mixed(rows: 900, seed: 1, classes: 4)
    let pool = ThreadPool(threads: 2)
    let settings = try BoostingConfiguration(style: style, parameters: ["num_boost_round": "10"])
    var options = BoostingOptions()
    options.metrics = [WorstError()]
    let builtIn = try Booster.train(configuration: settings, train: table, pool: pool, options: options)
    options.objective = Squares()
    let custom = try Booster.train(
      configuration: settings, train: table, valid: table, pool: pool, options: options)
    #expect(custom.forest == builtIn.forest)
    #expect(custom.configuration.objective == .custom)
    let worst = try #require(custom.history.first { $0.metric.rawValue == "custom:worst" })
    #expect(worst.values.count == 10)
    #expect(worst.values == builtIn.history.first { $0.metric.rawValue == "custom:worst" }?.values)
    #expect(Metric(rawValue: "custom:worst") == worst.metric)
  }

  /// XGBoost watches the last metric, LightGBM each; a named one decides alone; small improvements are none.
  @Test
  func earlyStoppingWatchesWhatItIsTold() throws {
    let train = TestTables.mixed(rows: 500, seed: 2)
    let valid = TestTables.mixed(rows: 500, seed: 3)
    let pool = ThreadPool(threads: 2)
    func rounds(_ parameters: [String: String]) throws -> BoostingResult {
      try Booster.train(
        configuration: BoostingConfiguration(
          style: .xgboost,
          parameters: [
            "objective": "binary", "num_boost_round": "200", "eta": "0.5", "early_stopping_rounds": "5",
            "metric": "error,auc,logloss",
          ].merging(parameters) { _, b in b }), train: train, valid: valid, pool: pool)
    }
    func series(_ result: BoostingResult, _ metric: Metric) -> [Double] {
      result.history.first { $0.dataset == "valid" && $0.metric == metric }?.values ?? []
    }
    let last = try rounds([:])
    let losses = series(last, .logloss)
    #expect(last.bestIteration == losses.firstIndex(of: losses.min() ?? 0))
    let named = try rounds(["early_stopping_metric": "auc"])
    let areas = series(named, .auc)
    #expect(named.bestIteration == areas.firstIndex(of: areas.max() ?? 0))
    let first = try rounds(["first_metric_only": "true"])
    let errors = series(first, .error)
    #expect(first.bestIteration == errors.firstIndex(of: errors.min() ?? 0))
    let any = try rounds(["early_stopping_metric": "any"])
    #expect(any.roundsTrained == min(last.roundsTrained, named.roundsTrained, first.roundsTrained))
    let coarse = try rounds(["early_stopping_min_delta": "0.5"])
    #expect(coarse.bestIteration == 0 && coarse.roundsTrained == 6)
  }

  /// Balanced class weights are the weights n / (K · n_k) given by hand.
  @Test
  func classWeightsAreWeights() throws {
    var table = TestTables.mixed(rows: 900, seed: 4, classes: 3)
    let pool = ThreadPool(threads: 1)
    func margins(_ parameters: [String: String]) throws -> [Float] {
      try Booster.train(
        configuration: BoostingConfiguration(
          style: .lightgbm,
          parameters: ["objective": "multiclass", "num_boost_round": "4"].merging(parameters) { _, b in b }),
        train: table, pool: pool
      ).forest.predictMargins(columns: table.columns, pool: pool)
    }
    let balanced = try margins(["class_weights": "balanced"])
    let counts = (0..<3).map { k in table.labels.count { $0 == Float(k) } }
    let factors = counts.map { 900.0 / (3 * Double($0)) }
    let given = try margins(["class_weight": factors.map { "\($0)" }.joined(separator: ",")])
    table.weights = table.labels.map { Float(factors[Int($0)]) }
    #expect(try margins([:]) == given)
    #expect(balanced == given)
    #expect(throws: TernError.self) { try margins(["class_weights": "1,2"]) }
  }

  @Test
  func foldsDivideRows() throws {
    let table = TestTables.mixed(rows: 103, seed: 5, classes: 3)
    let folds = try Fold.folds(of: table, count: 5, mode: .kfold, isStratified: true, seed: 1)
    #expect(folds.flatMap(\.valid).sorted() == (0..<103).map { $0 })
    for fold in folds {
      #expect((fold.train + fold.valid).sorted() == (0..<103).map { $0 })
      for k in 0..<3 {
        let share = Double(table.labels.count { $0 == Float(k) }) / 5
        let own = Double(fold.valid.count { table.labels[Int($0)] == Float(k) })
        #expect(abs(own - share) <= 1)
      }
    }
    let time = try Fold.folds(of: table, count: 3, mode: .time, isStratified: true, seed: 1)
    #expect(time.count == 3)
    for fold in time {
      let (last, first) = (try #require(fold.train.last), try #require(fold.valid.first))
      #expect(last + 1 == first)
    }
    var ranked = table
    ranked.queries = (0..<103).map { Int32($0 / 7) }
    for fold in try Fold.folds(of: ranked, count: 4, mode: .kfold, isStratified: false, seed: 2) {
      let valid = Set(fold.valid.map { $0 / 7 })
      #expect(valid.isDisjoint(with: fold.train.map { $0 / 7 }))
    }
    #expect(throws: TernError.self) {
      try Fold.folds(of: table, count: 1, mode: .kfold, isStratified: false, seed: 0)
    }
  }

  /// The mean and deviation are those of single trainings, and the best round is that of the mean.
  @Test
  func crossValidationIsTheMeanOfItsFolds() throws {
    let table = TestTables.mixed(rows: 600, seed: 6)
    let pool = ThreadPool(threads: 2)
    var settings = try BoostingConfiguration(
      style: .xgboost,
      parameters: ["objective": "binary", "num_boost_round": "60", "eta": "0.5", "metric": "auc,logloss"])
    settings.earlyStoppingRounds = 5
    let folds = try Fold.folds(of: table, count: 3, mode: .kfold, isStratified: true, seed: 3)
    let result = try Booster.crossValidate(configuration: settings, table: table, folds: folds, pool: pool)
    settings.earlyStoppingRounds = 0
    settings.numBoostRound = result.rounds
    let single = try folds.map { fold in
      try Booster.train(
        configuration: settings, table: table, rows: fold.train, validRows: fold.valid, pool: pool
      ).history.first { $0.dataset == "valid" && $0.metric == .logloss }?.values ?? []
    }
    let series = try #require(result.series.first { $0.dataset == "valid" && $0.metric == .logloss })
    for round in 0..<result.rounds {
      let values = single.map { $0[round] }
      let mean = values.reduce(0, +) / 3
      #expect(series.mean[round] == mean)
      // Three squares in the same order.
      #expect(
        abs(series.deviation[round] - (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3).squareRoot())
          < 1e-15)
    }
    #expect(result.bestRound == series.mean.firstIndex(of: series.mean.min() ?? 0))
    #expect(result.rounds == result.bestRound + 6 && result.bestMetric == .logloss)
    #expect(result.bestMean == series.mean[result.bestRound])
  }
}
