#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers as people read them, without a locale.
public enum FixedPoint {
  /// A number with a fixed count of decimals, rounded half away from zero; `∞` or `n/a` when it is not finite.
  ///
  /// A negative number that rounds to zero is written without its sign.
  public static func text(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "n/a" : value < 0 ? "−∞" : "∞" }
    let scale = pow(10, Double(digits))
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let units = UInt64(scaled)
    let divisor = UInt64(scale)
    var text = String(units / divisor)
    if digits > 0 {
      let fraction = String(units % divisor)
      text += "." + String(repeating: "0", count: digits - fraction.utf8.count) + fraction
    }
    return value < 0 && units > 0 ? "−" + text : text
  }
}
