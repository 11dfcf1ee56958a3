import Diagnostics
import Glibc
import Trees

/// Makes the objective that a configuration names.
enum ObjectiveChoice {
  /// The objective on the rows of a data set, after checking the labels of those that train.
  static func objective(
    _ configuration: BoostingConfiguration, rows: TrainingRows, queryNumbers: [Int32]?,
    custom: (any CustomObjective)?
  ) throws(TernError) -> any TrainingObjective {
    let settings = configuration.objectiveSettings
    let style = configuration.style
    if let custom { return try CustomTrainingObjective(custom, rows: rows, queryNumbers: queryNumbers) }
    switch configuration.objective {
    case .squaredError: return try PointwiseObjective(SquaredErrorLoss(), rows: rows, style: style)
    case .absoluteError:
      return try PointwiseObjective(AbsoluteErrorLoss(style: style), rows: rows, style: style)
    case .huber:
      return try PointwiseObjective(HuberLoss(slope: Float(settings.huberSlope)), rows: rows, style: style)
    case .pseudoHuber:
      return try PointwiseObjective(
        PseudoHuberLoss(slope: Float(settings.huberSlope)), rows: rows, style: style)
    case .fair: return try PointwiseObjective(FairLoss(c: Float(settings.fairC)), rows: rows, style: style)
    case .quantile:
      return try PointwiseObjective(
        QuantileLoss(alpha: settings.quantileAlpha, style: style), rows: rows, style: style)
    case .mape: return try PointwiseObjective(PercentageErrorLoss(style: style), rows: rows, style: style)
    case .poisson:
      let step = style == .lightgbm ? settings.poissonMaxDeltaStep : configuration.maxDeltaStep
      return try PointwiseObjective(PoissonLoss(step: step), rows: rows, style: style)
    case .gamma: return try PointwiseObjective(GammaLoss(), rows: rows, style: style)
    case .tweedie:
      return try PointwiseObjective(
        TweedieLoss(power: Float(settings.tweedieVariancePower)), rows: rows, style: style)
    case .logistic, .crossEntropy: return try logistic(configuration, rows: rows)
    case .softmax: return try SoftmaxObjective(configuration: configuration, rows: rows)
    case .oneVersusAll: return try OneVersusAllObjective(configuration: configuration, rows: rows)
    case .lambdaRank:
      return try LambdaRankObjective(configuration: configuration, rows: rows, queryNumbers: queryNumbers)
    case .custom:
      throw TernError(
        .configuration, "a custom objective is given in Swift", key: "objective", found: "custom",
        expected: "a value of a type that conforms to CustomObjective")
    }
  }

  private static func logistic(
    _ configuration: BoostingConfiguration, rows: TrainingRows
  ) throws(TernError) -> any TrainingObjective {
    let factors = LogisticLoss.factors(configuration, rows: rows) { $0 > 0.5 }
    let loss = LogisticLoss(
      style: configuration.style, positiveFactor: factors.positive, negativeFactor: factors.negative,
      sigmoid: Float(configuration.objectiveSettings.sigmoid))
    if configuration.objective == .logistic {
      try rows.check("binary", expected: "0 or 1") { $0 == 0 || $0 == 1 }
      let labels = rows.labels
      guard labels.contains(0), labels.contains(1) else {
        throw TernError(
          .data, "binary needs rows of both classes", key: "label", found: "only \(labels.first ?? 0)",
          expected: "0 and 1")
      }
    }
    return try PointwiseObjective(loss, rows: rows, style: configuration.style)
  }

  /// The settings that follow from an objective when nothing else is said.
  ///
  /// XGBoost bounds the leaves of `count:poisson` by 0.7 (`src/learner.cc`, `kMaxDeltaStepDefaultValue`).
  static func completed(_ given: BoostingConfiguration, outputs: Int? = nil) -> BoostingConfiguration {
    var configuration = given
    if configuration.style == .xgboost, configuration.objective == .poisson, configuration.maxDeltaStep == 0 {
      configuration.maxDeltaStep = configuration.objectiveSettings.poissonMaxDeltaStep
    }
    if let outputs, configuration.objective.task == .multiclass { configuration.numClass = outputs }
    return configuration
  }

  /// The margin of each output before the first tree.
  static func baseScores(_ objective: any TrainingObjective, configuration: BoostingConfiguration) -> [Float]
  {
    let count = objective.outputs
    if let given = configuration.baseScore {
      return [Float](repeating: Float(margin(of: given, objective)), count: count)
    }
    if configuration.boostFromAverage { return objective.estimatedBase.map { Float($0) } }
    // XGBoost's constant of former versions is 0.5 after the link, LightGBM starts at margin 0.
    let constant = configuration.style == .xgboost ? margin(of: 0.5, objective) : 0
    return [Float](repeating: Float(constant), count: count)
  }

  private static func margin(of value: Double, _ objective: any TrainingObjective) -> Double {
    switch objective.link {
    case .logistic: log(value / (1 - value)) / objective.linkScale
    case .exponential: log(value)
    default: value
    }
  }
}
