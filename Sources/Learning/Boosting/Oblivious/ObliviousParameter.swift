import Diagnostics

/// One of CatBoost's hyper-parameters by its names, and how its text is read.
public struct ObliviousParameter: Sendable {
  /// The name under which errors and files speak of it.
  public let name: String
  /// Its other names.
  public let aliases: [String]
  let read: @Sendable (inout ObliviousConfiguration, String) throws(TernError) -> Void

  /// Every known parameter.
  public static let all: [ObliviousParameter] = [
    .choice("loss_function", ["objective"], \.lossFunction),
    .init("eval_metric", []) { c, text throws(TernError) in
      c.evalMetric = try metric("eval_metric", text)
    },
    .init("custom_metric", ["custom_loss"]) { c, text throws(TernError) in
      c.customMetrics = try list(text).map { part throws(TernError) in try metric("custom_metric", part) }
    },
    .integer("iterations", ["num_boost_round", "n_estimators", "num_trees"], \.iterations),
    .optionalNumber("learning_rate", ["eta"], \.learningRate),
    .integer("depth", ["max_depth"], \.depth),
    .optionalNumber("l2_leaf_reg", ["reg_lambda"], \.l2LeafReg),
    .number("random_strength", [], \.randomStrength),
    .number("rsm", ["colsample_bylevel"], \.rsm),
    .integer("border_count", ["max_bin"], \.borderCount),
    .choice("feature_border_type", [], \.featureBorderType),
    .choice("score_function", [], \.scoreFunction),
    .choice("boosting_type", [], \.boostingType),
    .init("bootstrap_type", []) { c, text throws(TernError) in
      c.bootstrapType = try .init(named: text, key: "bootstrap_type")
    },
    .optionalNumber("subsample", [], \.subsample),
    .number("bagging_temperature", [], \.baggingTemperature),
    .optionalNumber("mvs_reg", [], \.mvsReg),
    .init("leaf_estimation_method", []) { c, text throws(TernError) in
      c.leafEstimationMethod = try .init(named: text, key: "leaf_estimation_method")
    },
    .init("leaf_estimation_iterations", []) { c, text throws(TernError) in
      c.leafEstimationIterations = try integer("leaf_estimation_iterations", text)
    },
    .choice("leaf_estimation_backtracking", [], \.leafEstimationBacktracking),
    .init("boost_from_average", []) { c, text throws(TernError) in
      c.boostFromAverage = try flag("boost_from_average", text)
    },
    .choice("nan_mode", [], \.nanMode),
    .integer("one_hot_max_size", [], \.oneHotMaxSize),
    .init("max_ctr_complexity", []) { c, text throws(TernError) in
      c.maxCtrComplexity = try integer("max_ctr_complexity", text)
    },
    .init("simple_ctr", []) { c, text throws(TernError) in
      c.simpleCtr = try StatisticDescription.list("simple_ctr", text)
    },
    .init("combinations_ctr", []) { c, text throws(TernError) in
      c.combinationsCtr = try StatisticDescription.list("combinations_ctr", text)
    },
    .init("per_feature_ctr", []) { c, text throws(TernError) in
      c.perFeatureCtr = try StatisticDescription.listByColumn("per_feature_ctr", text)
    },
    .integer("ctr_target_border_count", [], \.ctrTargetBorderCount),
    .init("used_ram_limit", []) { c, text throws(TernError) in
      c.usedRamLimit = try bytes("used_ram_limit", text)
    },
    .choice("counter_calc_method", [], \.counterCalcMethod),
    .fixed("store_all_simple_ctr", "False"),
    .number("model_size_reg", [], \.modelSizeReg),
    .integer("permutation_count", [], \.permutationCount),
    .integer("fold_permutation_block", [], \.foldPermutationBlock),
    .number("fold_len_multiplier", [], \.foldLenMultiplier),
    .init("has_time", []) { c, text throws(TernError) in c.hasTime = try flag("has_time", text) },
    .choice("od_type", [], \.odType),
    .integer("od_wait", [], \.odWait),
    .init("early_stopping_rounds", []) { c, text throws(TernError) in
      c.odWait = try integer("early_stopping_rounds", text)
      c.odType = .iter
    },
    .number("od_pval", [], \.odPval),
    .init("use_best_model", []) { c, text throws(TernError) in
      c.useBestModel = try flag("use_best_model", text)
    },
    .integer("best_model_min_trees", [], \.bestModelMinTrees),
    .init("class_weights", []) { c, text throws(TernError) in
      c.classWeights = try list(text).map { part throws(TernError) in try number("class_weights", part) }
    },
    .choice("auto_class_weights", [], \.autoClassWeights),
    .number("scale_pos_weight", [], \.scalePosWeight),
    .integer("classes_count", ["num_class"], \.classesCount),
    .init("random_seed", ["random_state", "seed"]) { c, text throws(TernError) in
      guard let seed = UInt64(text) else {
        throw TernError(
          .configuration, "not a seed", key: "random_seed", found: text, expected: "an integer >= 0")
      }
      c.randomSeed = seed
    },
    .init("thread_count", ["threads", "n_jobs"]) { c, text throws(TernError) in
      let threads = try integer("thread_count", text)
      c.threadCount = threads == -1 ? 0 : threads
    },
    .choice("grow_policy", [], \.growPolicy),
    .integer("max_leaves", ["num_leaves"], \.maxLeaves),
    .integer("min_data_in_leaf", ["min_child_samples"], \.minDataInLeaf),
  ]

  /// The parameter of a name or alias.
  public static func named(_ name: String) -> ObliviousParameter? {
    all.first { $0.name == name || $0.aliases.contains(name) }
  }

  private init(
    _ name: String, _ aliases: [String],
    read: @escaping @Sendable (inout ObliviousConfiguration, String) throws(TernError) -> Void
  ) {
    self.name = name
    self.aliases = aliases
    self.read = read
  }

  /// A parameter of which one value alone is known.
  private static func fixed(_ name: String, _ only: String) -> ObliviousParameter {
    ObliviousParameter(name, []) { _, text throws(TernError) in
      guard text.lowercased() == only.lowercased() else {
        throw TernError(.configuration, "is not known", key: name, found: text, expected: only)
      }
    }
  }

  private static func integer(
    _ name: String, _ aliases: [String], _ path: WritableKeyPath<ObliviousConfiguration, Int> & Sendable
  ) -> ObliviousParameter {
    ObliviousParameter(name, aliases) { c, text throws(TernError) in
      c[keyPath: path] = try integer(name, text)
    }
  }

  private static func number(
    _ name: String, _ aliases: [String], _ path: WritableKeyPath<ObliviousConfiguration, Double> & Sendable
  ) -> ObliviousParameter {
    ObliviousParameter(name, aliases) { c, text throws(TernError) in c[keyPath: path] = try number(name, text)
    }
  }

  private static func optionalNumber(
    _ name: String, _ aliases: [String], _ path: WritableKeyPath<ObliviousConfiguration, Double?> & Sendable
  ) -> ObliviousParameter {
    ObliviousParameter(name, aliases) { c, text throws(TernError) in c[keyPath: path] = try number(name, text)
    }
  }

  private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ name: String, _ aliases: [String], _ path: WritableKeyPath<ObliviousConfiguration, Choice> & Sendable
  ) -> ObliviousParameter {
    ObliviousParameter(name, aliases) { c, text throws(TernError) in
      c[keyPath: path] = try Choice(named: text, key: name)
    }
  }

  private static func metric(_ key: String, _ text: String) throws(TernError) -> Metric {
    let own = ["crossentropy": "logloss", "multiclass": "mlogloss"]
    let name = text.lowercased()
    guard let metric = Metric(anyName: own[name] ?? name) else {
      let near = nearestName(to: text, among: Metric.allNames)
      throw TernError(
        .configuration, "unknown metric" + (near.map { ", did you mean \($0)?" } ?? ""), key: key,
        found: text, expected: Metric.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return metric
  }

  private static func list(_ text: String) -> [String] {
    text.split(whereSeparator: { ",[] ".contains($0) }).map(String.init)
  }

  private static func flag(_ key: String, _ text: String) throws(TernError) -> Bool {
    switch text.lowercased() {
    case "true", "1", "yes", "on": return true
    case "false", "0", "no", "off": return false
    default:
      throw TernError(.configuration, "not a truth value", key: key, found: text, expected: "true or false")
    }
  }

  private static func integer(_ key: String, _ text: String) throws(TernError) -> Int {
    if let value = Int(text) { return value }
    if let value = Double(text), let whole = Int(exactly: value) { return whole }
    throw TernError(.configuration, "not an integer", key: key, found: text, expected: "an integer")
  }

  /// A number of bytes, or of kilobytes (1024 bytes) and their multiples; nil for nothing.
  private static func bytes(_ key: String, _ text: String) throws(TernError) -> Int? {
    if text.isEmpty { return nil }
    let digits = text.prefix { $0.isNumber }
    let units = ["", "kb", "mb", "gb", "tb"]
    guard let unit = units.firstIndex(of: text.dropFirst(digits.count).lowercased()),
      let count = Int(digits), count <= Int.max >> (10 * unit)
    else {
      throw TernError(.configuration, "not a size", key: key, found: text, expected: "a size as 512mb or 2gb")
    }
    return count << (10 * unit)
  }

  private static func number(_ key: String, _ text: String) throws(TernError) -> Double {
    guard let value = Double(text), value.isFinite else {
      throw TernError(.configuration, "not a number", key: key, found: text, expected: "a number")
    }
    return value
  }
}

extension ObliviousConfiguration {
  /// Reads parameters by any of their names over the defaults, and checks them.
  ///
  /// - Throws: `TernError(.configuration)` for an unknown name (with the nearest known one), one parameter under
  ///   two names, text that cannot be read, or a value out of range.
  public init(parameters: [String: String]) throws(TernError) {
    self.init()
    var given: [String: String] = [:]
    for name in parameters.keys.sorted() {
      guard let parameter = ObliviousParameter.named(name) else {
        let near = nearestName(to: name, among: ObliviousParameter.all.flatMap { [$0.name] + $0.aliases })
        throw TernError(
          .configuration, "unknown parameter", key: name, found: name,
          expected: near.map { "did you mean \($0)?" } ?? "a CatBoost parameter")
      }
      if let other = given[parameter.name] {
        throw TernError(
          .configuration, "the same parameter is given twice", key: parameter.name,
          found: "\(other) and \(name)", expected: "one of them")
      }
      given[parameter.name] = name
      let text = (parameters[name] ?? "").drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace)
      try parameter.read(&self, String(text.reversed()))
    }
    try validate()
  }
}
