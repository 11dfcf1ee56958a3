import Calibration
import Compute
import Decision
import Diagnostics
import Features
import Market
import Trees

/// A stack of phase 1's size whose layers are random forests.
public struct RandomStack: Sendable {
  /// The features.
  public let schema: FeatureSchema
  /// Layer 1.
  public let regime: Forest
  /// Layer 3.
  public let signal: Forest
  /// The map to calibrated probabilities.
  public let calibrator: Calibrator

  /// Grows forests over the features of a market: 60 rounds of 15 leaves for layer 1, 160 rounds of depth 4 for layer 3,
  /// as `pipelines/phase1.yaml` trains them, or a share of those rounds.
  public init(
    matrix: FeatureMatrix, share: Double = 1, seed: UInt64 = 1
  ) throws(TernError) {
    schema = matrix.schema
    var random = Philox(seed: seed)
    var columns = (0..<matrix.columns).map { Array(matrix.column($0)) }
    regime = try RandomForests.forest(
      names: LayerInputs.regime(schema), columns: columns, outputs: 7, rounds: max(1, Int(60 * share)),
      leaves: 15, depth: 10, scale: 0.1, &random)
    for _ in 0..<7 { columns.append((0..<100).map { _ in Float(random.uniform()) * 0.4 }) }
    signal = try RandomForests.forest(
      names: LayerInputs.signal(schema), columns: columns, outputs: 3, rounds: max(1, Int(160 * share)),
      leaves: 16, depth: 4, scale: 0.1, &random)
    let curve = try IsotonicCurve(inputs: [0.1, 0.3, 0.5, 0.8], outputs: [0, 0.2, 0.6, 0.95])
    calibrator = .isotonic([curve, curve, curve])
  }

  /// A decider with the default plan.
  public func decider(_ configuration: VerdictRule.Configuration = .init()) throws(TernError) -> Decider {
    try Decider(
      schema: schema, regime: try ForestRegimeLayer(regime), signal: try ForestSignalLayer(signal),
      calibrator: calibrator,
      rule: try VerdictRule(
        plan: TradePlan(), takerFee: Rate(units: 50_000), configuration: configuration))
  }
}
