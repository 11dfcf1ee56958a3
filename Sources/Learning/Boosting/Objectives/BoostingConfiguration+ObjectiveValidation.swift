import Diagnostics

extension BoostingConfiguration {
  /// Checks the objective, its numbers and the metrics.
  func validateObjective() throws(TernError) {
    try validateClasses()
    try validateSettings()
    if let baseScore {
      guard baseScore.isFinite else {
        throw TernError(.configuration, "not a number", key: "base_score", found: "\(baseScore)")
      }
      if objective.task == .binary || objective == .oneVersusAll, !(baseScore > 0 && baseScore < 1) {
        throw TernError(
          .configuration, "base_score of \(objective.rawValue) is a probability", key: "base_score",
          found: "\(baseScore)", expected: "between 0 and 1")
      }
      if objective.hasLogLink, baseScore <= 0 {
        throw TernError(
          .configuration, "base_score of \(objective.rawValue) is a mean", key: "base_score",
          found: "\(baseScore)", expected: "> 0")
      }
    }
    for metric in effectiveMetrics where !metric.fits(objective) {
      throw TernError(
        .configuration, "the metric does not fit the objective", key: "metric", found: metric.rawValue,
        expected: Metric.allCases.filter { $0.fits(objective) }.map(\.rawValue).joined(separator: ", "))
    }
  }

  private func validateClasses() throws(TernError) {
    if objective.task == .multiclass || objective == .custom {
      if numClass == 1, objective != .custom {
        throw TernError(
          .configuration, "\(objective.rawValue) needs two classes", key: "num_class", found: "1",
          expected: ">= 2")
      }
    } else if numClass > 2 || (numClass == 2 && objective.task != .binary) {
      throw TernError(
        .configuration, "num_class belongs to multiclass", key: "num_class", found: "\(numClass)",
        expected: "0 for \(objective.rawValue)")
    }
    let hasPositives = objective.task == .binary || objective == .oneVersusAll
    if !hasPositives, isUnbalance || scalePosWeight != 1 {
      throw TernError(
        .configuration, "positive rows exist in binary only",
        key: isUnbalance ? "is_unbalance" : "scale_pos_weight",
        found: isUnbalance ? "true" : "\(scalePosWeight)", expected: "objective binary")
    }
    if classWeights != .none, objective != .logistic, objective.task != .multiclass {
      throw TernError(
        .configuration, "classes exist in classification only", key: "class_weights",
        expected: "objective binary, multiclass or multiclassova")
    }
  }

  private func validateSettings() throws(TernError) {
    let settings = objectiveSettings
    try check("huber_slope", settings.huberSlope, above: 0)
    try check("quantile_alpha", settings.quantileAlpha, above: 0, through: 1)
    try check("fair_c", settings.fairC, above: 0)
    try check("poisson_max_delta_step", settings.poissonMaxDeltaStep, from: 0)
    try check("tweedie_variance_power", settings.tweedieVariancePower, above: 1, through: 2)
    try check("sigmoid", settings.sigmoid, above: 0)
    try check("lambdarank_truncation_level", settings.lambdarankTruncationLevel, 1...Int(Int32.max))
    for (key, value) in [
      ("quantile_alpha", settings.quantileAlpha),
      ("tweedie_variance_power", settings.tweedieVariancePower - 1),
    ] where value >= 1 {
      throw TernError(
        .configuration, "out of range", key: key, found: "\(value)", expected: "below its limit")
    }
    let hasSigmoid = objective == .lambdaRank || objective == .logistic || objective == .oneVersusAll
    if settings.sigmoid != 1, !hasSigmoid || style != .lightgbm {
      throw TernError(
        .configuration, "sigmoid belongs to LightGBM's binary, multiclassova and lambdarank", key: "sigmoid",
        found: "\(settings.sigmoid)", expected: "1 for \(objective.rawValue) of \(style.rawValue)")
    }
    for position in settings.evalAt { try check("eval_at", position, 1...Int(Int32.max)) }
    for gain in settings.labelGain { try check("label_gain", gain, from: 0) }
  }

  /// Checks what early stopping watches.
  func validateStopping() throws(TernError) {
    try check("refit_decay_rate", refitDecayRate, from: 0)
    if refitDecayRate > 1 {
      throw TernError(
        .configuration, "out of range", key: "refit_decay_rate", found: "\(refitDecayRate)", expected: "<= 1")
    }
    try check("early_stopping_min_delta", earlyStoppingMinDelta, from: 0)
    if case .named(let metric) = earlyStoppingMetric, earlyStoppingRounds > 0,
      !effectiveMetrics.contains(metric)
    {
      throw TernError(
        .configuration, "early stopping watches a metric that is not computed", key: "early_stopping_metric",
        found: metric.rawValue, expected: effectiveMetrics.map(\.rawValue).joined(separator: ", "))
    }
  }
}
