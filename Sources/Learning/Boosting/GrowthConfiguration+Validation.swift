import Diagnostics

extension BoostingConfiguration {
  /// Checks the ranges and combinations of `growth`.
  func validateGrowth() throws(TernError) {
    try check("monotone_penalty", growth.monotonePenalty, from: 0)
    try check("max_cat_to_onehot", growth.maxCatToOnehot, 1...Int(Int32.max))
    try check("max_cat_threshold", growth.maxCatThreshold, 1...Int(Int32.max))
    try check("cat_smooth", growth.catSmooth, from: 0)
    try check("cat_l2", growth.catL2, from: 0)
    try check("min_data_per_group", growth.minDataPerGroup, 1...Int(Int32.max))
    try check("path_smooth", growth.pathSmooth, from: 0)
    try check("top_rate", growth.topRate, from: 0)
    try check("other_rate", growth.otherRate, from: 0)
    try check("pos_bagging_fraction", growth.posBaggingFraction, above: 0, through: 1)
    try check("neg_bagging_fraction", growth.negBaggingFraction, above: 0, through: 1)
    try check("drop_rate", growth.dropRate, from: 0)
    try check("skip_drop", growth.skipDrop, from: 0)
    try check("max_drop", growth.maxDrop, 0...Int(Int32.max))
    try check("num_parallel_tree", growth.numParallelTree, 1...65_536)
    try check("linear_lambda", growth.linearLambda, from: 0)
    try check("num_grad_quant_bins", growth.numGradQuantBins, 2...126)
    for (key, value) in [("drop_rate", growth.dropRate), ("skip_drop", growth.skipDrop)] where value > 1 {
      throw TernError(
        .configuration, "not a probability", key: key, found: "\(value)", expected: "0.0 ... 1.0")
    }
    if let wrong = growth.monotoneConstraints.first(where: { abs($0) > 1 }) {
      throw TernError(
        .configuration, "not a direction", key: "monotone_constraints", found: "\(wrong)",
        expected: "-1, 0 or 1")
    }
    if let wrong = growth.interactionConstraints.joined().first(where: { $0 < 0 }) {
      throw TernError(
        .configuration, "not a feature", key: "interaction_constraints", found: "\(wrong)",
        expected: "a number >= 0")
    }
    try validateStyle()
    try validateCombinations()
  }

  /// What only one of the styles can do.
  private func validateStyle() throws(TernError) {
    let lightgbmOnly: [(String, Bool)] = [
      ("path_smooth", growth.pathSmooth > 0), ("extra_trees", growth.extraTrees),
      ("data_sample_strategy", growth.rowSampling == .goss), ("linear_tree", growth.linearTree),
      ("use_quantized_grad", growth.useQuantizedGrad), ("uniform_drop", growth.uniformDrop),
      ("xgboost_dart_mode", growth.xgboostDartMode), ("monotone_penalty", growth.monotonePenalty > 0),
      ("pos_bagging_fraction", growth.posBaggingFraction < 1),
      ("neg_bagging_fraction", growth.negBaggingFraction < 1),
    ]
    let xgboostOnly: [(String, Bool)] = [
      ("sampling_method", growth.rowSampling == .gradientBased), ("one_drop", growth.oneDrop),
      ("sample_type", growth.dropSampling != .uniform),
      ("normalize_type", growth.dropNormalisation != .tree),
      ("tree_method", growth.treeMethod == .exact || growth.treeMethod == .approx),
      ("num_parallel_tree", growth.numParallelTree > 1),
    ]
    for (owner, parameters) in [(Style.lightgbm, lightgbmOnly), (.xgboost, xgboostOnly)] where owner != style
    {
      if let wrong = parameters.first(where: \.1) {
        throw TernError(
          .configuration, "belongs to style \(owner.rawValue)", key: wrong.0,
          found: "style \(style.rawValue)",
          expected: "style \(owner.rawValue)")
      }
    }
  }

  private func validateCombinations() throws(TernError) {
    func refuse(_ key: String, _ problem: String, _ expected: String) throws(TernError) {
      throw TernError(.configuration, problem, key: key, expected: expected)
    }
    let samples = subsample < 1 && baggingFreq > 0
    if growth.rowSampling == .goss {
      if samples || growth.posBaggingFraction < 1 || growth.negBaggingFraction < 1 {
        try refuse("data_sample_strategy", "goss and bagging exclude each other", "bagging_fraction 1")
      }
      if growth.topRate + growth.otherRate > 1 || growth.topRate + growth.otherRate == 0 {
        try refuse("top_rate", "shares of rows beyond all or none", "0 < top_rate + other_rate <= 1")
      }
    }
    if growth.posBaggingFraction < 1 || growth.negBaggingFraction < 1, objective != .logistic {
      try refuse("pos_bagging_fraction", "positive rows exist in binary only", "objective binary")
    }
    if growth.boosting == .dart, earlyStoppingRounds > 0 {
      try refuse(
        "early_stopping_rounds", "dropout changes earlier trees, so none can be cut off", "0 with dart")
    }
    if growth.linearTree {
      if growth.boosting == .dart { try refuse("boosting", "linear leaves cannot be dropped", "gbdt") }
      if !growth.monotoneConstraints.allSatisfy({ $0 == 0 }) {
        try refuse("monotone_constraints", "linear leaves are not monotone", "none with linear_tree")
      }
    }
    if growth.treeMethod == .exact {
      if growPolicy == .lossguide { try refuse("grow_policy", "exact grows level by level", "depthwise") }
      if maxLeaves > 0 { try refuse("max_leaves", "exact grows level by level", "0 with tree_method exact") }
      if growth.rowSampling != .uniform {
        try refuse("sampling_method", "exact samples uniformly", "uniform with tree_method exact")
      }
    }
  }

  /// Checks what names features against their number.
  func validateGrowth(features: Int) throws(TernError) {
    if growth.monotoneConstraints.count > features {
      throw TernError(
        .configuration, "more directions than features", key: "monotone_constraints",
        found: "\(growth.monotoneConstraints.count)", expected: "at most \(features)")
    }
    if let wrong = growth.interactionConstraints.joined().first(where: { $0 >= features }) {
      throw TernError(
        .configuration, "the feature does not exist", key: "interaction_constraints", found: "\(wrong)",
        expected: "0 ..< \(features)")
    }
  }

  /// Checks that leaves may be re-fitted to quantiles, which knows neither bounds nor slopes.
  func validateRefittedLeaves() throws(TernError) {
    let isBounded = growth.monotoneConstraints.contains { $0 != 0 }
    if isBounded || growth.linearTree {
      throw TernError(
        .configuration, "the objective re-fits leaves to quantiles",
        key: isBounded ? "monotone_constraints" : "linear_tree", expected: "none with \(objective.rawValue)")
    }
  }
}
