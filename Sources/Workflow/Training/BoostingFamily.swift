import Boosting
import Diagnostics

/// The algorithms of boosted trees, each after the program whose name it bears.
public enum BoostingFamily: String, CaseIterable, Sendable {
  /// Depth-wise histogram boosting after XGBoost.
  case xgboost
  /// Leaf-wise histogram boosting after LightGBM.
  case lightgbm
  /// Oblivious trees with target statistics after CatBoost.
  case catboost

  /// Reads the name of an algorithm, as a pipeline gives it.
  /// - Throws: `TernError` of kind `usage` with the nearest known name.
  public init(named name: String) throws(TernError) {
    guard let family = BoostingFamily(rawValue: name) else {
      throw ModelFamily.unknown(name, among: BoostingFamily.allCases.map(\.rawValue))
    }
    self = family
  }

  /// The style of node-wise trees behind the family, nil for oblivious ones.
  public var style: BoostingConfiguration.Style? {
    switch self {
    case .xgboost: return .xgboost
    case .lightgbm: return .lightgbm
    case .catboost: return nil
    }
  }

  /// The style of node-wise trees.
  /// - Throws: `TernError` of kind `usage` for a family of oblivious trees, which what is asked for does not know.
  func nodewiseStyle(for what: String) throws(TernError) -> BoostingConfiguration.Style {
    guard let style else {
      throw TernError(
        .usage, "\(what) is for xgboost and lightgbm", key: "--model", found: rawValue,
        expected: "xgboost or lightgbm")
    }
    return style
  }
}
