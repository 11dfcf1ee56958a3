import Feeds

/// Gives every distinct text of a column a code, in the order of first appearance.
struct TextVocabulary {
  /// The code of each cell, −1 where it is missing.
  private(set) var codes: [Int32] = []
  /// The distinct texts.
  private(set) var words: [String] = []
  private var places: [(start: Int, count: Int, hash: UInt64)] = []
  private var arena: [UInt8] = []
  private var slots = [Int32](repeating: -1, count: 64)
  private var isNumber: [Bool] = []
  private var numericCells = 0
  private var textCells = 0
  private var firstText: (line: Int, text: String)?

  init(rows: Int) { codes.reserveCapacity(rows) }

  mutating func append(_ content: UnsafeBufferPointer<UInt8>, line: Int) {
    guard !NumericCell.isMissing(content) else { return codes.append(-1) }
    // FNV-1a with a final mix; collisions only cost time.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in content { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 32
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let code = Int(slots[slot])
      if places[code].hash == hash, matches(content, places[code].start, places[code].count) {
        return record(code, content, line)
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    let code = places.count
    slots[slot] = Int32(code)
    places.append((arena.count, content.count, hash))
    arena.append(contentsOf: content)
    words.append(String(decoding: content, as: UTF8.self))
    isNumber.append(
      NumberParser.withPowers { powers in
        if case .number = NumericCell(content: content, powers) { return true }
        return false
      })
    if places.count * 2 > slots.count { grow() }
    record(code, content, line)
  }

  private mutating func record(_ code: Int, _ content: UnsafeBufferPointer<UInt8>, _ line: Int) {
    codes.append(Int32(code))
    if isNumber[code] {
      numericCells += 1
    } else {
      if firstText == nil { firstText = (line, FieldText.quoted(content)) }
      textCells += 1
    }
  }

  private func matches(_ content: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Bool {
    guard count == content.count else { return false }
    for index in 0..<count where arena[start + index] != content[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for (code, place) in places.enumerated() {
      var slot = Int(truncatingIfNeeded: place.hash) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(code)
    }
  }

  /// A remark where nine tenths of the cells are numbers, because then the texts are more likely mistakes.
  func warning(column: String, path: String) -> String? {
    guard let firstText, numericCells >= 9 * textCells else { return nil }
    return
      "\(path):\(firstText.line): \(column): \(textCells) of \(numericCells + textCells) cells are text, "
      + "first \(firstText.text); the column is therefore categorical"
  }
}
