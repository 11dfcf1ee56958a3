/// Small helpers on the bytes of one field.
package enum FieldText {
  /// The field without blanks at both ends.
  package static func trimmed(_ field: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var low = 0
    var high = field.count
    while low < high, isBlank(field[low]) { low += 1 }
    while high > low, isBlank(field[high - 1]) { high -= 1 }
    return UnsafeBufferPointer(rebasing: field[low..<high])
  }

  @inlinable @inline(__always)
  package static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

  /// The field as text for a message: quoted, cut to 60 bytes, invalid UTF-8 replaced.
  package static func quoted(_ field: UnsafeBufferPointer<UInt8>) -> String {
    if field.isEmpty { return "an empty cell" }
    let text = String(decoding: field.prefix(60), as: UTF8.self)
    return "\"\(text)\(field.count > 60 ? "…" : "")\""
  }
}
