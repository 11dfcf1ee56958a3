/// Numbers with a fixed count of decimal places as people read them, without a locale.
public struct NumberText: Sendable {
  private let minus: String
  private let percentSign: String
  private let undefined: String
  private let infinite: String?

  /// For sentences and reports: a minus sign proper, a space before the percent sign, `n/a` and `∞`.
  public static let prose = NumberText(minus: "−", percentSign: " %", undefined: "n/a", infinite: "∞")
  /// For narrow columns: plain ASCII, `-` for everything that is not finite.
  public static let table = NumberText(minus: "-", percentSign: "%", undefined: "-", infinite: nil)

  /// A number rounded half away from zero to `places` decimals.
  ///
  /// A negative number that rounds to zero is written without its sign, and one too large for its digits to be exact
  /// (about 9·10¹⁵ units of the last place) in the shortest form that reads back.
  public func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else {
      guard let infinite, !value.isNaN else { return undefined }
      return value < 0 ? minus + infinite : infinite
    }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let digits = String(UInt64(scaled))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
    let sign = value < 0 && scaled > 0 ? minus : ""
    return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }

  /// The fewest decimal places, from `least` up to 9, at which a number reads differently from the one it is held
  /// against, so that nobody reads "5.00 exceeds 5.00"; `least` when they are equal.
  public static func places(telling value: Double, from other: Double, atLeast least: Int) -> Int {
    var places = least
    while places < 9, value != other, table.fixed(value, places: places) == table.fixed(other, places: places)
    {
      places += 1
    }
    return value.isFinite && other.isFinite ? places : least
  }

  /// A fraction as a percentage rounded to `places` decimals.
  public func percent(_ fraction: Double, places: Int) -> String {
    fixed(fraction * 100, places: places) + percentSign
  }
}
