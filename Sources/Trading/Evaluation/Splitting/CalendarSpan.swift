import Chronology
import Diagnostics

/// A length of time in calendar months or in fixed milliseconds, written `6mo`, `30d`, `36h`, `60m`, `10s`, `500ms` or `0m`.
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

  /// Reads `<count><unit>` with unit mo, w, d, h, m (minutes), s or ms.
  /// - Throws: `TernError` of kind `configuration` for anything else, including negative counts.
  public init(_ text: String) throws(TernError) {
    let units: [(String, Int64)] = [
      ("mo", 0), ("w", 7 * Timestamp.day), ("d", Timestamp.day), ("h", Timestamp.hour),
      ("m", Timestamp.minute),
      ("ms", 1), ("s", 1000),
    ]
    if let (unit, length) = units.first(where: { text.hasSuffix($0.0) }),
      let count = CalendarSpan.count(text.dropLast(unit.utf8.count))
    {
      self = unit == "mo" ? .months(Int(count)) : .milliseconds(count * length)
      return
    }
    throw TernError(
      .configuration, "is not a span of time", found: "\"\(text)\"",
      expected: "a count and a unit of mo (months), w, d, h, m (minutes), s or ms, such as 6mo or 30d")
  }

  /// Digits only: no sign, and small enough that no span of a data set overflows when it is repeated.
  private static func count(_ digits: Substring) -> Int64? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(digits).flatMap { $0 <= 1_000_000 ? $0 : nil }
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
  /// - Throws: `TernError` of kind `configuration` naming the key.
  public init(from decoder: any Decoder) throws {
    self = try decoder.parseText { text throws(TernError) in try CalendarSpan(text) }
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
