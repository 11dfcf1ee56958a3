import Diagnostics

extension BoostingParameter {
  /// The parameters of single objectives and their metrics.
  static let objectiveParameters: [BoostingParameter] = [
    .number("huber_slope", ["huber_delta"], \.objectiveSettings.huberSlope),
    .number("quantile_alpha", [], \.objectiveSettings.quantileAlpha),
    .number("fair_c", [], \.objectiveSettings.fairC),
    .number("poisson_max_delta_step", [], \.objectiveSettings.poissonMaxDeltaStep),
    .number("tweedie_variance_power", [], \.objectiveSettings.tweedieVariancePower),
    .number("sigmoid", [], \.objectiveSettings.sigmoid),
    .integer(
      "lambdarank_truncation_level", ["lambdarank_num_pair_per_sample"],
      \.objectiveSettings.lambdarankTruncationLevel),
    .flag("lambdarank_norm", ["lambdarank_normalization"], \.objectiveSettings.lambdarankNorm),
    .flag("lambdarank_score_normalization", [], \.objectiveSettings.lambdarankScoreNormalization),
    .flag("ndcg_exp_gain", [], \.objectiveSettings.ndcgExpGain),
    .init("lambdarank_pair_method", []) { _, text throws(TernError) in
      guard text.lowercased() == "topk" else {
        throw TernError(
          .configuration, "pairs are made of the first rows of a query only", key: "lambdarank_pair_method",
          found: text, expected: "topk")
      }
    },
    .init("label_gain", []) { c, text throws(TernError) in
      c.objectiveSettings.labelGain = try list(text, key: "label_gain") { Double($0) }
    },
    .init("eval_at", ["ndcg_eval_at", "ndcg_at", "map_eval_at", "map_at"]) { c, text throws(TernError) in
      c.objectiveSettings.evalAt = try list(text, key: "eval_at") { Int($0) }
    },
    .init("class_weights", ["class_weight", "auto_class_weights"]) { c, text throws(TernError) in
      c.classWeights = try ClassWeights(text: text)
    },
  ]

  /// What LightGBM calls `alpha`.
  static let lightgbmAlpha = BoostingParameter("objective_alpha", ["alpha"]) { c, text throws(TernError) in
    let value = try number("alpha", text)
    c.objectiveSettings.quantileAlpha = value
    c.objectiveSettings.huberSlope = value
  }

  private static func list<Element>(
    _ text: String, key: String, _ read: (String) -> Element?
  ) throws(TernError) -> [Element] {
    let parts = text.split { "[], ".contains($0) }.map(String.init)
    let values = parts.compactMap(read)
    guard !values.isEmpty, values.count == parts.count else {
      throw TernError(
        .configuration, "not a list of numbers", key: key, found: text,
        expected: "numbers separated by commas")
    }
    return values
  }
}
