/// A weighted quality measure of predictions against labels, by one of its names and with an optional number behind `@`.
public struct Metric: Sendable, Hashable, RawRepresentable, Codable {
  /// What is measured.
  public enum Kind: String, Sendable, CaseIterable {
    /// √(Σ w (y - p)² / Σ w).
    case rmse
    /// Σ w (y - p)² / Σ w.
    case mse
    /// Σ w |y - p| / Σ w.
    case mae
    /// Mean of |y - p| / |y| (xgboost) or |y - p| / max(1, |y|) (lightgbm).
    case mape
    /// Mean Huber loss: ½ d² up to the slope δ, then δ (|d| - ½ δ).
    case huber
    /// Mean pseudo-Huber loss: δ² (√(1 + (d/δ)²) - 1).
    case mphe
    /// Mean of c |d| - c² log(1 + |d| / c).
    case fair
    /// Mean pinball loss; the number is the level.
    case quantile
    /// Mean of p - y log p (LightGBM's `poisson`).
    case poisson
    /// Mean of log Γ(y + 1) + p - y log p.
    case poissonNegativeLogLikelihood = "poisson-nloglik"
    /// Mean of y / p + log p.
    case gammaNegativeLogLikelihood = "gamma-nloglik"
    /// 2 · mean of log(p/y) + y/p - 1 (xgboost), or 2 · their sum (lightgbm).
    case gammaDeviance = "gamma-deviance"
    /// Mean of -y p^(1-ρ) / (1-ρ) + p^(2-ρ) / (2-ρ); the number is ρ.
    case tweedieNegativeLogLikelihood = "tweedie-nloglik"
    /// Mean of -y log p - (1 - y) log(1 - p), y in [0, 1].
    case logloss
    /// Weighted share of rows whose probability is on the wrong side of the number, one half by default.
    case error
    /// Area under the ROC curve, ties counted half; of classes the mean over one-versus-rest, weighted by prevalence.
    case auc
    /// Area under the precision-recall curve, interpolated after Davis & Goadrich as in XGBoost.
    case aucpr
    /// Mean precision over the positives (LightGBM).
    case averagePrecision = "average_precision"
    /// -Σ w log p_label / Σ w over classes.
    case mlogloss
    /// Weighted share of rows whose likeliest class is wrong.
    case merror
    /// Normalised discounted cumulative gain, mean over the queries; the number is the position it is cut at.
    case ndcg
    /// Mean average precision over the queries; the number is the position it is cut at.
    case map
    /// A metric of the caller's, by the name behind `custom:`.
    case custom

    /// Other names by which the peers know it.
    var aliases: [String] {
      switch self {
      case .rmse: ["root_mean_squared_error", "l2_root"]
      case .mse: ["l2", "mean_squared_error", "regression"]
      case .mae: ["l1", "mean_absolute_error", "regression_l1"]
      case .mape: ["mean_absolute_percentage_error"]
      case .mphe: ["pseudo_huber", "mean_pseudo_huber_error"]
      case .poisson: []
      case .gammaNegativeLogLikelihood: ["gamma"]
      case .gammaDeviance: ["gamma_deviance"]
      case .tweedieNegativeLogLikelihood: ["tweedie"]
      case .logloss: ["binary_logloss", "binary", "cross_entropy", "xentropy"]
      case .error: ["binary_error"]
      case .mlogloss: ["multi_logloss", "multiclass", "softmax", "multiclassova", "ova", "ovr"]
      case .merror: ["multi_error"]
      case .ndcg: ["lambdarank", "rank_xendcg"]
      case .map: ["mean_average_precision"]
      default: []
      }
    }

    /// Whether a number may follow the name.
    var takesNumber: Bool {
      switch self {
      case .quantile, .tweedieNegativeLogLikelihood, .error, .ndcg, .map: true
      default: false
      }
    }
  }

  /// What is measured.
  public let kind: Kind
  /// The number behind `@`; nil takes the objective's or the metric's default.
  public let number: Double?
  /// The name of a custom metric.
  public let customName: String
  /// Whether larger values are better.
  public let isHigherBetter: Bool

  /// A built-in metric.
  public init(_ kind: Kind, number: Double? = nil) {
    precondition(kind != .custom, "a custom metric has a name")
    self.kind = kind
    self.number = number
    customName = ""
    switch kind {
    case .auc, .aucpr, .averagePrecision, .ndcg, .map: isHigherBetter = true
    default: isHigherBetter = false
    }
  }

  /// A metric of the caller's.
  public init(custom name: String, isHigherBetter: Bool) {
    kind = .custom
    number = nil
    customName = name
    self.isHigherBetter = isHigherBetter
  }

  /// The name in files and lines, with its number.
  public var rawValue: String {
    if kind == .custom { return (isHigherBetter ? "custom+:" : "custom:") + customName }
    guard let number else { return kind.rawValue }
    return kind.rawValue + "@" + (Int(exactly: number).map(String.init) ?? "\(number)")
  }

  /// Reads what `rawValue` wrote.
  public init?(rawValue: String) {
    for (prefix, isHigherBetter) in [("custom+:", true), ("custom:", false)] where rawValue.hasPrefix(prefix)
    {
      self.init(custom: String(rawValue.dropFirst(prefix.count)), isHigherBetter: isHigherBetter)
      return
    }
    self.init(anyName: rawValue)
  }

  /// The metric of a peer's name, such as `ndcg@5` or `l2`.
  public init?(anyName name: String) {
    let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard
      let kind = Kind.allCases.first(where: {
        $0 != .custom && ($0.rawValue == parts[0] || $0.aliases.contains(parts[0]))
      })
    else { return nil }
    var number: Double?
    if parts.count == 2 {
      guard kind.takesNumber, let value = Double(parts[1]), Metric.isUsable(value, of: kind) else {
        return nil
      }
      number = value
    }
    self.init(kind, number: number)
  }

  private static func isUsable(_ number: Double, of kind: Kind) -> Bool {
    switch kind {
    case .ndcg, .map: Int(exactly: number).map { $0 >= 1 } ?? false
    case .tweedieNegativeLogLikelihood: number > 1 && number < 2
    default: number > 0 && number < 1
    }
  }

  /// √(Σ w (y - p)² / Σ w).
  public static let rmse = Metric(.rmse)
  /// Σ w (y - p)² / Σ w.
  public static let mse = Metric(.mse)
  /// Σ w |y - p| / Σ w.
  public static let mae = Metric(.mae)
  /// Cross-entropy of a label in [0, 1].
  public static let logloss = Metric(.logloss)
  /// Share of rows on the wrong side of one half.
  public static let error = Metric(.error)
  /// Area under the ROC curve.
  public static let auc = Metric(.auc)
  /// Cross-entropy over classes.
  public static let mlogloss = Metric(.mlogloss)
  /// Share of rows whose likeliest class is wrong.
  public static let merror = Metric(.merror)

  /// The built-in metrics without their numbers.
  public static var allCases: [Metric] { Kind.allCases.filter { $0 != .custom }.map { Metric($0) } }

  /// All names by which metrics are known.
  public static var allNames: [String] { allCases.flatMap { [$0.kind.rawValue] + $0.kind.aliases } }

  /// Whether the metric can judge predictions of an objective.
  public func fits(_ objective: BoostingConfiguration.Objective) -> Bool {
    switch kind {
    case .custom: true
    case .logloss, .error, .aucpr, .averagePrecision: objective.task == .binary || objective == .custom
    case .auc: objective.task == .binary || objective.task == .multiclass || objective == .custom
    case .mlogloss, .merror: objective.task == .multiclass || objective == .custom
    case .ndcg, .map: objective.task == .ranking || objective == .custom
    case .rmse, .mse, .mae: objective.task == .regression || objective.task == .binary || objective == .custom
    default: objective.task == .regression || objective == .custom
    }
  }
}
