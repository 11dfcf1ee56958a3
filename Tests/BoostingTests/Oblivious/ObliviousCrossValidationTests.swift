import Compute
import Diagnostics
import Testing
import Trees

@testable import Boosting

/// Cross-validation of CatBoost-style training.
@Suite("Cross-validation of oblivious trees")
struct ObliviousCrossValidationTests {
  /// Figures are those of trainings of each fold alone.
  @Test(arguments: ObliviousTrainingTests.configurations)
  func foldsAreTrainings(parameters: [String: String]) throws {
    let classes = parameters["loss_function"] == "MultiClass" ? 3 : 2
    let table = ObliviousTrainingTests.table(rows: 600, seed: 4, classes: classes)
    let pool = ThreadPool(threads: 2)
    let configuration = try ObliviousConfiguration(
      parameters: parameters.merging(["iterations": "6", "eval_metric": classes == 3 ? "merror" : "mae"]) {
        _, b in b
      })
    let folds = try Fold.folds(of: table, count: 3, mode: .kfold, isStratified: true, seed: 9)
    let result = try ObliviousBooster.crossValidate(
      configuration: configuration, table: table, folds: folds, pool: pool)
    #expect(result.folds == 3 && result.rounds == 6 && result.bestMetric == configuration.evalMetric)
    let alone = try folds.map { fold in
      try ObliviousBooster.train(
        configuration: configuration, train: table.selecting(rows: fold.train),
        valid: table.selecting(rows: fold.valid), pool: pool
      ).history
    }
    try #require(result.series.count == alone[0].count && alone[0].count == 4)
    for (place, series) in result.series.enumerated() {
      #expect(series.dataset == alone[0][place].dataset && series.metric == alone[0][place].metric)
      for round in 0..<6 {
        let values = alone.map { $0[place].values[round] }
        let mean = values.reduce(0, +) / 3
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3).squareRoot()
        #expect(series.mean[round] == mean && series.deviation[round] == deviation)
      }
    }
    let means = result.series[3].mean
    #expect(result.bestMean == means.min() && means[result.bestRound] == result.bestMean)
  }

  /// The mean decides when to stop, not a fold.
  @Test
  func theMeanStops() throws {
    let table = ObliviousTrainingTests.table(rows: 500, seed: 6)
    let folds = try Fold.folds(of: table, count: 3, mode: .time, isStratified: false, seed: 0)
    func run(_ more: [String: String]) throws -> CrossValidation {
      try ObliviousBooster.crossValidate(
        configuration: ObliviousConfiguration(
          parameters: ["loss_function": "Logloss", "iterations": "60", "learning_rate": "0.6", "depth": "4"]
            .merging(more) { _, b in b }), table: table, folds: folds, pool: ThreadPool(threads: 2))
    }
    let whole = try run([:])
    #expect(whole.rounds == 60)
    let stopped = try run(["early_stopping_rounds": "5"])
    #expect(stopped.rounds == stopped.bestRound + 6 && stopped.rounds < 60)
    let means = whole.series[1].mean
    #expect(stopped.series[1].mean == Array(means.prefix(stopped.rounds)))
    #expect(stopped.bestMean == means.prefix(stopped.rounds).min())
  }

  @Test
  func queriesAndClassesAreKept() throws {
    var table = ObliviousTrainingTests.table(rows: 300, seed: 7, classes: 3)
    table.queries = (0..<300).map { Int32($0 / 10) }
    // The last class is in one query alone, and so in no training rows of its fold.
    for row in 0..<300 { table.labels[row] = row < 10 ? 2 : min(1, table.labels[row]) }
    let folds = try Fold.folds(of: table, count: 3, mode: .kfold, isStratified: true, seed: 1)
    let result = try ObliviousBooster.crossValidate(
      configuration: ObliviousConfiguration(parameters: ["loss_function": "MultiClass", "iterations": "3"]),
      table: table, folds: folds, pool: ThreadPool(threads: 1))
    #expect(result.rounds == 3 && result.bestMean.isFinite)
  }
}
