import Diagnostics

/// The length of a candle, written as exchanges write it: `1m`, `5m`, `1h`, `1d`.
public struct Interval: Hashable, Sendable, Comparable {
  /// Length in milliseconds, positive.
  public let milliseconds: Int64

  /// An interval of whole milliseconds.
  public init(milliseconds: Int64) {
    precondition(milliseconds > 0, "an interval must be positive")
    self.milliseconds = milliseconds
  }

  /// One minute.
  public static let minute = Interval(milliseconds: 60_000)

  /// The longest interval that text may name, 100 years: sums of it and any time of a calendar do not overflow.
  private static let longest: Int64 = 3_155_760_000_000

  /// Reads `<count><unit>` with unit s, m, h, d or w, at most 100 years.
  /// - Throws: `TernError` of kind `usage` for anything else.
  public init(_ text: String) throws(TernError) {
    let units: [Character: Int64] = [
      "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    ]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
      case let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit), !overflow,
      milliseconds <= Interval.longest
    else {
      throw TernError(
        .usage, "is not an interval", found: "\"\(text)\"",
        expected: "a count and a unit of s, m, h, d or w, such as 1m or 4h")
    }
    self.milliseconds = milliseconds
  }

  /// Orders intervals by length.
  public static func < (a: Interval, b: Interval) -> Bool { a.milliseconds < b.milliseconds }
}

extension Interval: CustomStringConvertible {
  /// The shortest exchange spelling.
  public var description: String {
    for (unit, length) in [
      ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ] as [(String, Int64)]
    where milliseconds % length == 0 {
      return "\(milliseconds / length)\(unit)"
    }
    return "\(milliseconds)ms"
  }
}

extension Interval: Codable {
  /// Reads the exchange spelling.
  public init(from decoder: any Decoder) throws {
    self = try decoder.parseText { text throws(TernError) in try Interval(text) }
  }

  /// Writes the exchange spelling.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
