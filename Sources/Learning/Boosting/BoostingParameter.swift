import Diagnostics

/// One hyper-parameter by its names in the field, and how its text is read.
public struct BoostingParameter: Sendable {
  /// The name under which errors and files speak of it.
  public let name: String
  /// Other names that the peers use.
  public let aliases: [String]
  let read: @Sendable (inout BoostingConfiguration, String) throws(TernError) -> Void

  /// Every known parameter.
  public static let all: [BoostingParameter] =
    [
      .init("objective", ["application", "app", "loss", "loss_function"]) { c, text throws(TernError) in
        c.objective = try objective(text)
      },
      .integer("num_class", ["num_classes"], \.numClass),
      .integer(
        "num_boost_round",
        [
          "num_iterations", "num_iteration", "n_estimators", "iterations", "n_iter", "num_tree", "num_trees",
          "num_round", "num_rounds", "nrounds", "max_iter",
        ], \.numBoostRound),
      .number("learning_rate", ["eta", "shrinkage_rate"], \.learningRate),
      .number("lambda", ["reg_lambda", "lambda_l2", "l2_regularization", "l2_leaf_reg"], \.lambda),
      .number("alpha", ["reg_alpha", "lambda_l1", "l1_regularization"], \.alpha),
      .number("gamma", ["min_split_loss", "min_gain_to_split", "min_split_gain"], \.gamma),
      .init("max_depth", ["depth"]) { c, text throws(TernError) in
        let depth = try integer("max_depth", text)
        c.maxDepth = depth == -1 ? 0 : depth
      },
      .integer("max_leaves", ["num_leaves", "num_leaf", "max_leaf", "max_leaf_nodes"], \.maxLeaves),
      .number(
        "min_child_weight",
        ["min_sum_hessian_in_leaf", "min_sum_hessian_per_leaf", "min_sum_hessian", "min_hessian"],
        \.minChildWeight),
      .integer(
        "min_data_in_leaf", ["min_data_per_leaf", "min_data", "min_child_samples", "min_samples_leaf"],
        \.minDataInLeaf),
      .number("max_delta_step", ["max_tree_output", "max_leaf_output"], \.maxDeltaStep),
      .number("subsample", ["bagging_fraction", "sub_row", "bagging"], \.subsample),
      .integer("bagging_freq", ["subsample_freq"], \.baggingFreq),
      .number("colsample_bytree", ["feature_fraction", "sub_feature", "rsm"], \.colsampleBytree),
      .number("colsample_bylevel", [], \.colsampleBylevel),
      .number("colsample_bynode", ["feature_fraction_bynode", "sub_feature_bynode"], \.colsampleBynode),
      .integer("max_bin", ["max_bins"], \.maxBin),
      .integer("min_data_in_bin", [], \.minDataInBin),
      .integer("bin_construct_sample_cnt", ["subsample_for_bin"], \.binConstructSampleCount),
      .number("scale_pos_weight", [], \.scalePosWeight),
      .flag("is_unbalance", ["unbalance", "unbalanced_sets"], \.isUnbalance),
      .init("base_score", ["init_score"]) { c, text throws(TernError) in
        c.baseScore = try number("base_score", text)
      },
      .flag("boost_from_average", [], \.boostFromAverage),
      .init("metric", ["metrics", "eval_metric", "metric_types"]) { c, text throws(TernError) in
        c.metrics = try metrics(text)
      },
      .flag(
        "train_metric", ["is_provide_training_metric", "training_metric", "is_training_metric"], \.trainMetric
      ),
      .init("seed", ["random_state", "random_seed"]) { c, text throws(TernError) in
        guard let seed = UInt64(text) else {
          throw TernError(.configuration, "not a seed", key: "seed", found: text, expected: "an integer >= 0")
        }
        c.seed = seed
      },
      .init("threads", ["nthread", "nthreads", "num_threads", "num_thread", "n_jobs", "thread_count"]) {
        c, text throws(TernError) in
        let threads = try integer("threads", text)
        c.threads = threads == -1 ? 0 : threads
      },
      .init("grow_policy", []) { c, text throws(TernError) in
        let names = [
          "depthwise": BoostingConfiguration.GrowPolicy.depthwise, "lossguide": .lossguide,
          "leafwise": .lossguide,
        ]
        guard let policy = names[text.lowercased()] else {
          throw TernError(
            .configuration, "unknown growth policy", key: "grow_policy", found: text,
            expected: "depthwise or lossguide")
        }
        c.growPolicy = policy
      },
    ] + objectiveParameters + stoppingParameters

  /// The parameter of a name or alias.
  ///
  /// - Parameter style: LightGBM's `alpha` is the level of a quantile or the slope of Huber's loss, not a penalty.
  public static func named(_ name: String, style: BoostingConfiguration.Style? = nil) -> BoostingParameter? {
    if name == "alpha", style == .lightgbm { return lightgbmAlpha }
    return all.first { $0.name == name || $0.aliases.contains(name) }
  }

  init(
    _ name: String, _ aliases: [String],
    read: @escaping @Sendable (inout BoostingConfiguration, String) throws(TernError) -> Void
  ) {
    self.name = name
    self.aliases = aliases
    self.read = read
  }

  static func integer(
    _ name: String, _ aliases: [String], _ path: WritableKeyPath<BoostingConfiguration, Int> & Sendable
  ) -> BoostingParameter {
    BoostingParameter(name, aliases) { c, text throws(TernError) in c[keyPath: path] = try integer(name, text)
    }
  }

  static func number(
    _ name: String, _ aliases: [String], _ path: WritableKeyPath<BoostingConfiguration, Double> & Sendable
  ) -> BoostingParameter {
    BoostingParameter(name, aliases) { c, text throws(TernError) in c[keyPath: path] = try number(name, text)
    }
  }

  static func flag(
    _ name: String, _ aliases: [String], _ path: WritableKeyPath<BoostingConfiguration, Bool> & Sendable
  ) -> BoostingParameter {
    BoostingParameter(name, aliases) { c, text throws(TernError) in
      switch text.lowercased() {
      case "true", "1", "yes", "on": c[keyPath: path] = true
      case "false", "0", "no", "off": c[keyPath: path] = false
      default:
        throw TernError(
          .configuration, "not a truth value", key: name, found: text, expected: "true or false")
      }
    }
  }

  static func integer(_ key: String, _ text: String) throws(TernError) -> Int {
    if let value = Int(text) { return value }
    if let value = Double(text), let whole = Int(exactly: value) { return whole }
    throw TernError(.configuration, "not an integer", key: key, found: text, expected: "an integer")
  }

  static func number(_ key: String, _ text: String) throws(TernError) -> Double {
    guard let value = Double(text), value.isFinite else {
      throw TernError(.configuration, "not a number", key: key, found: text, expected: "a number")
    }
    return value
  }

  static func objective(_ text: String) throws(TernError) -> BoostingConfiguration.Objective {
    if let objective = BoostingConfiguration.Objective(anyName: text) { return objective }
    let near = nearestName(to: text, among: BoostingConfiguration.Objective.allNames)
    throw TernError(
      .configuration, "unknown objective" + (near.map { ", did you mean \($0)?" } ?? ""), key: "objective",
      found: text,
      expected: BoostingConfiguration.Objective.allCases.filter { $0 != .custom }.map(\.rawValue).joined(
        separator: ", "))
  }

  static func metrics(_ text: String) throws(TernError) -> [Metric] {
    var result: [Metric] = []
    for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      guard let metric = Metric(anyName: String(part).lowercased()) else {
        let near = nearestName(to: String(part), among: Metric.allNames)
        throw TernError(
          .configuration, "unknown metric" + (near.map { ", did you mean \($0)?" } ?? ""), key: "metric",
          found: String(part), expected: Metric.allCases.map(\.rawValue).joined(separator: ", "))
      }
      if !result.contains(metric) { result.append(metric) }
    }
    return result
  }
}

extension BoostingConfiguration {
  /// Reads parameters by any of their names over a style's defaults, and checks them.
  ///
  /// - Throws: `TernError(.configuration)` for an unknown name (with the nearest known one), one parameter under
  ///   two names, text that cannot be read, or a value out of range.
  public init(style: Style, parameters: [String: String]) throws(TernError) {
    self.init(style: style)
    var given: [String: String] = [:]
    for name in parameters.keys.sorted() {
      guard let parameter = BoostingParameter.named(name, style: style) else {
        let near = nearestName(to: name, among: BoostingParameter.all.flatMap { [$0.name] + $0.aliases })
        throw TernError(
          .configuration, "unknown parameter", key: name, found: name,
          expected: near.map { "did you mean \($0)?" } ?? "a boosting parameter")
      }
      if let other = given[parameter.name] {
        throw TernError(
          .configuration, "the same parameter is given twice", key: parameter.name,
          found: "\(other) and \(name)",
          expected: "one of them")
      }
      given[parameter.name] = name
      try parameter.read(&self, (parameters[name] ?? "").trimmed)
    }
    try validate()
  }
}

extension String {
  /// Without leading and trailing spaces.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
