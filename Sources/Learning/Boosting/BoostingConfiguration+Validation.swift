import Diagnostics

extension BoostingConfiguration {
  /// Checks every range and combination.
  ///
  /// - Throws: `TernError(.configuration)` naming the parameter, what was found and what was expected.
  public func validate() throws(TernError) {
    try check("num_boost_round", numBoostRound, 1...1_000_000)
    try check("learning_rate", learningRate, above: 0)
    try check("lambda", lambda, from: 0)
    try check("alpha", alpha, from: 0)
    try check("gamma", gamma, from: 0)
    try check("max_depth", maxDepth, 0...64)
    try check("max_leaves", maxLeaves, 0...131_072)
    try check("min_child_weight", minChildWeight, from: 0)
    try check("min_data_in_leaf", minDataInLeaf, 0...Int(Int32.max))
    try check("max_delta_step", maxDeltaStep, from: 0)
    try check("subsample", subsample, above: 0, through: 1)
    try check("bagging_freq", baggingFreq, 0...1_000_000)
    try check("colsample_bytree", colsampleBytree, above: 0, through: 1)
    try check("colsample_bylevel", colsampleBylevel, above: 0, through: 1)
    try check("colsample_bynode", colsampleBynode, above: 0, through: 1)
    try check("max_bin", maxBin, 2...256)
    try check("min_data_in_bin", minDataInBin, 1...Int(Int32.max))
    try check("bin_construct_sample_cnt", binConstructSampleCount, 0...Int(Int32.max))
    try check("scale_pos_weight", scalePosWeight, above: 0)
    try check("early_stopping_rounds", earlyStoppingRounds, 0...1_000_000)
    try check("threads", threads, 0...1024)
    try check("num_class", numClass, 0...65_536)
    if maxLeaves == 1 {
      throw TernError(
        .configuration, "a tree needs two leaves", key: "max_leaves", found: "1", expected: "0 or >= 2")
    }
    if growPolicy == .depthwise, maxDepth == 0, maxLeaves == 0 {
      throw TernError(
        .configuration, "depth-wise growth without any limit", key: "max_depth", found: "0",
        expected: "max_depth or max_leaves above 0")
    }
    if isUnbalance, scalePosWeight != 1 {
      throw TernError(
        .configuration, "is_unbalance and scale_pos_weight exclude each other", key: "scale_pos_weight",
        found: "\(scalePosWeight)", expected: "1 beside is_unbalance")
    }
    try validateObjective()
    try validateStopping()
  }

  func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(TernError) {
    if !range.contains(value) {
      throw TernError(
        .configuration, "out of range", key: key, found: "\(value)",
        expected: "\(range.lowerBound) ... \(range.upperBound)")
    }
  }

  func check(_ key: String, _ value: Double, from lower: Double) throws(TernError) {
    if !(value >= lower && value.isFinite) {
      throw TernError(.configuration, "out of range", key: key, found: "\(value)", expected: ">= \(lower)")
    }
  }

  func check(
    _ key: String, _ value: Double, above lower: Double, through upper: Double = .greatestFiniteMagnitude
  ) throws(TernError) {
    if !(value > lower && value <= upper) {
      let limit = upper == .greatestFiniteMagnitude ? "" : " and <= \(upper)"
      throw TernError(
        .configuration, "out of range", key: key, found: "\(value)", expected: "> \(lower)\(limit)")
    }
  }
}
