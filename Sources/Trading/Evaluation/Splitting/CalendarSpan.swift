import Chronology
import Diagnostics

/// A length of time in calendar months or in fixed milliseconds, written `6mo`, `30d`, `36h`, `60m`, `10s` or `0m`.
public enum CalendarSpan: Equatable, Sendable {
  /// Calendar months, UTC.
  case months(Int)
  /// A fixed length, milliseconds.
  case milliseconds(Int64)

  /// Whole days.
  public static func days(_ count: Int) -> CalendarSpan { .milliseconds(Int64(count) * Timestamp.day) }
  /// Whole hours.
  public static func hours(_ count: Int) -> CalendarSpan { .milliseconds(Int64(count) * Timestamp.hour) }
  /// Whole minutes.
  public static func minutes(_ count: Int) -> CalendarSpan { .milliseconds(Int64(count) * Timestamp.minute) }

  /// Reads `<count><unit>` with unit mo, w, d, h, m (minutes) or s.
  /// - Throws: `TernError` of kind `configuration` for anything else, including negative counts.
  public init(_ text: String) throws(TernError) {
    let units: [(String, Int64)] = [
      ("mo", 0), ("w", 7 * Timestamp.day), ("d", Timestamp.day), ("h", Timestamp.hour), ("m", Timestamp.minute),
      ("s", 1000),
    ]
    if let (unit, length) = units.first(where: { text.hasSuffix($0.0) }),
      let count = Int64(text.dropLast(unit.count)), (0...1_000_000).contains(count)
    {
      self = unit == "mo" ? .months(Int(count)) : .milliseconds(count * length)
      return
    }
    throw TernError(
      .configuration, "is not a span of time", found: "\"\(text)\"",
      expected: "a count and a unit of mo (months), w, d, h, m (minutes) or s, such as 6mo or 30d")
  }

  /// The instant this much after `time`, `times` over; months are counted from `time`, so that their ends do not drift.
  public func added(to time: Int64, times: Int = 1) -> Int64 {
    switch self {
    case .months(let count): Timestamp.addingMonths(count * times, to: time)
    case .milliseconds(let length): time + length * Int64(times)
    }
  }

  /// Whether the span is longer than nothing.
  public var isPositive: Bool {
    switch self {
    case .months(let count): count > 0
    case .milliseconds(let length): length > 0
    }
  }
}

extension CalendarSpan: CustomStringConvertible {
  /// The spelling that `init(_:)` reads, with the largest unit that fits.
  public var description: String {
    switch self {
    case .months(let count): return "\(count)mo"
    case .milliseconds(let length):
      if length == 0 { return "0m" }
      for (unit, size) in [("d", Timestamp.day), ("h", Timestamp.hour), ("m", Timestamp.minute), ("s", 1000)]
      where length % size == 0 {
        return "\(length / size)\(unit)"
      }
      return "\(length)ms"
    }
  }
}

extension CalendarSpan: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
