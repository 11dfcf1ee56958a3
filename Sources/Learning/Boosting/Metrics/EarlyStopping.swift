import Diagnostics

/// Which metric of the validation rows early stopping watches.
public enum EarlyStoppingMetric: Codable, Sendable, Equatable {
  /// The first one (LightGBM's `first_metric_only`).
  case first
  /// The last one (XGBoost).
  case last
  /// Each for itself; the first to have stood still too long stops training (LightGBM).
  case any
  /// This one.
  case named(Metric)

  /// Reads `first`, `last`, `any` or a metric's name.
  init(text: String) throws(TernError) {
    switch text.lowercased() {
    case "first": self = .first
    case "last": self = .last
    case "any": self = .any
    default:
      guard let metric = Metric(anyName: text.lowercased()) else {
        throw TernError(
          .configuration, "unknown metric", key: "early_stopping_metric", found: text,
          expected: "first, last, any or the name of a metric")
      }
      self = .named(metric)
    }
  }
}

extension BoostingParameter {
  /// The parameters of early stopping and of refitting.
  static let stoppingParameters: [BoostingParameter] = [
    .integer(
      "early_stopping_rounds", ["early_stopping_round", "early_stopping", "n_iter_no_change", "od_wait"],
      \.earlyStoppingRounds),
    .number("refit_decay_rate", [], \.refitDecayRate),
    .number("early_stopping_min_delta", ["min_delta"], \.earlyStoppingMinDelta),
    .init("early_stopping_metric", []) { c, text throws(TernError) in
      c.earlyStoppingMetric = try EarlyStoppingMetric(text: text)
    },
    .init("first_metric_only", []) { c, text throws(TernError) in
      switch text.lowercased() {
      case "true", "1", "yes", "on": c.earlyStoppingMetric = .first
      case "false", "0", "no", "off": c.earlyStoppingMetric = .any
      default:
        throw TernError(
          .configuration, "not a truth value", key: "first_metric_only", found: text,
          expected: "true or false")
      }
    },
  ]
}

/// Remembers the best values of the metrics and says when too many rounds passed without a better one.
///
/// A round is whatever its owner counts: a tree of a forest, an epoch of a network. Who keeps the best weights copies them
/// whenever `bestRound` is the round just judged.
public struct EarlyStopping: Sendable {
  /// One metric's best round so far.
  public struct Best: Codable, Sendable, Equatable {
    /// The round.
    public var round = 0
    /// Its value; not a number before the first.
    public var score = Double.nan

    /// Gathers the parts.
    public init(round: Int = 0, score: Double = .nan) {
      self.round = round
      self.score = score
    }
  }

  private let patience: Int
  private let minDelta: Double
  /// Of each metric, whether more is better.
  private let isHigherBetter: [Bool]
  /// The metrics that may stop training, by position.
  private let watched: [Int]
  /// One entry per metric; all that a checkpoint needs.
  public var best: [Best]
  /// The metric that stopped training, else the first watched one.
  public private(set) var decisive: Int

  /// A watch over metrics.
  /// - Parameters:
  ///   - patience: rounds without a better value before training stops; 0 never stops.
  ///   - minDelta: by how much a value must be better to count.
  ///   - metrics: in the order of the scores.
  ///   - watching: which of them may stop training.
  public init(patience: Int, minDelta: Double = 0, metrics: [Metric], watching: EarlyStoppingMetric = .first)
  {
    let watched: [Int]
    switch watching {
    case .first: watched = metrics.isEmpty ? [] : [0]
    case .last: watched = metrics.isEmpty ? [] : [metrics.count - 1]
    case .any: watched = Array(metrics.indices)
    case .named(let metric): watched = metrics.firstIndex(of: metric).map { [$0] } ?? []
    }
    self.init(
      patience: patience, minDelta: minDelta, isHigherBetter: metrics.map(\.isHigherBetter), watched: watched)
  }

  /// A watch over one score of any kind.
  public init(patience: Int, minDelta: Double = 0, isHigherBetter: Bool) {
    self.init(patience: patience, minDelta: minDelta, isHigherBetter: [isHigherBetter], watched: [0])
  }

  private init(patience: Int, minDelta: Double, isHigherBetter: [Bool], watched: [Int]) {
    self.patience = patience
    self.minDelta = minDelta
    self.isHigherBetter = isHigherBetter
    self.watched = watched
    best = isHigherBetter.map { _ in Best() }
    decisive = watched.first ?? 0
  }

  init(configuration: BoostingConfiguration, metrics: [Metric]) {
    self.init(
      patience: configuration.earlyStoppingRounds, minDelta: configuration.earlyStoppingMinDelta,
      metrics: metrics, watching: configuration.earlyStoppingMetric)
  }

  /// The best round of the decisive metric.
  public var bestRound: Int { best.indices.contains(decisive) ? best[decisive].round : 0 }
  /// Its value.
  public var bestScore: Double { best.indices.contains(decisive) ? best[decisive].score : .nan }

  /// Takes the scores of a round, one per metric; true if training should stop.
  public mutating func shouldStop(round: Int, scores: [Double]) -> Bool {
    for (index, score) in scores.enumerated() {
      let old = best[index].score
      let isBetter = isHigherBetter[index] ? score > old + minDelta : score < old - minDelta
      if old.isNaN || isBetter { best[index] = Best(round: round, score: score) }
    }
    return hasStopped(round: round)
  }

  /// Whether a watched metric has stood still for too long after a round.
  public mutating func hasStopped(round: Int) -> Bool {
    guard patience > 0 else { return false }
    for index in watched where round - best[index].round >= patience {
      decisive = index
      return true
    }
    return false
  }
}
