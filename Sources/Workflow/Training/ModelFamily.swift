import Diagnostics

/// The model families that train on a table.
public enum ModelFamily: Equatable, Sendable {
  /// Boosted trees.
  case boosting(BoostingFamily)
  /// A network.
  case network(NetworkFamily)

  /// The names that `tern train --model` takes.
  public static let names = BoostingFamily.allCases.map(\.rawValue) + NetworkFamily.allCases.map(\.rawValue)

  /// Reads the name that `tern train --model` takes.
  /// - Throws: `TernError` of kind `usage` with the nearest known name.
  public init(named name: String) throws(TernError) {
    if let family = BoostingFamily(rawValue: name) {
      self = .boosting(family)
    } else if let family = NetworkFamily(rawValue: name) {
      self = .network(family)
    } else {
      throw ModelFamily.unknown(name, among: ModelFamily.names)
    }
  }

  /// Whether a feature that a sparse row leaves out is zero for a family of models: XGBoost takes it for missing.
  public static func absentIsZero(_ model: String) -> Bool { model != BoostingFamily.xgboost.rawValue }

  /// The error for a name that no family has.
  static func unknown(_ name: String, among names: [String]) -> TernError {
    let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
    return TernError(
      .usage, "is not a known model\(hint)", key: "--model", found: "\"\(name)\"",
      expected: "one of \(names.joined(separator: ", "))")
  }
}
