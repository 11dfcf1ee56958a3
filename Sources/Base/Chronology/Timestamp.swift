/// UTC calendar arithmetic on `Int64` milliseconds since the Unix epoch.
///
/// Days are converted with the proleptic-Gregorian algorithm of Howard Hinnant ("chrono-Compatible Low-Level
/// Date Algorithms"), which is exact over the whole range and needs no locale or time-zone data.
public enum Timestamp {
  /// Milliseconds of one minute.
  public static let minute: Int64 = 60_000
  /// Milliseconds of one hour.
  public static let hour: Int64 = 3_600_000
  /// Milliseconds of one day.
  public static let day: Int64 = 86_400_000

  /// A calendar date, UTC.
  public struct CivilDate: Equatable, Sendable {
    /// Year, for example 2023.
    public var year: Int
    /// Month, 1 to 12.
    public var month: Int
    /// Day of the month, 1 to 31.
    public var day: Int
    /// Creates a date from its parts, unchecked.
    public init(year: Int, month: Int, day: Int) {
      self.year = year
      self.month = month
      self.day = day
    }
  }

  /// Days since 1970-01-01 of a calendar date.
  public static func days(of date: CivilDate) -> Int64 {
    let y = Int64(date.month <= 2 ? date.year - 1 : date.year)
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let monthFromMarch = Int64((date.month + 9) % 12)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(date.day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The calendar date of a day number counted from 1970-01-01.
  public static func civilDate(ofDay days: Int64) -> CivilDate {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return CivilDate(year: Int(year), month: Int(month), day: Int(day))
  }

  /// Day number of an instant, counted from 1970-01-01 and rounded down.
  public static func dayNumber(of time: Int64) -> Int64 { floorDivide(time, day) }

  /// The instant `count` calendar months later (or earlier); the day is cut to the target month's length.
  public static func addingMonths(_ count: Int, to time: Int64) -> Int64 {
    let dayNumber = dayNumber(of: time)
    var date = civilDate(ofDay: dayNumber)
    let months = date.year * 12 + (date.month - 1) + count
    date.year = Int(floorDivide(Int64(months), 12))
    date.month = months - date.year * 12 + 1
    date.day = min(date.day, daysInMonth(year: date.year, month: date.month))
    return days(of: date) * day + (time - dayNumber * day)
  }

  /// Number of days in a month.
  public static func daysInMonth(year: Int, month: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: return 30
    case 2: return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    default: return 31
    }
  }

  /// ISO 8601 text such as `2023-03-24T12:40:00.000Z`; milliseconds are left out when zero.
  public static func text(_ time: Int64) -> String {
    let dayNumber = dayNumber(of: time)
    let date = civilDate(ofDay: dayNumber)
    let rest = time - dayNumber * day
    let milliseconds = rest % 1000
    let clockTime =
      "\(padded(rest / hour)):\(padded(rest / minute % 60)):\(padded(rest / 1000 % 60))"
    let fraction = milliseconds == 0 ? "" : ".\(padded(milliseconds, width: 3))"
    return "\(dateText(date))T\(clockTime)\(fraction)Z"
  }

  /// `2023-03-24`.
  public static func dateText(_ date: CivilDate) -> String {
    "\(padded(Int64(date.year), width: 4))-\(padded(Int64(date.month)))-\(padded(Int64(date.day)))"
  }

  /// Parses `YYYY-MM-DD`, optionally followed by `T` or a space, `HH:MM[:SS[.fff]]` and an optional `Z`.
  ///
  /// Returns nil for anything else, including dates that do not exist and other time zones.
  public static func parse(_ text: some StringProtocol) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]),
      let dayOfMonth = digits(bytes[8..<10]),
      (1...12).contains(month), (1...daysInMonth(year: year, month: month)).contains(dayOfMonth)
    else { return nil }
    var time = days(of: CivilDate(year: year, month: month, day: dayOfMonth)) * day
    var rest = bytes[10...]
    if rest.last == UInt8(ascii: "Z") { rest = rest.dropLast() }
    guard !rest.isEmpty else { return bytes.count == 10 ? time : nil }
    guard rest.first == UInt8(ascii: "T") || rest.first == UInt8(ascii: " ") else { return nil }
    let parts = rest.dropFirst().split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts[0].count == 2, parts[1].count == 2,
      let hours = digits(parts[0]), hours < 24, let minutes = digits(parts[1]), minutes < 60
    else { return nil }
    time += Int64(hours) * hour + Int64(minutes) * minute
    if parts.count == 3 {
      let seconds = parts[2].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard (1...2).contains(seconds.count), seconds[0].count == 2, let whole = digits(seconds[0]), whole < 60
      else { return nil }
      time += Int64(whole) * 1000
      if seconds.count == 2 {
        guard (1...9).contains(seconds[1].count), digits(seconds[1]) != nil,
          let milliseconds = digits((Array(seconds[1]) + [48, 48])[0..<3])
        else { return nil }
        time += Int64(milliseconds)
      }
    }
    return time
  }

  private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
    var value = 0
    for byte in bytes {
      guard (48...57).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return bytes.isEmpty ? nil : value
  }

  private static func padded(_ value: Int64, width: Int = 2) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient
  }
}
