extension BoostingConfiguration {
  /// What is minimised. With f the margin, y the label, d = f - y, p = 1 / (1 + exp(-f)) and μ = exp(f).
  public enum Objective: String, Codable, Sendable, CaseIterable {
    /// ½ d².
    case squaredError = "regression"
    /// |d|, leaves re-fitted to the median residual.
    case absoluteError = "regression_l1"
    /// ½ d² up to the slope δ, δ (|d| - ½ δ) beyond.
    case huber
    /// δ² (√(1 + (d/δ)²) - 1).
    case pseudoHuber = "pseudo_huber"
    /// c |d| - c² log(1 + |d|/c).
    case fair
    /// Pinball loss of a level, leaves re-fitted to the residuals' quantile.
    case quantile
    /// |d| / max(1, |y|), leaves re-fitted to the weighted median residual.
    case mape
    /// μ - y f, y >= 0.
    case poisson
    /// f + y / μ, y > 0.
    case gamma
    /// -y exp((1-ρ) f) / (1-ρ) + exp((2-ρ) f) / (2-ρ), y >= 0.
    case tweedie
    /// Cross-entropy of a 0/1 label under a logistic link.
    case logistic = "binary"
    /// Cross-entropy of a label in [0, 1] under a logistic link.
    case crossEntropy = "cross_entropy"
    /// Cross-entropy of a class under a softmax.
    case softmax = "multiclass"
    /// One logistic loss per class.
    case oneVersusAll = "multiclassova"
    /// LambdaMART's surrogate of NDCG over queries.
    case lambdaRank = "lambdarank"
    /// The caller's own, given in Swift.
    case custom

    /// What kind of label an objective is for.
    public enum Task: String, Sendable {
      /// A number.
      case regression
      /// 0 or 1, or a probability.
      case binary
      /// A class number.
      case multiclass
      /// A relevance grade within a query.
      case ranking
      /// Unknown here.
      case any
    }

    /// What kind of label it is for.
    public var task: Task {
      switch self {
      case .squaredError, .absoluteError, .huber, .pseudoHuber, .fair, .quantile, .mape, .poisson, .gamma,
        .tweedie:
        .regression
      case .logistic, .crossEntropy: .binary
      case .softmax, .oneVersusAll: .multiclass
      case .lambdaRank: .ranking
      case .custom: .any
      }
    }

    /// Whether predictions are exp(margin).
    public var hasLogLink: Bool { self == .poisson || self == .gamma || self == .tweedie }

    /// The peers' names for it.
    var aliases: [String] {
      switch self {
      case .squaredError:
        [
          "reg:squarederror", "reg:linear", "regression_l2", "l2", "mse", "mean_squared_error", "l2_root",
          "rmse", "root_mean_squared_error",
        ]
      case .absoluteError: ["reg:absoluteerror", "l1", "mae", "mean_absolute_error"]
      case .huber: []
      case .pseudoHuber: ["reg:pseudohubererror", "pseudohuber"]
      case .fair: []
      case .quantile: ["reg:quantileerror"]
      case .mape: ["mean_absolute_percentage_error"]
      case .poisson: ["count:poisson"]
      case .gamma: ["reg:gamma"]
      case .tweedie: ["reg:tweedie"]
      case .logistic: ["binary:logistic", "logistic", "binary_logloss", "logloss"]
      case .crossEntropy: ["reg:logistic", "xentropy", "crossentropy"]
      case .softmax: ["multi:softprob", "multi:softmax", "softmax", "multi_logloss"]
      case .oneVersusAll: ["multiclass_ova", "ova", "ovr", "multiclassonevsall"]
      case .lambdaRank: ["rank:ndcg", "rank_ndcg"]
      case .custom: []
      }
    }

    /// All names that are understood, `custom` excepted, which only Swift can give.
    static var allNames: [String] {
      allCases.filter { $0 != .custom }.flatMap { [$0.rawValue] + $0.aliases }
    }

    /// The objective of a peer's name.
    init?(anyName name: String) {
      let lower = name.lowercased()
      let found = Objective.allCases.first {
        $0 != .custom && ($0.rawValue == lower || $0.aliases.contains(lower))
      }
      guard let found else { return nil }
      self = found
    }

    /// The metric computed when none is named.
    func defaultMetric(settings: ObjectiveSettings) -> Metric {
      switch self {
      case .squaredError, .custom: Metric(.rmse)
      case .absoluteError: Metric(.mae)
      case .huber: Metric(.huber)
      case .pseudoHuber: Metric(.mphe)
      case .fair: Metric(.fair)
      case .quantile: Metric(.quantile)
      case .mape: Metric(.mape)
      case .poisson: Metric(settings.followsLightGBM ? .poisson : .poissonNegativeLogLikelihood)
      case .gamma: Metric(settings.followsLightGBM ? .gammaNegativeLogLikelihood : .gammaDeviance)
      case .tweedie: Metric(.tweedieNegativeLogLikelihood)
      case .logistic, .crossEntropy: Metric(.logloss)
      case .softmax, .oneVersusAll: Metric(.mlogloss)
      case .lambdaRank: Metric(.ndcg)
      }
    }
  }
}
