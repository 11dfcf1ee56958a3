import Boosting
import Compute
import Testing

/// What CatBoost 1.2.10 reaches on LightGBM's example data with nothing set: 1000 iterations, sampled rows, noise on scores.
@Suite(
  "CatBoost's defaults on LightGBM's examples", .enabled(if: SharedData.isPresent, "skipped: no shared data"))
struct ObliviousDefaultsTests {
  /// The train loss within 5 %, as chance differs; test losses, on 500 rows, scatter by 2 % from seed to seed.
  @Test
  func logLossAndRanking() throws {
    let result = try train(["loss_function": "Logloss", "custom_metric": "AUC"])
    #expect(abs(try last(result, "train", .logloss) / 0.350630 - 1) < 0.05)
    #expect(abs(try last(result, "valid", .logloss) / 0.499488 - 1) < 0.04)
    #expect(abs(try last(result, "valid", .auc) - 0.840799) < 0.015)
  }

  /// The test loss, known as a mean square.
  @Test
  func squaredError() throws {
    let result = try train(["loss_function": "RMSE"])
    let error = try last(result, "valid", .rmse)
    #expect(abs(error * error / 0.171611 - 1) < 0.05)
  }

  private func train(_ parameters: [String: String]) throws -> ObliviousResult {
    try ObliviousBooster.train(
      configuration: ObliviousConfiguration(
        parameters: parameters.merging(["use_best_model": "false", "learning_rate": rate(parameters)]) {
          a, _ in a
        }),
      train: SharedData.labelledTable("lightgbm_binary_train.tsv.gz"),
      valid: SharedData.labelledTable("lightgbm_binary_test.tsv.gz"), pool: ThreadPool(threads: 2))
  }

  /// The learning rate that CatBoost chooses without validation rows.
  private func rate(_ parameters: [String: String]) -> String {
    parameters["loss_function"] == "RMSE" ? "0.055681" : "0.023648"
  }

  private func last(_ result: ObliviousResult, _ dataset: String, _ metric: Metric.Kind) throws -> Double {
    try #require(
      result.history.first { $0.dataset == dataset && $0.metric.kind == metric }?.values.last)
  }
}
