#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads decimal numbers from bytes, bit-identical to `strtod`, without a string per number.
///
/// Numbers with at most 19 significant digits, a mantissa of at most 2⁵³ and a decimal exponent of at most ±22 need
/// one exact multiplication or division (Clinger, "How to Read Floating Point Numbers Accurately", 1990); all
/// others go to `strtod`.
package enum NumberParser {
  /// 10⁰ to 10²², all exact in binary.
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
    1e20, 1e21, 1e22,
  ]

  /// The table for `parse`, kept by the caller over a whole file: looking a global up per number costs more than
  /// the number.
  package static func withPowers<Result, Failure: Error>(
    _ body: (UnsafePointer<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try powers.withUnsafeBufferPointer { table throws(Failure) in
      guard let base = table.baseAddress else { preconditionFailure("the table of powers is empty") }
      return try body(base)
    }
  }

  /// Reads `[+-]digits[.digits][e[+-]digits]` at `start` and returns the place after it, or nil when there is none.
  ///
  /// Neither white space, hexadecimal nor names such as `inf` are numbers here.
  @inlinable @inline(__always)
  package static func parse(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ powers: UnsafePointer<Double>,
    _ value: inout Double
  ) -> UnsafePointer<UInt8>? {
    var p = start
    var negative = false
    if p < end, p.pointee == 0x2d || p.pointee == 0x2b {
      negative = p.pointee == 0x2d
      p += 1
    }
    var mantissa: UInt64 = 0
    let whole = p
    while p < end, case let digit = p.pointee &- 48, digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      p += 1
    }
    var digits = p - whole
    var exponent = 0
    if p < end, p.pointee == 0x2e {
      p += 1
      let fraction = p
      while p < end, case let digit = p.pointee &- 48, digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        p += 1
      }
      exponent = fraction - p
      digits -= exponent
    }
    guard digits > 0 else { return nil }
    if p < end, p.pointee | 0x20 == 0x65 { readExponent(&p, end, &exponent) }
    // More than 19 digits may have wrapped around the 64 bits.
    guard digits <= 19, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 else {
      value = slow(start, p)
      return p
    }
    let magnitude = exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
    value = negative ? -magnitude : magnitude
    return p
  }

  /// Reads `e[+-]digits` when it is complete; otherwise leaves `p` where it is.
  @inline(never) @usableFromInline
  package static func readExponent(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ exponent: inout Int
  ) {
    var q = p + 1
    var negative = false
    if q < end, q.pointee == 0x2d || q.pointee == 0x2b {
      negative = q.pointee == 0x2d
      q += 1
    }
    let first = q
    var magnitude = 0
    while q < end, case let digit = q.pointee &- 48, digit < 10 {
      magnitude = min(magnitude * 10 + Int(digit), 1_000_000)
      q += 1
    }
    guard q > first else { return }
    exponent += negative ? -magnitude : magnitude
    p = q
  }

  @inline(never) @usableFromInline
  package static func slow(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Double {
    let count = end - start
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { text in
      for index in 0..<count { text[index] = CChar(bitPattern: start[index]) }
      text[count] = 0
      guard let base = text.baseAddress else { return .nan }
      return strtod(base, nil)
    }
  }
}
