import Diagnostics
import Glibc

/// `key=value` lines of a LightGBM model up to a blank line, each with its line number.
struct LightGBMSection {
  /// What stands before the first line, for errors: `tree` or `Tree=3`.
  let name: String
  let file: String?
  private(set) var values: [(key: String, text: Substring, line: Int)] = []

  init(name: String, file: String?) {
    self.name = name
    self.file = file
  }

  /// Adds a line; a line without `=` is a flag.
  mutating func add(_ line: Substring, number: Int) {
    guard let sign = line.firstIndex(of: "=") else {
      values.append((String(line), "", number))
      return
    }
    values.append((String(line[..<sign]), line[line.index(after: sign)...], number))
  }

  /// Whether there is such a key or flag.
  func has(_ key: String) -> Bool { values.contains { $0.key == key } }

  /// The text of a key.
  func text(_ key: String) throws(TernError) -> Substring {
    guard let found = values.first(where: { $0.key == key }) else {
      throw TernError(
        .data, "is missing", file: file, line: values.first?.line, key: "\(name).\(key)",
        found: values.prefix(8).map(\.key).joined(separator: ", "), expected: "\(key)=")
    }
    return found.text
  }

  /// An error at a key.
  func error(_ message: String, _ key: String, found: String? = nil, expected: String? = nil) -> TernError {
    let entry = values.first { $0.key == key }
    return TernError(
      .data, message, file: file, line: entry?.line, key: "\(name).\(key)",
      found: found ?? entry.map { "\"\($0.text.prefix(40))\"" }, expected: expected)
  }

  /// A whole number in a range.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(TernError) -> Int {
    guard let result = Int(try text(key)), range.contains(result) else {
      throw error(
        "is not a whole number in range", key, expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return result
  }

  /// Whole numbers in a range, as many as said.
  func integers(_ key: String, count: Int, in range: ClosedRange<Int>) throws(TernError) -> [Int] {
    var result: [Int] = []
    for word in try text(key).split(separator: " ") {
      guard let value = Int(word), range.contains(value) else {
        throw error(
          "is not a whole number in range", key, found: "\"\(word.prefix(40))\"",
          expected: "\(range.lowerBound) to \(range.upperBound)")
      }
      result.append(value)
    }
    guard result.count == count else {
      throw error("has the wrong length", key, found: "\(result.count)", expected: "\(count)")
    }
    return result
  }

  /// Numbers, as many as said; `nan` and `inf` are words of the format.
  func doubles(_ key: String, count: Int) throws(TernError) -> [Double] {
    var result: [Double] = []
    for word in try text(key).split(separator: " ") {
      guard let value = Double(word) else {
        throw error("is not a number", key, found: "\"\(word.prefix(40))\"", expected: "a number")
      }
      result.append(value)
    }
    guard result.count == count else {
      throw error("has the wrong length", key, found: "\(result.count)", expected: "\(count)")
    }
    return result
  }
}
