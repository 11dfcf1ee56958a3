import Chronology

/// Numbers and instants as the page writes them: the same on every machine, without a locale.
///
/// What is missing or not finite becomes a dash.
package enum PageText {
  /// Stands for a number that does not exist.
  package static let missing = "–"

  /// A number with a fixed count of decimals, rounded half away from zero, and grouped thousands; one that rounds to
  /// zero carries no sign.
  package static func fixed(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return missing }
    guard abs(value) < 1e12 else { return scientific(value) }
    let scale = powers[min(max(digits, 0), powers.count - 1)]
    let scaled = (abs(value) * Double(scale)).rounded()
    guard scaled < 9e15 else { return scientific(value) }
    let units = UInt64(scaled)
    var text = grouped(String(units / scale))
    if scale > 1 {
      // One digit more than wanted keeps the leading zeros.
      text += "." + String(units % scale + scale).dropFirst()
    }
    return value < 0 && units > 0 ? "−" + text : text
  }

  private static let powers: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
  ]

  /// A fraction in percent, for example `1.50 %`.
  package static func percent(_ fraction: Double?, _ digits: Int = 2) -> String {
    guard let fraction, fraction.isFinite else { return missing }
    return fixed(fraction * 100, digits) + "\u{00A0}%"
  }

  /// A fraction in percent with its sign, for example `+1.50 %`.
  package static func change(_ fraction: Double?, _ digits: Int = 2) -> String {
    let text = percent(fraction, digits)
    guard let fraction, fraction > 0, text.contains(where: { ("1"..."9").contains($0) }) else { return text }
    return "+" + text
  }

  /// A p-value; small ones are bounded, not shown as zero.
  package static func pValue(_ value: Double) -> String {
    guard value.isFinite else { return missing }
    return value < 0.001 ? "below 0.001" : fixed(value, 3)
  }

  /// A whole number with grouped thousands.
  package static func count(_ value: Int?) -> String {
    guard let value else { return missing }
    return (value < 0 ? "−" : "") + grouped(String(value.magnitude))
  }

  /// A count in few characters, for example `12k`.
  package static func compact(_ value: Int) -> String {
    let units: [(Double, String)] = [(1e9, "G"), (1e6, "M"), (1e3, "k")]
    for (unit, suffix) in units where Double(value) >= unit {
      let scaled = Double(value) / unit
      return fixed(scaled, scaled < 9.95 ? 1 : 0) + suffix
    }
    return count(value)
  }

  /// A number of any magnitude with about four digits that matter.
  package static func plain(_ value: Double?) -> String {
    guard let value, value.isFinite else { return missing }
    let size = abs(value)
    if size == 0 { return "0" }
    if size < 1e-4 { return scientific(value) }
    return fixed(value, size < 0.01 ? 5 : size < 1 ? 4 : size < 100 ? 2 : size < 1000 ? 1 : 0)
  }

  /// Wall-clock seconds as people say them.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return missing }
    if seconds < 1 { return fixed(seconds * 1000, seconds < 0.1 ? 1 : 0) + " ms" }
    if seconds < 60 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(count(whole / 3600)) h \(whole / 60 % 60) min"
  }

  /// The calendar day of an instant, UTC.
  package static func date(_ time: Int64) -> String {
    Timestamp.dateText(Timestamp.civilDate(ofDay: Timestamp.dayNumber(of: bounded(time))))
  }

  /// An instant to the minute, UTC.
  package static func instant(_ time: Int64) -> String { "\(date(time)) \(clock(time)) UTC" }

  /// Hours and minutes of an instant, UTC.
  package static func clock(_ time: Int64) -> String {
    let time = bounded(time)
    let minutes = (time - Timestamp.dayNumber(of: time) * Timestamp.day) / Timestamp.minute
    return "\(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))"
  }

  /// Holds an instant within ±100 million days of the epoch, so that calendar arithmetic cannot overflow.
  package static func bounded(_ time: Int64) -> Int64 {
    min(max(time, -8_640_000_000_000_000), 8_640_000_000_000_000)
  }

  /// A name cut to a length, with an ellipsis.
  package static func shortened(_ name: String, _ length: Int) -> String {
    name.count <= length ? name : name.prefix(max(1, length - 1)) + "…"
  }

  /// A coordinate for SVG: one decimal, an ASCII sign, never an exponent.
  package static func coordinate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
    let magnitude = tenths.magnitude
    return (tenths < 0 ? "-" : "") + "\(magnitude / 10)" + (magnitude % 10 == 0 ? "" : ".\(magnitude % 10)")
  }

  private static func scientific(_ value: Double) -> String {
    var exponent = 0
    var mantissa = abs(value)
    while mantissa >= 10, exponent < 400 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa > 0, mantissa < 1, exponent > -400 {
      mantissa *= 10
      exponent -= 1
    }
    if fixed(mantissa, 2) == "10.00" {
      mantissa = 1
      exponent += 1
    }
    return (value < 0 ? "−" : "") + fixed(mantissa, 2) + "e" + (exponent < 0 ? "−" : "")
      + "\(exponent.magnitude)"
  }

  private static func grouped(_ digits: String) -> String {
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.utf8.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
