import Feeds

/// What a cell is to a numeric column.
enum NumericCell {
  /// Empty, `NaN`, `nan` or `NA`.
  case missing
  /// A number that a 32-bit float can hold.
  case number(Double)
  /// An infinity, in words or by its size.
  case infinite(String)
  /// Anything else.
  case text(String)

  init(content: UnsafeBufferPointer<UInt8>, _ powers: UnsafePointer<Double>) {
    if NumericCell.isMissing(content) {
      self = .missing
      return
    }
    var value = 0.0
    if let base = content.baseAddress,
      let stop = NumberParser.parse(base, base + content.count, powers, &value), stop == base + content.count
    {
      self =
        abs(value) <= Double(Float.greatestFiniteMagnitude)
        ? .number(value) : .infinite(FieldText.quoted(content))
      return
    }
    let word = String(decoding: content.prefix(16), as: UTF8.self).lowercased()
    let bare = word.hasPrefix("-") || word.hasPrefix("+") ? String(word.dropFirst()) : word
    self =
      bare == "inf" || bare == "infinity"
      ? .infinite(FieldText.quoted(content)) : .text(FieldText.quoted(content))
  }

  static func isMissing(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
    switch content.count {
    case 0: return true
    case 2: return content[0] == 0x4e && content[1] == 0x41
    case 3:
      return content[1] | 0x20 == 0x61 && content[0] == content[2]
        && (content[0] == 0x4e || content[0] == 0x6e)
        && content[1] == 0x61
    default: return false
    }
  }
}
