import Boosting
import Compute
import Diagnostics
import Testing

@Suite("Boosting configuration")
struct ConfigurationTests {
  @Test
  func peersNamesMeanTheSame() throws {
    let xgboost = try BoostingConfiguration(
      style: .lightgbm,
      parameters: [
        "eta": "0.2", "n_estimators": "7", "reg_lambda": "3", "reg_alpha": "1", "min_split_loss": "0.5",
        "max_leaves": "9", "min_child_weight": "4", "min_child_samples": "11", "subsample": "0.5",
        "colsample_bytree": "0.25", "nthread": "-1", "eval_metric": "auc", "objective": "binary:logistic",
        "max_depth": "-1", "random_state": "12",
      ])
    let lightgbm = try BoostingConfiguration(
      style: .lightgbm,
      parameters: [
        "learning_rate": "0.2", "num_iterations": "7", "lambda_l2": "3", "lambda_l1": "1",
        "min_gain_to_split": "0.5", "num_leaves": "9", "min_sum_hessian_in_leaf": "4",
        "min_data_in_leaf": "11",
        "bagging_fraction": "0.5", "feature_fraction": "0.25", "num_threads": "0", "metric": "auc",
        "objective": "binary", "seed": "12",
      ])
    #expect(xgboost == lightgbm)
    #expect(xgboost.learningRate == 0.2 && xgboost.minDataInLeaf == 11 && xgboost.maxDepth == 0)
  }

  @Test
  func everyNameIsUnique() {
    let names = BoostingParameter.all.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: [
    (["lerning_rate": "0.1"], "lerning_rate", "did you mean learning_rate?"),
    (["max_bin": "300"], "max_bin", "2 ... 256"),
    (["subsample": "0"], "subsample", "> 0.0 and <= 1.0"),
    (["eta": "fast"], "learning_rate", "a number"),
    (["max_depth": "2.5"], "max_depth", "an integer"),
    (["eta": "0.1", "learning_rate": "0.1"], "learning_rate", "one of them"),
    (
      ["objective": "binary", "metric": "merror"], "metric",
      "rmse, mse, mae, logloss, error, auc, aucpr, average_precision"
    ),
    (["objective": "binary", "base_score": "1.5"], "base_score", "between 0 and 1"),
    (["is_unbalance": "maybe"], "is_unbalance", "true or false"),
  ])
  func mistakesAreNamed(parameters: [String: String], key: String, expected: String) {
    #expect {
      try BoostingConfiguration(style: .xgboost, parameters: parameters)
    } throws: { error in
      guard let error = error as? TernError else { return false }
      return error.kind == .configuration && error.key == key && error.expected == expected
        && error.found != nil
    }
  }

  @Test
  func metricsAgreeWithTheirDefinitions() {
    var random = Philox(seed: 1)
    let labels = (0..<300).map { _ in Float(random.integer(below: 2)) }
    let scores = (0..<300).map { _ in Float(random.integer(below: 20)) / 20 }
    let weights = (0..<300).map { _ in Float(random.integer(below: 4)) }
    var wins = 0.0
    var pairs = 0.0
    for i in 0..<300 where labels[i] == 1 {
      for j in 0..<300 where labels[j] == 0 {
        let weight = Double(weights[i] * weights[j])
        pairs += weight
        wins += weight * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0)
      }
    }
    let pool = ThreadPool(threads: 2)
    func value(_ metric: Metric) -> Double {
      metric.evaluate(predictions: scores, labels: labels, weights: weights, pool: pool)
    }
    // Sums of small integers and halves are exact; only the last division rounds.
    #expect(abs(value(.auc) - wins / pairs) < 1e-15)
    let total = weights.reduce(0) { $0 + Double($1) }
    var wrong = 0.0
    var squares = 0.0
    for i in 0..<300 {
      wrong += (scores[i] > 0.5) == (labels[i] == 1) ? 0 : Double(weights[i])
      squares +=
        Double(weights[i]) * (Double(scores[i]) - Double(labels[i])) * (Double(scores[i]) - Double(labels[i]))
    }
    #expect(value(.error) == wrong / total)
    // The sums differ in nothing but their order: 300 terms round to within 1e-13.
    #expect(abs(value(.rmse) - (squares / total).squareRoot()) < 1e-13)
  }
}
