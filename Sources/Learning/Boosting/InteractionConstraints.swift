/// Which features may follow one another on a path.
struct InteractionConstraints: Sendable {
  private let sets: [[Bool]]
  private let features: Int
  private let style: BoostingConfiguration.Style

  init(configuration: BoostingConfiguration, features: Int) {
    style = configuration.style
    self.features = features
    sets = configuration.growth.interactionConstraints.map { members in
      var set = [Bool](repeating: false, count: features)
      for member in members { set[member] = true }
      return set
    }
  }

  /// The features that a node may use, nil for all.
  ///
  /// These are the sets that hold every feature of the path, and the path itself. A root may use all features
  /// (XGBoost) or those of any set (LightGBM).
  func allowed(path: [Int32]) -> [Bool]? {
    if sets.isEmpty || (path.isEmpty && style == .xgboost) { return nil }
    var result = [Bool](repeating: false, count: features)
    for set in sets where path.allSatisfy({ set[Int($0)] }) {
      for feature in 0..<features where set[feature] { result[feature] = true }
    }
    for feature in path { result[Int(feature)] = true }
    return result
  }
}
