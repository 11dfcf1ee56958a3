import Diagnostics

extension FixedPoint {
  /// Reads decimal text exactly: an optional sign, digits, and optionally a point with up to eight significant places.
  /// - Throws: `TernError` of kind `data` for anything else, among it exponents and digits beyond 1e-8.
  public init(_ text: some StringProtocol) throws(TernError) {
    guard let units = decimalUnits(Array(text.utf8)) else {
      throw TernError(
        .data, "is not a \(Self.meaning)", found: "\"\(text)\"",
        expected: "decimal digits with at most 8 places, within ±92233720368.54775807")
    }
    self.init(units: units)
  }

  /// The shortest decimal text that reads back as the same number: `0.1`, `-12`, `16541.77`.
  public var description: String {
    let scale = UInt64(Self.scale)
    let whole = units.magnitude / scale
    var fraction = units.magnitude % scale
    var text = units < 0 ? "-\(whole)" : "\(whole)"
    if fraction == 0 { return text }
    var places = 8
    while fraction % 10 == 0 {
      fraction /= 10
      places -= 1
    }
    let digits = String(fraction)
    text += "." + String(repeating: "0", count: places - digits.utf8.count) + digits
    return text
  }

  /// Reads the decimal text.
  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the decimal text, which no reader turns into a binary float by accident.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Decimal text in units of 1e-8, or nil where it is none or does not fit.
private func decimalUnits(_ bytes: [UInt8]) -> Int64? {
  var index = 0
  let negative = bytes.first == UInt8(ascii: "-")
  if negative || bytes.first == UInt8(ascii: "+") { index = 1 }
  var value: Int64 = 0
  var digits = 0
  var places: Int?
  while index < bytes.count {
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "."), places == nil {
      places = 0
      continue
    }
    guard (48...57).contains(byte) else { return nil }
    let digit = Int64(byte - 48)
    if let known = places {
      guard known < 8 else {
        guard digit == 0 else { return nil }
        continue
      }
      places = known + 1
    }
    digits += 1
    guard let next = shifted(value, adding: negative ? -digit : digit) else { return nil }
    value = next
  }
  guard digits > 0, bytes.last != UInt8(ascii: ".") else { return nil }
  for _ in (places ?? 0)..<8 {
    guard let next = shifted(value, adding: 0) else { return nil }
    value = next
  }
  return value
}

private func shifted(_ value: Int64, adding digit: Int64) -> Int64? {
  let (product, overflow) = value.multipliedReportingOverflow(by: 10)
  let (sum, overflowOfSum) = product.addingReportingOverflow(digit)
  return overflow || overflowOfSum ? nil : sum
}
