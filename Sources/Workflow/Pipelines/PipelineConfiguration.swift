import Backtest
import Calibration
import Datasets
import Diagnostics
import Evaluation
import Feeds
import Labels
import Market
import Training

/// One run from raw candles to a promoted or refused stack, as a pipeline file describes it.
public struct PipelineConfiguration: Codable, Equatable, Sendable {
  /// Where the market comes from.
  public struct DataSection: Codable, Equatable, Sendable {
    /// One `.h5` store or candle files; nil takes the synthetic market.
    public var paths: [String]?
    /// The exchange's symbol of candle files; taken from the file name when nil.
    public var symbol: String?
    /// The interval of candle files; taken from the file name when nil.
    public var interval: String?
    /// Funding-rate files that belong to the candle files.
    public var funding: [String] = []
    /// The synthetic market's recipe.
    public var synthetic = SyntheticMarket.Configuration()

    /// The embedded default: the synthetic market.
    public init() {}
  }

  /// Which features enter.
  public struct FeaturesSection: Codable, Equatable, Sendable {
    /// Names to take; nil takes all whose source the market has.
    public var select: [String]?
    /// Names to leave out.
    public var exclude: [String] = []

    /// All features.
    public init() {}
  }

  /// What is learned.
  public struct LabelsSection: Codable, Equatable, Sendable {
    /// The signal layer's target.
    public var tripleBarrier = TripleBarrier.Configuration()
    /// The regime layer's target.
    public var regime = RegimeLabeler.Configuration()

    /// The defaults of both.
    public init() {}
  }

  /// How the layers are fitted and judged over time. Lengths are calendar spans such as `6mo`, `21d` or `60m`.
  public struct WalkForwardSection: Codable, Equatable, Sendable {
    /// Length of a training span. Default 6 months.
    public var train = CalendarSpan.months(6)
    /// Length of a test span. Default 1 month.
    public var test = CalendarSpan.months(1)
    /// Distance between test spans. Default 1 month.
    public var step = CalendarSpan.months(1)
    /// Distance kept beyond the purge. Default 60 minutes.
    public var embargo = CalendarSpan.minutes(60)
    /// The end of each training span that no model trains on; probabilities are calibrated there. Default 30 days.
    public var calibration = CalendarSpan.days(30)
    /// Blocks of a training span whose regime outputs come from models that never saw them. Default 3.
    public var crossFitBlocks = 3
    /// Every n-th candle is trained on, because overlapping labels say nearly the same; all are judged. Default 6.
    public var trainEvery = 6

    /// The defaults.
    public init() {}
  }

  /// The layers that are trained.
  public struct LayersSection: Codable, Equatable, Sendable {
    /// L1: the next window's regime.
    public var regime = LayerSection(.boosting(.lightgbm, parameters: [:]))
    /// L3: LONG, SHORT or NEUTRAL.
    public var signal = LayerSection(.boosting(.xgboost, parameters: [:]))

    /// LightGBM-style regimes, XGBoost-style signal.
    public init() {}
  }

  /// How uncertain figures are bounded.
  public struct SignificanceSection: Codable, Equatable, Sendable {
    /// Bootstrap replicates. Default 1000.
    public var replicates = 1000
    /// Days per resampled block. Default 1.
    public var blockDays = 1
    /// Confidence level. Default 0.95.
    public var level = 0.95

    /// The defaults.
    public init() {}
  }

  /// Where the stack goes.
  public struct RegistrySection: Codable, Equatable, Sendable {
    /// Name of the stack; its layers are registered as `<stack>-regime` and `<stack>-signal`.
    public var stack = "phase1"
    /// Alias to move when the gates hold.
    public var alias = "champion"

    /// The defaults.
    public init() {}
  }

  /// Name of the run.
  public var name = "pipeline"
  /// Seed of every random choice.
  public var seed: UInt64 = 7
  /// Where the market comes from.
  public var data = DataSection()
  /// Which features enter.
  public var features = FeaturesSection()
  /// What is learned.
  public var labels = LabelsSection()
  /// How the layers are fitted and judged.
  public var walkForward = WalkForwardSection()
  /// The models.
  public var layers = LayersSection()
  /// How the signal's probabilities are calibrated. Default isotonic.
  public var calibration = CalibrationMethod.isotonic
  /// Costs, sizes and exits of the backtest; take profit, stop and horizon follow the labels.
  public var backtest = Backtest.Configuration()
  /// How uncertain figures are bounded.
  public var significance = SignificanceSection()
  /// What a stack must hold to be promoted.
  public var gates = VerdictGates()
  /// Where the stack goes.
  public var registry = RegistrySection()

  /// The embedded defaults.
  public init() {}
}
