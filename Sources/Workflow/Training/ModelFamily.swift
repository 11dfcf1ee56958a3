import Boosting
import Diagnostics

/// The model families that train on a table of numbers.
public enum ModelFamily: String, CaseIterable, Sendable {
  /// Depth-wise histogram boosting after XGBoost.
  case xgboost
  /// Leaf-wise histogram boosting after LightGBM.
  case lightgbm
  /// Oblivious trees with target statistics after CatBoost.
  case catboost

  /// Reads the name that `tern train --model` takes.
  /// - Throws: `TernError` of kind `usage` with the nearest known name.
  public init(named name: String) throws(TernError) {
    guard let family = ModelFamily(rawValue: name) else {
      let names = ModelFamily.allCases.map(\.rawValue)
      let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .usage, "is not a known model\(hint)", key: "--model", found: "\"\(name)\"",
        expected: "one of \(names.joined(separator: ", "))")
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

  /// Whether a missing cell of a text column is a category of its own.
  public var countsMissingAsCategory: Bool { self == .catboost }

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
