import Chronology
import Diagnostics

/// Splits time into folds that each train on the past and test on what follows, never the other way round.
///
/// With test start s, a fold trains on decisions in [s − train, s − horizon − embargo): the label of a decision reaches
/// `horizon` ahead, so later decisions would carry prices of the test span into training (purging; López de Prado,
/// "Advances in Financial Machine Learning", 2018, chapter 7), and the embargo keeps a further distance. The end of the
/// training span can be set aside for calibration and early stopping; it is separated from the rest of the training span
/// in the same way.
public struct WalkForward: Sendable {
  /// How spans are laid out.
  public struct Configuration: Equatable, Sendable {
    /// Length of the training span, which the purge, the embargo and the calibration tail are taken from. Default 6 months.
    public var train: CalendarSpan = .months(6)
    /// Length of the test span. Default 1 month.
    public var test: CalendarSpan = .months(1)
    /// Distance between the starts of neighbouring test spans, at least the test span. Default 1 month.
    public var step: CalendarSpan = .months(1)
    /// Reach of a label beyond its decision, fixed length. Default 60 minutes.
    public var horizon: CalendarSpan = .minutes(60)
    /// Distance kept beyond the purge, fixed length. Default 60 minutes.
    public var embargo: CalendarSpan = .minutes(60)
    /// Length of the calibration tail, zero for none. Default 30 days.
    public var calibration: CalendarSpan = .days(30)
    /// Whether training always begins with the data (expanding window) instead of rolling. Default false.
    public var anchored = false
    /// Whether a last fold with a shortened test span is kept. Default false.
    public var partialTest = false

    /// The defaults.
    public init() {}
  }

  /// One fold. All ranges are half-open, of decision times in milliseconds since the epoch, UTC.
  public struct Fold: Codable, Equatable, Sendable {
    /// Position, from zero.
    public let index: Int
    /// Decisions to train on, already shortened by purge, embargo and calibration tail.
    public let train: Range<Int64>
    /// Decisions to calibrate on; nil without a calibration tail.
    public let calibration: Range<Int64>?
    /// Decisions to test on.
    public let test: Range<Int64>
  }

  /// The settings.
  public let configuration: Configuration

  /// Takes settings.
  /// - Throws: `TernError` of kind `configuration` for spans of no length, or a horizon or embargo in months.
  public init(_ configuration: Configuration = Configuration()) throws(TernError) {
    for (key, span) in [
      ("train", configuration.train), ("test", configuration.test), ("step", configuration.step),
    ] where !span.isPositive {
      throw TernError(
        .configuration, "must be positive", key: key, found: "\(span)", expected: "such as 1mo or 30d")
    }
    horizon = try WalkForward.fixed(configuration.horizon, "horizon")
    embargo = try WalkForward.fixed(configuration.embargo, "embargo")
    self.configuration = configuration
  }

  /// Reach of a label, milliseconds.
  public let horizon: Int64
  /// Embargo, milliseconds.
  public let embargo: Int64

  static func fixed(_ span: CalendarSpan, _ key: String) throws(TernError) -> Int64 {
    guard case .milliseconds(let length) = span, length >= 0 else {
      throw TernError(
        .configuration, "must be a fixed length", key: key, found: "\(span)",
        expected: "days, hours or minutes")
    }
    return length
  }

  /// Lays folds over a span of decision times; the first begins to train at the span's start.
  /// - Parameter span: from the first decision time to just after the last (half-open), milliseconds.
  /// - Throws: `TernError` of kind `data` when not one fold fits, naming the span found and the span needed;
  ///   `configuration` when test spans would overlap or nothing is left to train on.
  public func folds(over span: Range<Int64>) throws(TernError) -> [Fold] {
    let firstTest = configuration.train.added(to: span.lowerBound)
    var folds: [Fold] = []
    while true {
      // Counted from the first test, so that a start on the 31st does not drift to the 28th for ever.
      let start = configuration.step.added(to: firstTest, times: folds.count)
      let fullEnd = testEnd(firstTest: firstTest, start: start, index: folds.count)
      guard fullEnd <= span.upperBound || (configuration.partialTest && start < span.upperBound) else {
        break
      }
      if let last = folds.last, last.test.upperBound > start {
        throw TernError(
          .configuration, "must be at least the test span, or rows would be tested twice", key: "step",
          found: "\(configuration.step)", expected: "≥ \(configuration.test)")
      }
      let begin =
        configuration.anchored
        ? span.lowerBound : configuration.step.added(to: span.lowerBound, times: folds.count)
      folds.append(try fold(folds.count, from: begin, test: start..<min(fullEnd, span.upperBound)))
    }
    guard !folds.isEmpty else {
      let needed = configuration.test.added(to: firstTest)
      throw TernError(
        .data,
        "the data do not cover one fold of \(configuration.train) training and \(configuration.test) test",
        found: "\(Timestamp.text(span.lowerBound)) to \(Timestamp.text(span.upperBound))",
        expected: "at least until \(Timestamp.text(needed))")
    }
    return folds
  }

  /// With steps and tests both in months, ends too are counted from the first test, so that a test of one step's length
  /// ends exactly where the next begins, whatever the lengths of the months.
  private func testEnd(firstTest: Int64, start: Int64, index: Int) -> Int64 {
    if case (.months(let step), .months(let test)) = (configuration.step, configuration.test) {
      return Timestamp.addingMonths(step * index + test, to: firstTest)
    }
    return configuration.test.added(to: start)
  }

  private func fold(_ index: Int, from begin: Int64, test: Range<Int64>) throws(TernError) -> Fold {
    let end = test.lowerBound - horizon - embargo
    guard configuration.calibration.isPositive else {
      guard begin < end else { throw nothingLeft(index) }
      return Fold(index: index, train: begin..<end, calibration: nil, test: test)
    }
    let tail: Int64
    switch configuration.calibration {
    case .months(let count): tail = Timestamp.addingMonths(-count, to: test.lowerBound)
    case .milliseconds(let length): tail = test.lowerBound - length
    }
    guard begin < tail - horizon - embargo, tail < end else { throw nothingLeft(index) }
    return Fold(index: index, train: begin..<(tail - horizon - embargo), calibration: tail..<end, test: test)
  }

  private func nothingLeft(_ index: Int) -> TernError {
    TernError(
      .configuration, "purge, embargo and calibration leave fold \(index) nothing to train or calibrate on",
      key: "train",
      found:
        "train \(configuration.train), calibration \(configuration.calibration), horizon \(configuration.horizon), embargo \(configuration.embargo)"
    )
  }
}

extension WalkForward.Configuration: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case train, test, step, horizon, embargo, calibration, anchored
    case partialTest = "partial_test"
  }

  /// Reads the settings; absent keys keep their defaults, unknown keys are refused.
  public init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    train = try container.decodeIfPresent(CalendarSpan.self, forKey: .train) ?? train
    test = try container.decodeIfPresent(CalendarSpan.self, forKey: .test) ?? test
    step = try container.decodeIfPresent(CalendarSpan.self, forKey: .step) ?? step
    horizon = try container.decodeIfPresent(CalendarSpan.self, forKey: .horizon) ?? horizon
    embargo = try container.decodeIfPresent(CalendarSpan.self, forKey: .embargo) ?? embargo
    calibration = try container.decodeIfPresent(CalendarSpan.self, forKey: .calibration) ?? calibration
    anchored = try container.decodeIfPresent(Bool.self, forKey: .anchored) ?? anchored
    partialTest = try container.decodeIfPresent(Bool.self, forKey: .partialTest) ?? partialTest
  }
}
