import Calibration
import Chronology
import Diagnostics
import Evaluation
import Files

@testable import Reporting

/// Reports to lay out, drawn from a small generator of its own so that they are the same everywhere.
enum SampleReports {
  /// A linear congruential generator after Knuth, MMIX.
  struct Draws {
    var state: UInt64 = 7

    mutating func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }

    /// Roughly normal: the sum of twelve uniform draws.
    mutating func normal() -> Double { (0..<12).reduce(0.0) { sum, _ in sum + uniform() } - 6 }
  }

  static let start: Int64 = 1_690_848_000_000

  static let regimes = [
    "TRENDING_UP", "TRENDING_DOWN", "RANGING", "HIGH_VOLATILITY", "LOW_VOLATILITY", "BREAKOUT", "REVERSAL",
  ]

  static func metrics(_ names: [String], rows: Int, skill: Double) throws -> ClassificationMetrics {
    var draws = Draws(state: UInt64(names.count))
    var labels: [Int] = []
    var values: [Double] = []
    for _ in 0..<rows {
      let label = min(Int(draws.uniform() * Double(names.count)), names.count - 1)
      let weights = names.indices.map { index in
        let lift = index == label ? skill * draws.uniform() : 0
        return 0.2 + draws.uniform() + lift
      }.map { $0 * $0 * $0 }
      let total = weights.reduce(0, +)
      labels.append(label)
      values += weights.map { $0 / total }
    }
    return try ClassificationMetrics(
      labels: labels, probabilities: try ClassProbabilities(values, classes: names.count), classNames: names)
  }

  /// A year of everything.
  static func full() throws -> EvaluationReport {
    var draws = Draws()
    let names = ["LONG", "SHORT", "NEUTRAL"]
    let signal = try metrics(names, rows: 6000, skill: 0.4)
    let before = try metrics(names, rows: 6000, skill: 0.3)
    let days = (0..<360).map { start + Int64($0) * Timestamp.day }
    var equity: [Double] = []
    var held: [Double] = []
    var money = 10_000.0
    var coin = 10_000.0
    for _ in days {
      equity.append(money)
      held.append(coin)
      money *= 1 + 0.0007 + 0.006 * draws.normal()
      coin *= 1 + 0.0009 + 0.018 * draws.normal()
    }
    let idle = days.map { _ in 10_000.0 }
    let walk = try WalkForward().folds(over: days[0]..<days[359])
    let folds = walk.map { fold in
      let index = fold.index
      return FoldReport(
        fold: fold,
        trainRows: 259_200, calibrationRows: 43_200, purgedRows: 120, testRows: 43_200, metrics: signal,
        signals: 800 + index, trades: index == 3 ? 0 : 60 + index, expectancy: index == 3 ? nil : 0.0004,
        totalReturn: index == 2 ? -0.012 : 0.021, maximumDrawdown: 0.02)
    }
    let slice = signal.confidentSlice
    let expectancy = ConfidenceInterval(
      estimate: 0.00042, lower: -0.00008, upper: 0.00091, level: 0.95, method: .blockBootstrap)
    let auc = ConfidenceInterval(
      estimate: 0.561, lower: 0.534, upper: 0.588, level: 0.95, method: .blockBootstrap)
    let outcomes = (0..<1000).map { _ in -0.06 + 0.08 * draws.normal() }
    let random = RandomEntryReport(outcomes: outcomes, strategy: 0.1934)
    let importances = (0..<64).map {
      FeatureImportance(name: "feature_\($0)_of_window_\($0 * 5)m", value: 0.12 / Double($0 + 1))
    }
    return EvaluationReport(
      run: RunInformation(
        title: "Phase 1 on BTCUSDT 1m", created: start + 400 * Timestamp.day, programVersion: "tern 0.1.0",
        codeRevision: "0123456789abcdef0123456789abcdef01234567",
        configurationDigest: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        seeds: [NamedValue("run", "42")],
        settings: [
          NamedValue("labels", "mirrored, +0.015 / −0.005 within 60m"),
          NamedValue("walk-forward", "train 6mo, test 1mo, step 1mo, embargo 60m, calibration 30d"),
          NamedValue("costs", "taker 0.0004, maker 0.0002, slippage 0.0001"),
        ], versions: [NamedValue("Feature schema", "3")]),
      data: DataInformation(
        symbol: "BTCUSDT", interval: "1m", start: start - 180 * Timestamp.day,
        end: start + 360 * Timestamp.day,
        candles: 777_600, gaps: 3,
        digest: "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        featureSchemaHash: "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
        features: 64),
      labels: LabelCensus(
        rule: "Mirrored triple barrier +1.5 % / −0.5 % within 60m",
        classes: [
          .init(name: "LONG", count: 31_204, meanNetReturn: 0.0141),
          .init(name: "SHORT", count: 29_877, meanNetReturn: 0.0139), .init(name: "NEUTRAL", count: 711_002),
        ], ambiguous: 412, unlabelled: 5517),
      folds: folds,
      signal: LayerReport(
        layer: "signal", model: "xgboost", metrics: signal,
        calibration: CalibrationReport(method: .isotonic, fittedRows: 259_200, before: before, after: signal),
        importances: importances, importanceKind: "Share of the gain, mean over folds"),
      otherLayers: [
        LayerReport(
          layer: "regime", model: "lightgbm", metrics: try metrics(regimes, rows: 4000, skill: 0.9),
          importances: Array(importances.prefix(12)), importanceKind: "Share of the gain, mean over folds")
      ],
      strategy: StrategySummary(
        name: "strategy", totalReturn: 0.1934, annualisedReturn: 0.1962, sharpe: 1.71, sortino: 2.43,
        calmar: 2.9,
        maximumDrawdown: 0.0677, maximumDrawdownDays: 41.3, winRate: 0.412, profitFactor: 1.18,
        expectancy: 0.00042,
        exposure: 0.083, turnover: 412.6, trades: 1304),
      baselines: [
        StrategySummary(
          name: "buy and hold", totalReturn: 0.3121, annualisedReturn: 0.317, sharpe: 0.92, sortino: 1.2,
          calmar: 1.1,
          maximumDrawdown: 0.291, maximumDrawdownDays: 122, exposure: 1, turnover: 1, trades: 1),
        StrategySummary(
          name: "always neutral", totalReturn: 0, maximumDrawdown: 0, exposure: 0, turnover: 0, trades: 0),
        StrategySummary(name: "random entry (mean of 1000)", totalReturn: -0.061, trades: 1298),
      ],
      equity: [
        try Curve(name: "strategy", time: days, value: equity),
        try Curve(name: "buy and hold", time: days, value: held),
        try Curve(name: "always neutral", time: days, value: idle),
      ],
      drawdown: try Curve.drawdown(time: days, equity: equity),
      significance: SignificanceReport(
        aucClass: "LONG against SHORT",
        aucDeLong: ConfidenceInterval(
          estimate: 0.561, lower: 0.549, upper: 0.573, level: 0.95, method: .delong),
        aucBootstrap: bootstrap(auc, pValue: 0.0005), expectancy: bootstrap(expectancy, pValue: 0.049),
        sharpe: try SharpeSignificance.judge(
          returns: zip(equity, equity.dropFirst()).map { $1 / $0 - 1 }, trials: 12),
        randomEntry: random),
      gates: VerdictGates(),
      verdict: Verdict.judge(
        VerdictEvidence(
          isUnseen: true, folds: 6, trades: 1304, auc: auc, netExpectancy: expectancy, confidentSlice: slice,
          maximumDrawdown: 0.0677, randomEntryPValue: random?.pValue, totalReturn: 0.1934)),
      warnings: ["The market has no funding rates; positions paid none."],
      timings: [
        .init(phase: "features", seconds: 12.4), .init(phase: "labels", seconds: 0.83),
        .init(phase: "training", seconds: 341.7), .init(phase: "backtest", seconds: 4.1),
      ])
  }

  /// A result as the bootstrap would give it, by way of its JSON form.
  private static func bootstrap(_ interval: ConfidenceInterval, pValue: Double) -> BlockBootstrap.Result? {
    let json =
      #"{"interval":{"estimate":\#(interval.estimate),"lower":\#(interval.lower),"upper":\#(interval.upper),"#
      + #""level":0.95,"method":"block_bootstrap"},"days":359,"standardError":0.0002,"pValue":\#(pValue),"skipped":0}"#
    return try? CanonicalJSON.decode(BlockBootstrap.Result.self, from: Array(json.utf8))
  }

  /// The least a report can hold.
  static func bare(title: String = "Nothing", name: String = "A") throws -> EvaluationReport {
    EvaluationReport(
      run: RunInformation(title: title, created: 0, programVersion: "tern"),
      data: DataInformation(
        symbol: name, interval: "1m", start: 0, end: 0, candles: 0, gaps: 0, digest: "",
        featureSchemaHash: "",
        features: 0),
      labels: LabelCensus(rule: name, classes: []), folds: [],
      signal: LayerReport(layer: name, model: name, metrics: try metrics([name, "B"], rows: 1, skill: 0)),
      strategy: StrategySummary(name: name), significance: SignificanceReport(aucClass: name),
      gates: VerdictGates(),
      verdict: Verdict.judge(VerdictEvidence(isUnseen: false, folds: 0, trades: 0)))
  }
}
