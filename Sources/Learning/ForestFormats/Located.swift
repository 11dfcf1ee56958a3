import Diagnostics

/// A value of a model file with its place, so that every error names file, key, what was found and what was expected.
struct Located {
  let value: FormatValue
  let path: String
  let file: String?

  /// An error at this place.
  func error(_ message: String, found: String? = nil, expected: String? = nil) -> TernError {
    TernError(
      .data, message, file: file, key: path.isEmpty ? nil : path, found: found ?? value.kind,
      expected: expected)
  }

  /// The member of an object, or nil where it is absent or null.
  func optional(_ key: String) throws(TernError) -> Located? {
    guard case .object(let members) = value else { throw error("is not an object", expected: "an object") }
    guard let member = members.first(where: { $0.key == key }) else { return nil }
    if case .null = member.value { return nil }
    return Located(value: member.value, path: path.isEmpty ? key : "\(path).\(key)", file: file)
  }

  /// The member of an object.
  func member(_ key: String) throws(TernError) -> Located {
    guard let found = try optional(key) else {
      throw TernError(
        .data, "is missing", file: file, key: path.isEmpty ? key : "\(path).\(key)", found: keys(),
        expected: "a member \"\(key)\"")
    }
    return found
  }

  private func keys() -> String {
    guard case .object(let members) = value else { return value.kind }
    return members.isEmpty
      ? "no members" : members.prefix(8).map(\.key).joined(separator: ", ") + (members.count > 8 ? ", …" : "")
  }

  /// The members of an object in file order.
  func members() throws(TernError) -> [(key: String, value: Located)] {
    guard case .object(let members) = value else { throw error("is not an object", expected: "an object") }
    return members.map { ($0.key, Located(value: $0.value, path: "\(path).\($0.key)", file: file)) }
  }

  /// The elements of an array.
  func elements() throws(TernError) -> [Located] {
    switch value {
    case .array(let values):
      return values.enumerated().map { Located(value: $1, path: "\(path)[\($0)]", file: file) }
    case .numbers(let values):
      return values.enumerated().map { Located(value: .number($1), path: "\(path)[\($0)]", file: file) }
    default: throw error("is not an array", expected: "an array")
    }
  }

  /// The text of a string.
  func string() throws(TernError) -> String {
    guard case .string(let text) = value else { throw error("is not a string", expected: "a string") }
    return text
  }

  /// The elements of an array of strings.
  func strings() throws(TernError) -> [String] {
    if case .numbers(let values) = value, values.isEmpty { return [] }
    return try elements().map { element throws(TernError) in try element.string() }
  }

  /// A number, also one that stands in a string.
  func number() throws(TernError) -> FormatNumber {
    switch value {
    case .number(let number): return number
    case .string(let text):
      guard let double = Double(text), let float = Float(text) else { break }
      return FormatNumber(double: double, float: float)
    default: break
    }
    throw error("is not a number", expected: "a number")
  }

  /// A whole number in a range, also one that stands in a string.
  func integer(_ range: ClosedRange<Int> = 0...Int(Int32.max)) throws(TernError) -> Int {
    guard let result = Int(exactly: try number().double), range.contains(result) else {
      throw error(
        "is not a whole number in range", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return result
  }

  /// The numbers of an array, of the given length if there is one.
  func numbers(count: Int? = nil) throws(TernError) -> [FormatNumber] {
    let result: [FormatNumber]
    switch value {
    case .numbers(let values): result = values
    case .array(let values):
      var gathered: [FormatNumber] = []
      for (index, value) in values.enumerated() {
        switch value {
        case .number(let number): gathered.append(number)
        case .bool(let flag): gathered.append(FormatNumber(flag ? 1.0 : 0.0))
        default: throw Located(value: value, path: "\(path)[\(index)]", file: file).error("is not a number")
        }
      }
      result = gathered
    default: throw error("is not an array of numbers", expected: "an array of numbers")
    }
    guard count == nil || result.count == count else {
      throw error("has the wrong length", found: "\(result.count)", expected: "\(count ?? 0)")
    }
    return result
  }

  /// The numbers of an array as `Float`.
  func floats(count: Int? = nil) throws(TernError) -> [Float] { try numbers(count: count).map(\.float) }

  /// The numbers of an array as `Double`.
  func doubles(count: Int? = nil) throws(TernError) -> [Double] { try numbers(count: count).map(\.double) }

  /// The numbers of an array, all of them whole and in a range.
  func integers(
    count: Int? = nil, in range: ClosedRange<Int> = Int(Int32.min)...Int(Int32.max)
  ) throws(TernError) -> [Int] {
    var result: [Int] = []
    let values = try numbers(count: count)
    result.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let whole = Int(exactly: value.double), range.contains(whole) else {
        throw Located(value: .number(value), path: "\(path)[\(index)]", file: file).error(
          "is not a whole number in range", expected: "\(range.lowerBound) to \(range.upperBound)")
      }
      result.append(whole)
    }
    return result
  }
}
