import Market

extension LabelSet {
  /// The columns of the CSV form.
  public static let csvHeader = "open_time,label,exit_time,barrier,gross_return,net_return,weight,ambiguous"

  /// The CSV file: a header and one line for every labelled row; `ambiguous` is 0 or 1, numbers are the shortest
  /// text that reads back as the same `Double`.
  public func csv() -> [UInt8] {
    var text = TextBuffer()
    text.reserve(64 + count * 96)
    text.append(LabelSet.csvHeader)
    text.newline()
    let directions = Direction.allCases.map { Array($0.name.utf8) }
    let barriers = Barrier.allCases.map { Array($0.name.utf8) }
    for row in 0..<count where label[row] >= 0 {
      text.append(openTime[row])
      text.comma()
      text.append(directions[Int(label[row])])
      text.comma()
      text.append(exitTime[row])
      text.comma()
      text.append(barriers[Int(barrier[row])])
      text.comma()
      text.append(grossReturn[row])
      text.comma()
      text.append(netReturn[row])
      text.comma()
      text.append(weight[row])
      text.comma()
      text.append(Int64(ambiguous[row] ? 1 : 0))
      text.newline()
    }
    return text.bytes
  }
}

/// Bytes of a CSV file under construction.
struct TextBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }
  mutating func comma() { bytes.append(UInt8(ascii: ",")) }
  mutating func newline() { bytes.append(UInt8(ascii: "\n")) }
  mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }
  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
  mutating func append(_ number: Double) { bytes.append(contentsOf: number.description.utf8) }

  mutating func append(_ number: Int64) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    let start = bytes.count
    repeat {
      bytes.append(UInt8(48 + rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }
}
