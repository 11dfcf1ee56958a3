import Market

/// Triple-barrier labels of a candle series: one row for every candle, labelled or not, in columns.
///
/// Row t belongs to the decision at the close of candle t. Every trade enters at the open of candle t+1. All
/// returns are fractions of the entry price. A trade's exit time is the close time of the candle in which it
/// ended: only then is the exit known.
public struct LabelSet: Equatable, Sendable {
  /// How a row was decided.
  public enum Barrier: Int8, Sendable, CaseIterable {
    /// The price rose to the barrier above: the take profit of a LONG row.
    case upper = 0
    /// The price fell to the barrier below: the take profit of a mirrored SHORT row, the stop of the long in a
    /// one-sided SHORT row.
    case lower = 1
    /// The horizon ended with at least one trade still open: NEUTRAL.
    case time = 2
    /// Both the long and the short were stopped out within the horizon: NEUTRAL, in mirrored mode only.
    case stops = 3

    /// The word written to CSV files.
    public var name: String {
      switch self {
      case .upper: return "upper"
      case .lower: return "lower"
      case .time: return "time"
      case .stops: return "stops"
      }
    }
  }

  /// Why a row has no label.
  public enum Reason: Int8, Sendable, CaseIterable {
    /// The window leaves the data.
    case endOfData = 0
    /// The window spans a gap.
    case gap = 1
    /// The volatility estimate has not seen enough bars.
    case warmUp = 2
  }

  /// What a trade of one direction, entered at this row with the label's exits, earned.
  public struct Outcomes: Equatable, Sendable {
    /// Close time of the candle in which the trade ended, milliseconds; 0 without a label.
    public internal(set) var exitTime: [Int64]
    /// Price change in favour of the trade; NaN without a label.
    public internal(set) var gross: [Double]
    /// `gross` less both fees and the funding paid; NaN without a label.
    public internal(set) var net: [Double]
  }

  /// The exchange's symbol.
  public let symbol: String
  /// Length of every candle.
  public let interval: Interval
  /// How the labels were made.
  public let configuration: TripleBarrier.Configuration
  /// Candles a label may look ahead, t+1 … t+horizon: what training must be purged by.
  public let horizon: Int

  /// Open times of candle t, milliseconds.
  public internal(set) var openTime: [Int64]
  /// Raw values of `Direction`, −1 without a label.
  public internal(set) var label: [Int8]
  /// Close time of the candle in which the label was decided, milliseconds, 0 without a label. A NEUTRAL row is
  /// decided when the later of its two trades has ended.
  public internal(set) var exitTime: [Int64]
  /// Raw values of `Barrier`, −1 without a label.
  public internal(set) var barrier: [Int8]
  /// What the labelled direction earned before costs; 0 for NEUTRAL, which holds nothing; NaN without a label.
  public internal(set) var grossReturn: [Double]
  /// What the labelled direction earned after fees and funding; 0 for NEUTRAL; NaN without a label.
  public internal(set) var netReturn: [Double]
  /// Average uniqueness of the row, in (0, 1]; NaN without a label.
  public internal(set) var weight: [Double]
  /// Whether some candle touched both barriers of a trade and nothing finer could tell which came first.
  public internal(set) var ambiguous: [Bool]
  /// Raw values of `Reason` where there is no label, −1 where there is one.
  public internal(set) var reason: [Int8]
  /// What a long entered at each row earned, whatever the label says.
  public internal(set) var long: Outcomes
  /// What a short entered at each row earned, whatever the label says.
  public internal(set) var short: Outcomes
  /// Mean barrier widths of the labelled rows, fractions of the entry price.
  public internal(set) var meanUpper: Double
  /// Mean stop width of the labelled rows, a fraction of the entry price.
  public internal(set) var meanLower: Double

  /// Number of rows, labelled or not.
  public var count: Int { openTime.count }

  /// The label of a row, nil where it has none.
  public subscript(row: Int) -> Direction? { Direction(rawValue: label[row]) }

  /// Rows with a label, in order.
  public var labelledRows: [Int] { label.indices.filter { label[$0] >= 0 } }

  init(_ candles: CandleSeries, configuration: TripleBarrier.Configuration, horizon: Int) {
    symbol = candles.symbol
    interval = candles.interval
    self.configuration = configuration
    self.horizon = horizon
    let count = candles.count
    openTime = candles.openTime
    label = Array(repeating: -1, count: count)
    exitTime = Array(repeating: 0, count: count)
    barrier = Array(repeating: -1, count: count)
    grossReturn = Array(repeating: .nan, count: count)
    netReturn = grossReturn
    weight = grossReturn
    ambiguous = Array(repeating: false, count: count)
    reason = label
    let outcomes = Outcomes(exitTime: exitTime, gross: grossReturn, net: grossReturn)
    long = outcomes
    short = outcomes
    meanUpper = configuration.upper
    meanLower = configuration.lower
  }
}
