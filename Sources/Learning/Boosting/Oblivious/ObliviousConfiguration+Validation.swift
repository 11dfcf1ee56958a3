import Diagnostics

extension ObliviousConfiguration {
  /// Checks every range and combination.
  ///
  /// - Throws: `TernError(.configuration)` naming the parameter, what was found and what was expected.
  public func validate() throws(TernError) {
    try check("iterations", iterations, 1...1_000_000)
    try check("depth", depth, 1...(growPolicy == .lossguide ? 65_535 : 16))
    try check("max_leaves", maxLeaves, 1...65_536)
    try check("min_data_in_leaf", minDataInLeaf, 1...Int(Int32.max))
    try check("border_count", borderCount, 1...255)
    try check("one_hot_max_size", oneHotMaxSize, 0...255)
    try check("permutation_count", permutationCount, 2...64)
    try check("fold_permutation_block", foldPermutationBlock, 0...Int(Int32.max))
    try check("od_wait", odWait, 1...1_000_000)
    try check("best_model_min_trees", bestModelMinTrees, 1...1_000_000)
    try check("classes_count", classesCount, 0...65_536)
    try check("thread_count", threadCount, 0...1024)
    try check("random_strength", randomStrength, "0 or more") { $0 >= 0 }
    try check("rsm", rsm, "above 0, at most 1") { $0 > 0 && $0 <= 1 }
    try check("model_size_reg", modelSizeReg, "0 or more") { $0 >= 0 }
    try check("bagging_temperature", baggingTemperature, "0 or more") { $0 >= 0 }
    try check("fold_len_multiplier", foldLenMultiplier, "above 1") { $0 > 1 }
    try check("od_pval", odPval, "0 ... 1") { $0 >= 0 && $0 <= 1 }
    try check("scale_pos_weight", scalePosWeight, "above 0") { $0 > 0 }
    if let learningRate { try check("learning_rate", learningRate, "above 0") { $0 > 0 } }
    if let l2LeafReg { try check("l2_leaf_reg", l2LeafReg, "0 or more") { $0 >= 0 } }
    if let subsample { try check("subsample", subsample, "above 0, at most 1") { $0 > 0 && $0 <= 1 } }
    if let mvsReg { try check("mvs_reg", mvsReg, "0 or more") { $0 >= 0 } }
    if let leafEstimationIterations {
      try check("leaf_estimation_iterations", leafEstimationIterations, 1...10_000)
    }
    try check("ctr_target_border_count", ctrTargetBorderCount, 1...255)
    if let maxCtrComplexity { try check("max_ctr_complexity", maxCtrComplexity, 1...15) }
    try validateCombinations()
  }

  private func validateCombinations() throws(TernError) {
    if subsample != nil, bootstrapType == .bayesian || bootstrapType == BootstrapType.none {
      throw TernError(
        .configuration, "subsample belongs to MVS and Bernoulli", key: "subsample",
        found: bootstrapType?.rawValue, expected: "bootstrap_type MVS or Bernoulli")
    }
    try validateGrowth()
    if lossFunction != .rmse, boostFromAverage == true {
      throw TernError(
        .configuration, "the first prediction is a constant in RMSE only", key: "boost_from_average",
        found: lossFunction.rawValue, expected: "loss_function RMSE")
    }
    let isClassification = lossFunction == .logloss || lossFunction == .multiClass
    let kinds = [!classWeights.isEmpty, autoClassWeights != .none, scalePosWeight != 1].count { $0 }
    if kinds > 1 || (kinds == 1 && !isClassification) {
      throw TernError(
        .configuration, "weights of classes are given once, in classification", key: "class_weights",
        found: lossFunction.rawValue,
        expected: "one of class_weights, auto_class_weights and scale_pos_weight")
    }
    if let wrong = classWeights.first(where: { !($0 >= 0 && $0.isFinite) }) {
      throw TernError(
        .configuration, "not a weight", key: "class_weights", found: "\(wrong)", expected: "0 or more")
    }
    if scalePosWeight != 1, lossFunction != .logloss {
      throw TernError(
        .configuration, "positive rows exist in Logloss only", key: "scale_pos_weight",
        found: lossFunction.rawValue, expected: "loss_function Logloss")
    }
    for metric in [evalMetric].compactMap({ $0 }) + customMetrics where !metric.fits(objective) {
      throw TernError(
        .configuration, "the metric does not fit the loss", key: "eval_metric", found: metric.rawValue,
        expected: Metric.allCases.filter { $0.fits(objective) }.map(\.rawValue).joined(separator: ", "))
    }
  }

  private func validateGrowth() throws(TernError) {
    let defaults = ObliviousConfiguration()
    if maxLeaves != defaults.maxLeaves, growPolicy != .lossguide {
      throw TernError(
        .configuration, "leaves are counted in Lossguide only", key: "max_leaves", found: "\(maxLeaves)",
        expected: "grow_policy Lossguide")
    }
    if growPolicy == .symmetricTree, minDataInLeaf != defaults.minDataInLeaf {
      throw TernError(
        .configuration, "all leaves of a level are split together", key: "min_data_in_leaf",
        found: "\(minDataInLeaf)", expected: "grow_policy Depthwise or Lossguide")
    }
    if growPolicy != .symmetricTree, boostingType == .ordered {
      throw TernError(
        .configuration, "Ordered boosting grows symmetric trees", key: "boosting_type",
        found: boostingType.rawValue, expected: "Plain with grow_policy \(growPolicy.rawValue)")
    }
  }

  /// The objective of the other styles that has the same predictions.
  var objective: BoostingConfiguration.Objective {
    switch lossFunction {
    case .rmse: .squaredError
    case .logloss, .crossEntropy: .logistic
    case .multiClass: .softmax
    }
  }

  private func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(TernError) {
    if !range.contains(value) {
      throw TernError(
        .configuration, "out of range", key: key, found: "\(value)",
        expected: "\(range.lowerBound) ... \(range.upperBound)")
    }
  }

  private func check(
    _ key: String, _ value: Double, _ expected: String, _ isGood: (Double) -> Bool
  ) throws(TernError) {
    if !(value.isFinite && isGood(value)) {
      throw TernError(.configuration, "out of range", key: key, found: "\(value)", expected: expected)
    }
  }
}
