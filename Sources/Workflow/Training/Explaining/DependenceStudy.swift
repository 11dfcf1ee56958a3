import Diagnostics
import Explanations

/// How the predictions of a model of any kind depend on its most important inputs.
struct DependenceStudy: Sendable {
  /// Most rows that are predicted at each point.
  static let rows = 500

  let dependences: [PartialDependence]
  let effects: [AccumulatedEffects]
  /// Of the strongest pair of inputs.
  let joint: JointDependence?

  /// - Parameters:
  ///   - features: inputs in order of importance; one without a finite value is passed over.
  ///   - pair: two inputs to vary together.
  init(
    _ model: TablePredictor, table: ExplainedTable, features: [Int], pair: (first: Int, second: Int)?,
    points: Int, progress: some ProgressReporting
  ) throws(TernError) {
    let columns = table.columns(of: table.spread(DependenceStudy.rows))
    func hasValues(_ feature: Int) -> Bool { columns[feature].contains(where: \.isFinite) }
    var dependences: [PartialDependence] = []
    var effects: [AccumulatedEffects] = []
    for (index, feature) in features.enumerated() where hasValues(feature) {
      let grid = try FeatureGrid(columns, feature: feature, points: points)
      dependences.append(try PartialDependence(model, columns: columns, grid: grid))
      effects.append(try AccumulatedEffects(model, columns: columns, grid: grid))
      progress.update(phase: "dependence", completed: index + 1, total: features.count, remark: "")
    }
    self.dependences = dependences
    self.effects = effects
    if let pair, hasValues(pair.first), hasValues(pair.second) {
      joint = try JointDependence(
        model, columns: columns, first: FeatureGrid(columns, feature: pair.first, points: min(points, 12)),
        second: FeatureGrid(columns, feature: pair.second, points: min(points, 12)))
    } else {
      joint = nil
    }
  }
}
