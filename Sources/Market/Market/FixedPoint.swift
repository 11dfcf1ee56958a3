import Diagnostics

/// A decimal number with eight places, held as a whole number of 1e-8 units.
///
/// Sums and differences are exact; products and quotients are formed in 128 bits and rounded once, by a rule that
/// the caller sees. A result that does not fit 64 bits throws: nothing ever wraps. The range is ±92,233,720,368.
/// Each meaning (price, quantity, money, rate) is a type of its own, so that mixing them does not compile.
public protocol FixedPoint: Comparable, Hashable, Sendable, Codable, CustomStringConvertible {
  /// The number in units of 1e-8.
  var units: Int64 { get }
  /// A number of `units` times 1e-8.
  init(units: Int64)
  /// What the number means, for error messages: `price`, `quantity`, ….
  static var meaning: String { get }
}

extension FixedPoint {
  /// Units in one: 1e8.
  public static var scale: Int64 { 100_000_000 }
  /// Nothing.
  public static var zero: Self { Self(units: 0) }
  /// The nearest binary number; exact arithmetic ends here.
  public var doubleValue: Double { Double(units) / 1e8 }
  /// Whether the number is below zero.
  public var isNegative: Bool { units < 0 }

  /// The decimal number that a binary number stands for: decimal text of up to 15 significant digits and eight places
  /// that went through a `Double` comes back exactly. Rounding to a tick or step is a second, exact step:
  /// `rounded(to:_:)`.
  ///
  /// The nearest multiple of 1e-8 below 2.25e7; beyond it, where a `Double` no longer tells such multiples apart
  /// reliably, the nearest number with one place less for every further power of ten.
  /// - Throws: `TernError` of kind `data` for NaN, infinity and numbers out of range.
  public init(_ value: Double) throws(TernError) {
    var scale = 1e8
    var unitsPerStep: Int64 = 1
    let isInRange = (value * scale).magnitude < 0x1p63
    // Below 2^51 steps the representation and the product are together off by less than half a step.
    while isInRange, (value * scale).magnitude >= 0x1p51 {
      scale /= 10
      unitsPerStep *= 10
    }
    let steps = isInRange ? Int64((value * scale).rounded(.toNearestOrEven)) : 0
    let (units, overflow) = steps.multipliedReportingOverflow(by: unitsPerStep)
    guard isInRange, !overflow else {
      throw TernError(
        .data, "\(Self.meaning) is out of range", found: "\(value)",
        expected: "a finite number within ±9.2e10")
    }
    self.init(units: units)
  }

  /// Fits an exact result into 64 bits.
  static func fitting(_ exact: Int128) throws(TernError) -> Self {
    guard let units = Int64(exactly: exact) else { throw overflow() }
    return Self(units: units)
  }

  static func overflow() -> TernError {
    TernError(.data, "\(meaning) overflows", expected: "a result within ±92233720368.54775807")
  }

  /// Exact sum.
  /// - Throws: `TernError` of kind `data` on overflow.
  public static func + (a: Self, b: Self) throws(TernError) -> Self {
    let (sum, overflow) = a.units.addingReportingOverflow(b.units)
    if overflow { throw Self.overflow() }
    return Self(units: sum)
  }

  /// Exact difference.
  /// - Throws: `TernError` of kind `data` on overflow.
  public static func - (a: Self, b: Self) throws(TernError) -> Self {
    let (difference, overflow) = a.units.subtractingReportingOverflow(b.units)
    if overflow { throw Self.overflow() }
    return Self(units: difference)
  }

  /// The number with its sign turned.
  /// - Throws: `TernError` of kind `data` for the one number that has no opposite.
  public func negated() throws(TernError) -> Self { try Self.zero - self }

  /// The number times a whole number, exactly.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func multiplied(by count: Int64) throws(TernError) -> Self {
    try Self.fitting(Int128(units) * Int128(count))
  }

  /// The number times a rate, rounded to 1e-8.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func multiplied(by rate: Rate, _ rounding: Rounding = .nearest) throws(TernError) -> Self {
    try Self.fitting(rounding.divide(Int128(units) * Int128(rate.units), by: Int128(Self.scale)))
  }

  /// The multiple of `step` (a tick or lot size, positive) that the rounding rule names.
  /// - Throws: `TernError` of kind `data` on overflow.
  public func rounded(to step: Self, _ rounding: Rounding) throws(TernError) -> Self {
    precondition(step.units > 0, "a step must be positive")
    return try Self.fitting(rounding.divide(Int128(units), by: Int128(step.units)) * Int128(step.units))
  }

  /// Whether the number is a whole multiple of `step`.
  public func isMultiple(of step: Self) -> Bool {
    precondition(step.units > 0, "a step must be positive")
    return units % step.units == 0
  }

  /// Orders by value.
  public static func < (a: Self, b: Self) -> Bool { a.units < b.units }
}
