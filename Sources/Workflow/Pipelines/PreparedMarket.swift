import Chronology
import Datasets
import Diagnostics
import Evaluation
import Features
import Feeds
import Labels
import Market

/// A market with everything that is known of each candle: features, and both layers' labels.
public struct PreparedMarket: Sendable {
  /// The market.
  public let source: CandleSource
  /// Features of every candle; NaN during warm-up.
  public let features: FeatureMatrix
  /// Triple-barrier labels of every candle.
  public let barriers: LabelSet
  /// Next-window regimes of every candle.
  public let regimes: RegimeSet
  /// Whether a candle is past the warm-up of every feature, counted from the last gap.
  public let isKnown: [Bool]
  /// Candles with features and both labels, in order: the rows of training and judging.
  public let labelled: [Int]
  /// Decision and label-end times of `labelled`.
  public let times: RowTimes

  /// The candles.
  public var candles: CandleSeries { source.data.candles }

  /// Computes features and labels.
  /// - Throws: `TernError` of kind `data` for an unsound market or one too short for the warm-up, of kind
  ///   `configuration` for an unknown feature.
  public init(
    _ source: CandleSource, configuration: PipelineConfiguration, progress: some ProgressReporting
  ) throws(TernError) {
    self.source = source
    let candles = source.data.candles
    let schema = try PreparedMarket.schema(source.data, section: configuration.features)
    features = try FeatureBuilder.build(source.data, schema: schema, progress: progress)
    barriers = try TripleBarrier.label(
      candles, configuration: configuration.labels.tripleBarrier, funding: source.data.funding)
    regimes = try RegimeLabeler.label(candles, configuration: configuration.labels.regime)

    var known = [Bool](repeating: false, count: candles.count)
    for segment in candles.contiguousSegments() {
      for row in segment.dropFirst(schema.warmUp) { known[row] = true }
    }
    isKnown = known
    let (barriers, regimes) = (barriers, regimes)
    let rows = (0..<candles.count).filter { known[$0] && barriers.label[$0] >= 0 && regimes.regime[$0] >= 0 }
    guard !rows.isEmpty else {
      throw TernError(
        .data, "no candle has both features and labels", file: source.origin,
        found: "\(candles.count) candles",
        expected: "more than the warm-up of \(schema.warmUp) candles without a gap")
    }
    labelled = rows
    times = try RowTimes(
      decision: rows.map { candles.closeTime($0) },
      labelEnd: rows.map { max(barriers.exitTime[$0], regimes.endTime[$0]) })
  }

  /// The longest a label looks ahead, milliseconds.
  public var horizon: Int64 { Int64(max(barriers.horizon, regimes.horizon)) * candles.interval.milliseconds }

  /// The feature columns of some candles. Shape: (feature, candle).
  public func columns(of candles: [Int]) -> [[Float]] {
    (0..<features.columns).map { feature in
      let base = feature * features.rows
      return features.values.withUnsafeBufferPointer { values in candles.map { values[base + $0] } }
    }
  }

  /// The features whose source the market has, less the excluded ones.
  private static func schema(
    _ data: MarketData, section: PipelineConfiguration.FeaturesSection
  ) throws(TernError) -> FeatureSchema {
    let all = try FeatureCatalogue.schema(for: data.candles.interval)
    for name in section.exclude where all.index(of: name) == nil {
      let hint = nearestName(to: name, among: all.names).map { "; did you mean \($0)?" } ?? ""
      throw TernError(.configuration, "is not a known feature\(hint)", key: "features.exclude", found: name)
    }
    let names: [String]
    if let select = section.select {
      names = select.filter { !section.exclude.contains($0) }
    } else {
      names = all.features.filter { feature in
        hasSource(feature.source, data) && !section.exclude.contains(feature.name)
      }.map(\.name)
    }
    return try FeatureCatalogue.schema(for: data.candles.interval, selecting: names)
  }

  private static func hasSource(_ source: FeatureDefinition.Source, _ data: MarketData) -> Bool {
    switch source {
    case .candles: return true
    case .tradeCount: return data.candles.tradeCount.contains { !$0.isNaN }
    case .takerBuyVolume: return data.candles.takerBuyVolume.contains { !$0.isNaN }
    case .funding: return data.funding != nil
    case .quotes: return data.quotes != nil
    }
  }

  /// Refuses features that are the same in every row of a training window: they teach nothing, and most often say
  /// that a source went dead.
  func rejectConstantFeatures(_ columns: [[Float]], window: Range<Int64>) throws(TernError) {
    for (name, column) in zip(features.schema.names, columns) {
      guard let first = column.first, column.allSatisfy({ $0 == first || ($0.isNaN && first.isNaN) }) else {
        continue
      }
      throw TernError(
        .data, "the feature is constant over a training window", file: source.origin, key: name,
        found: "\(first) from \(Timestamp.text(window.lowerBound)) to \(Timestamp.text(window.upperBound))",
        expected: "a feature that varies; leave it out with features.exclude")
    }
  }
}
