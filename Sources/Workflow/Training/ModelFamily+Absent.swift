extension ModelFamily {
  /// Whether a feature that a sparse row leaves out is zero for a family of models: XGBoost takes it for missing.
  public static func absentIsZero(_ model: String) -> Bool { model != ModelFamily.xgboost.rawValue }
}
