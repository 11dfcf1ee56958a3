/// Splits one line into its fields; quotes are honoured, doubled quotes inside them stand for one.
package enum DelimitedRow {
  /// The fields of a line without its newline; nil when a quote is never closed.
  package static func fields(_ line: UnsafeBufferPointer<UInt8>, delimiter: UInt8) -> [String]? {
    var fields: [String] = []
    var index = 0
    while true {
      var field: [UInt8] = []
      var quoted = false
      while index < line.count, line[index] == 0x20 { index += 1 }
      if index < line.count, line[index] == 0x22 {
        quoted = true
        index += 1
        while true {
          guard index < line.count else { return nil }
          if line[index] == 0x22 {
            if index + 1 < line.count, line[index + 1] == 0x22 {
              index += 1
            } else {
              index += 1
              break
            }
          }
          field.append(line[index])
          index += 1
        }
      }
      while index < line.count, line[index] != delimiter {
        if !quoted || !FieldText.isBlank(line[index]) { field.append(line[index]) }
        index += 1
      }
      if !quoted { while let last = field.last, FieldText.isBlank(last) { field.removeLast() } }
      fields.append(String(decoding: field, as: UTF8.self))
      guard index < line.count else { return fields }
      index += 1
    }
  }
}
