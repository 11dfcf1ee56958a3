import Trees

/// The state of a training of node-wise trees between two rounds.
///
/// All sampling draws from generators that are pure functions of the seed and the round, so these two are the whole
/// state of randomness; margins are kept because sums of leaf values repeat bit by bit only in the order in which
/// they were formed.
public struct NodewiseSnapshot: Sendable, Equatable {
  /// The best round of one metric so far.
  public struct Best: Codable, Sendable, Equatable {
    /// Round from zero.
    public var round: Int
    /// Its value, NaN before the first.
    public var score: Double

    /// Gathers the parts.
    public init(round: Int, score: Double) {
      self.round = round
      self.score = score
    }

    /// Equal to the bit, so that NaN equals NaN.
    public static func == (a: Best, b: Best) -> Bool {
      a.round == b.round && a.score.bitPattern == b.score.bitPattern
    }
  }

  /// Rounds done, those of an initial forest not counted.
  public var round: Int
  /// The configuration, derived parts filled in.
  public var configuration: BoostingConfiguration
  /// All trees so far, an initial forest's included.
  public var forest: Forest
  /// Row-major (data set rows, outputs).
  public var margins: [Float]
  /// Row-major (validation rows, outputs); empty without validation rows.
  public var validMargins: [Float]
  /// Metrics per round, training rows first.
  public var history: [BoostingResult.Series]
  /// The best round of each metric of the validation rows.
  public var best: [Best]

  /// Gathers the parts.
  public init(
    round: Int, configuration: BoostingConfiguration, forest: Forest, margins: [Float],
    validMargins: [Float], history: [BoostingResult.Series], best: [Best]
  ) {
    self.round = round
    self.configuration = configuration
    self.forest = forest
    self.margins = margins
    self.validMargins = validMargins
    self.history = history
    self.best = best
  }
}
