/// The core schema of YAML 1.2: what plain scalars mean. Underscores between digits are passed over (`1_000`).
extension YAMLScalar {
  /// Whether the scalar says that there is no value: nothing, `~` or `null`, without quotes.
  public var isNull: Bool {
    isPlain && (text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL")
  }

  /// `true` or `false` without quotes; `yes`, `no`, `on` and `off` are words.
  public var boolean: Bool? {
    guard isPlain else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }

  /// A whole number: decimal, `0x` or `0o`. Nil for fractions, exponents, quotes and what does not fit the type.
  public func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
    guard isPlain, let plain = YAMLScalar.withoutSeparators(text) else { return nil }
    var digits = plain[...]
    if digits.hasPrefix("0x") { return YAMLScalar.magnitude(digits.dropFirst(2), radix: 16) }
    if digits.hasPrefix("0o") { return YAMLScalar.magnitude(digits.dropFirst(2), radix: 8) }
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits.removeFirst() }
    guard YAMLScalar.isDigits(digits) else { return nil }
    return Value((isNegative ? "-" : "") + digits, radix: 10)
  }

  /// A number: decimal with an optional fraction and exponent, `.inf`, `-.inf` or `.nan`, or a whole number as above.
  /// Nil for quotes and for what exceeds the type's range.
  public func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Value.Type = Value.self
  ) -> Value? {
    guard isPlain else { return nil }
    switch text {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
    case "-.inf", "-.Inf", "-.INF": return -.infinity
    case ".nan", ".NaN", ".NAN": return .nan
    default: break
    }
    guard let plain = YAMLScalar.withoutSeparators(text) else { return nil }
    if plain.hasPrefix("0x") || plain.hasPrefix("0o") { return integer(UInt64.self).map { Value($0) } }
    guard YAMLScalar.isDecimal(plain), let value = Value(plain), value.isFinite else { return nil }
    return value
  }

  /// The text without underscores, or nil when one does not stand between two digits.
  private static func withoutSeparators(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.contains(UInt8(ascii: "_")) else { return text }
    for (position, byte) in bytes.enumerated() where byte == UInt8(ascii: "_") {
      guard position > 0, position + 1 < bytes.count, isHexadecimal(bytes[position - 1]),
        isHexadecimal(bytes[position + 1])
      else { return nil }
    }
    return String(decoding: bytes.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
  }

  private static func magnitude<Value: FixedWidthInteger>(_ digits: Substring, radix: Int) -> Value? {
    guard let first = digits.utf8.first, isHexadecimal(first) else { return nil }
    return Value(digits, radix: radix)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }

  private static func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
  private static func isDecimal(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    func digits() -> Int {
      let count = bytes.prefix { (48...57).contains($0) }.count
      bytes = bytes.dropFirst(count)
      return count
    }
    func take(_ characters: String) -> Bool {
      guard let first = bytes.first, characters.utf8.contains(first) else { return false }
      bytes.removeFirst()
      return true
    }
    _ = take("-+")
    let whole = digits()
    let fraction = take(".") ? digits() : 0
    guard whole + fraction > 0 else { return false }
    if take("eE") {
      _ = take("-+")
      guard digits() > 0 else { return false }
    }
    return bytes.isEmpty
  }
}
