import Diagnostics

extension BoostingParameter {
  /// The parameters of `GrowthConfiguration`.
  static let growth: [BoostingParameter] = [
    .init("monotone_constraints", ["mc", "monotone_constraint", "monotonic_cst"]) {
      c, text throws(TernError) in
      c.growth.monotoneConstraints = []
      for part in list(text) {
        c.growth.monotoneConstraints.append(try integer("monotone_constraints", part))
      }
    },
    .init("monotone_constraints_method", ["monotone_constraining_method", "mc_method"]) {
      _, text throws(TernError) in
      // LightGBM's other two methods admit more splits; all three keep the promise.
      if text != "basic" {
        throw TernError(
          .configuration, "only the basic method is known", key: "monotone_constraints_method", found: text,
          expected: "basic")
      }
    },
    .number(
      "monotone_penalty", ["monotone_splits_penalty", "ms_penalty", "mc_penalty"], \.growth.monotonePenalty),
    .init("interaction_constraints", ["interaction_cst"]) { c, text throws(TernError) in
      c.growth.interactionConstraints = try sets("interaction_constraints", text)
    },
    .integer("max_cat_to_onehot", [], \.growth.maxCatToOnehot),
    .integer("max_cat_threshold", [], \.growth.maxCatThreshold),
    .number("cat_smooth", [], \.growth.catSmooth),
    .number("cat_l2", [], \.growth.catL2),
    .integer("min_data_per_group", [], \.growth.minDataPerGroup),
    .number("path_smooth", [], \.growth.pathSmooth),
    .flag("extra_trees", ["extra_tree"], \.growth.extraTrees),
    .init("data_sample_strategy", []) { c, text throws(TernError) in
      c.growth.rowSampling = try choice(
        "data_sample_strategy", text, [("bagging", .uniform), ("goss", .goss)])
    },
    .init("sampling_method", []) { c, text throws(TernError) in
      c.growth.rowSampling = try choice(
        "sampling_method", text, [("uniform", .uniform), ("gradient_based", .gradientBased)])
    },
    .number("top_rate", [], \.growth.topRate),
    .number("other_rate", [], \.growth.otherRate),
    .number(
      "pos_bagging_fraction", ["pos_sub_row", "pos_subsample", "pos_bagging"], \.growth.posBaggingFraction),
    .number(
      "neg_bagging_fraction", ["neg_sub_row", "neg_subsample", "neg_bagging"], \.growth.negBaggingFraction),
    .init("boosting", ["boosting_type", "boost", "booster"]) { c, text throws(TernError) in
      if text == "goss" {
        // LightGBM's former spelling.
        c.growth.rowSampling = .goss
        return
      }
      c.growth.boosting = try choice(
        "boosting", text, [("gbdt", .gbdt), ("gbtree", .gbdt), ("gbrt", .gbdt), ("dart", .dart)])
    },
    .number("drop_rate", ["rate_drop"], \.growth.dropRate),
    .number("skip_drop", [], \.growth.skipDrop),
    .init("max_drop", []) { c, text throws(TernError) in
      c.growth.maxDrop = max(0, try integer("max_drop", text))
    },
    .flag("uniform_drop", [], \.growth.uniformDrop),
    .flag("xgboost_dart_mode", [], \.growth.xgboostDartMode),
    .flag("one_drop", [], \.growth.oneDrop),
    .init("sample_type", []) { c, text throws(TernError) in
      c.growth.dropSampling = try choice(
        "sample_type", text, [("uniform", .uniform), ("weighted", .weighted)])
    },
    .init("normalize_type", []) { c, text throws(TernError) in
      c.growth.dropNormalisation = try choice("normalize_type", text, [("tree", .tree), ("forest", .forest)])
    },
    .integer("num_parallel_tree", [], \.growth.numParallelTree),
    .init("tree_method", []) { c, text throws(TernError) in
      c.growth.treeMethod = try choice(
        "tree_method", text, GrowthConfiguration.TreeMethod.allCases.map { ($0.rawValue, $0) })
    },
    .flag("linear_tree", ["linear_trees"], \.growth.linearTree),
    .number("linear_lambda", [], \.growth.linearLambda),
    .flag("use_quantized_grad", [], \.growth.useQuantizedGrad),
    .integer("num_grad_quant_bins", [], \.growth.numGradQuantBins),
    .flag("quant_train_renew_leaf", [], \.growth.quantTrainRenewLeaf),
    .flag("enable_bundle", ["is_enable_bundle", "bundle"], \.growth.enableBundle),
    .flag("stochastic_rounding", [], \.growth.stochasticRounding),
  ]

  private static func choice<Value>(
    _ key: String, _ text: String, _ known: [(name: String, value: Value)]
  ) throws(TernError) -> Value {
    if let found = known.first(where: { $0.name == text.lowercased() }) { return found.value }
    let near = nearestName(to: text, among: known.map(\.name))
    throw TernError(
      .configuration, "unknown value" + (near.map { ", did you mean \($0)?" } ?? ""), key: key, found: text,
      expected: known.map(\.name).joined(separator: ", "))
  }

  /// The parts of `1,-1,0`, in brackets of any kind or none.
  private static func list(_ text: String) -> [String] {
    text.split { ",()[] ".contains($0) }.map(String.init)
  }

  /// The sets of `[[0, 1], [2, 3]]` or `[0, 1], [2, 3]`.
  private static func sets(_ key: String, _ text: String) throws(TernError) -> [[Int]] {
    var result: [[Int]] = []
    var open = false
    var current = ""
    for character in text {
      switch character {
      case "[", "(":
        open = true
        current = ""
      case "]", ")":
        if open {
          var members: [Int] = []
          for part in list(current) { members.append(try integer(key, part)) }
          result.append(members)
        }
        open = false
      default: current.append(character)
      }
    }
    if result.isEmpty, !text.allSatisfy(\.isWhitespace), text != "[]" {
      throw TernError(
        .configuration, "no sets of features", key: key, found: text, expected: "[0, 1], [2, 3]")
    }
    return result
  }
}
