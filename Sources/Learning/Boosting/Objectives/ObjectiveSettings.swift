import Glibc

/// The numbers that single objectives and their metrics take.
public struct ObjectiveSettings: Codable, Sendable, Equatable {
  /// Where the Huber losses turn from square to straight (`huber_slope`; LightGBM's `alpha`). Default 1 (xgboost), 0.9 (lightgbm).
  public var huberSlope = 1.0
  /// Level of `quantile`, between 0 and 1 (`quantile_alpha`; LightGBM's `alpha`). Default 0.5 (xgboost, which itself has none), 0.9 (lightgbm).
  public var quantileAlpha = 0.5
  /// Scale of `fair`. Default 1.
  public var fairC = 1.0
  /// Exponent that widens the hessians of `poisson`: h = exp(f + step). Default 0.7.
  public var poissonMaxDeltaStep = 0.7
  /// Variance power of `tweedie`, 1 ... 2. Default 1.5.
  public var tweedieVariancePower = 1.5
  /// Steepness of the sigmoid of `binary`, `multiclassova` and of `lambdarank`'s pairs (lightgbm). Default 1.
  public var sigmoid = 1.0
  /// Pairs of `lambdarank` hold at least one row of the first so many (`lambdarank_num_pair_per_sample` of XGBoost's top-k pairs). Default 32 (xgboost), 30 (lightgbm).
  public var lambdarankTruncationLevel = 32
  /// Whether the lambdas of a query are scaled by log₂(1 + Σ|λ|) / Σ|λ|; in lightgbm also each pair by its distance. Default true.
  public var lambdarankNorm = true
  /// Whether each pair is scaled by 1 / (0.01 + |s_i - s_j|) (xgboost). Default true.
  public var lambdarankScoreNormalization = true
  /// Gain of each relevance grade; empty takes 2^grade - 1. Default empty.
  public var labelGain: [Double] = []
  /// Whether the gain is 2^grade - 1 (else the grade) when `labelGain` is empty (xgboost). Default true.
  public var ndcgExpGain = true
  /// Positions at which `ndcg` and `map` are cut when they name none. Default 32 (xgboost), 1, 2, 3, 4, 5 (lightgbm).
  public var evalAt: [Int] = []
  /// Whether losses with style-dependent metrics follow LightGBM's definition.
  public var followsLightGBM = false

  /// The defaults of XGBoost.
  public init() {}

  /// The defaults of a style.
  public init(style: BoostingConfiguration.Style) {
    guard style == .lightgbm else { return }
    followsLightGBM = true
    huberSlope = 0.9
    quantileAlpha = 0.9
    lambdarankTruncationLevel = 30
  }

  /// The positions at which ranking metrics are cut.
  public var positions: [Int] { evalAt.isEmpty ? (followsLightGBM ? [1, 2, 3, 4, 5] : [32]) : evalAt }

  /// The gain of a relevance grade: its entry of `labelGain`, or 2^grade - 1, or the grade itself.
  func gain(_ grade: Float) -> Double {
    if !labelGain.isEmpty { return labelGain[min(max(Int(grade), 0), labelGain.count - 1)] }
    return ndcgExpGain ? Double(UInt64(1) << UInt64(min(max(grade, 0), 62))) - 1 : Double(grade)
  }

  /// The discount 1 / log₂(rank + 2) of a place counted from zero.
  static func discount(_ rank: Int) -> Double { 1 / log2(Double(rank) + 2) }
}
