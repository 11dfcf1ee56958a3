import Chronology

/// The resolution of a file's numeric time stamps.
enum StampUnit: String {
  case seconds, milliseconds, microseconds, nanoseconds

  /// The unit that a number means: instants from 1973 on are told apart by their size alone.
  init?(magnitude value: Int64) {
    switch value {
    case 100_000_000..<100_000_000_000: self = .seconds
    case 100_000_000_000..<100_000_000_000_000: self = .milliseconds
    case 100_000_000_000_000..<100_000_000_000_000_000: self = .microseconds
    case 100_000_000_000_000_000...: self = .nanoseconds
    default: return nil
    }
  }

  /// Nanoseconds of one unit.
  var nanoseconds: Int64 {
    switch self {
    case .seconds: return 1_000_000_000
    case .milliseconds: return 1_000_000
    case .microseconds: return 1000
    case .nanoseconds: return 1
    }
  }
}

/// An instant as read: whole milliseconds and the rest of a finer source.
struct Stamp: Equatable {
  /// Milliseconds since the epoch, UTC, rounded down.
  var milliseconds: Int64 = 0
  /// The rest, nanoseconds, 0 to 999,999.
  var rest: Int64 = 0
}

/// Reads time stamps: integers of seconds to nanoseconds, or ISO 8601 text in UTC.
enum StampReader {
  /// A stamp, its unit (nil for calendar text), or what was expected instead.
  enum Result {
    case stamp(Stamp, StampUnit?)
    case failure(expected: String)
  }

  static func read(_ field: UnsafeBufferPointer<UInt8>) -> Result {
    if let value = integer(field) {
      guard let unit = StampUnit(magnitude: value) else {
        return .failure(expected: "seconds, milliseconds, microseconds or nanoseconds since 1970")
      }
      let perMillisecond = 1_000_000 / unit.nanoseconds
      if perMillisecond == 0 { return .stamp(Stamp(milliseconds: value * 1000), unit) }
      return .stamp(
        Stamp(milliseconds: value / perMillisecond, rest: value % perMillisecond * unit.nanoseconds), unit)
    }
    guard field.count <= 40, let time = calendarTime(String(decoding: field, as: UTF8.self)) else {
      return .failure(expected: "a time stamp: an integer since 1970 or ISO 8601 in UTC")
    }
    return .stamp(Stamp(milliseconds: time), nil)
  }

  static func isCalendarTime(_ text: String) -> Bool { text.utf8.count <= 40 && calendarTime(text) != nil }

  /// ISO 8601; a zone that says UTC in words or as an offset is accepted, because table libraries write it.
  private static func calendarTime(_ text: String) -> Int64? {
    for zone in ["+00:00", "+0000", " UTC"] where text.hasSuffix(zone) {
      return Timestamp.parse(text.dropLast(zone.utf8.count))
    }
    return Timestamp.parse(text)
  }

  /// A positive integer of at most 18 digits, also when written with a zero fraction as floats are.
  @inline(__always)
  private static func integer(_ field: UnsafeBufferPointer<UInt8>) -> Int64? {
    var value: Int64 = 0
    var index = 0
    while index < field.count, case let digit = field[index] &- 48, digit < 10 {
      guard index < 19 else { return nil }
      value = value &* 10 &+ Int64(digit)
      index += 1
    }
    guard index > 0, value >= 0 else { return nil }
    if index < field.count, field[index] == 0x2e {
      index += 1
      while index < field.count, field[index] == 48 { index += 1 }
    }
    return index == field.count ? value : nil
  }
}
