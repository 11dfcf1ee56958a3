import Diagnostics
import Yams

/// One section of a configuration, read key by key. Keys that nobody read are an error, with the nearest known one.
public final class Settings {
  private let mapping: Node.Mapping
  private let path: String
  private let file: String
  private var known: [String] = []
  private var sections: [Settings] = []

  init(node: Node, path: String, file: String) {
    mapping = node.mapping ?? Node.Mapping([])
    self.path = path
    self.file = file
  }

  /// The value of a key, or `fallback` when the key is absent.
  /// - Throws: `TernError` of kind `configuration` when the text does not fit the type.
  public func value<Value: SettingValue>(_ key: String, default fallback: Value) throws(TernError) -> Value {
    try optional(key, as: Value.self) ?? fallback
  }

  /// The value of a key, or nil when the key is absent or `null`.
  public func optional<Value: SettingValue>(_ key: String, as type: Value.Type) throws(TernError) -> Value? {
    known.append(key)
    guard let node = mapping[Node(key)] else { return nil }
    if let scalar = node.scalar, scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return nil }
    guard let value = Value(setting: node) else {
      throw error("does not fit", key: key, node: node, expected: Value.expectation)
    }
    return value
  }

  /// The value of a key that must be there.
  public func required<Value: SettingValue>(_ key: String, as type: Value.Type) throws(TernError) -> Value {
    guard let value = try optional(key, as: type) else {
      throw TernError(
        .configuration, "is missing", file: file, key: fullKey(key), expected: Value.expectation)
    }
    return value
  }

  /// A value that must be one of a closed list of names.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) throws(TernError) -> Choice where Choice.RawValue == String {
    guard let text = try optional(key, as: String.self) else { return fallback }
    guard let choice = Choice(rawValue: text) else {
      let names = Choice.allCases.map(\.rawValue)
      let hint = nearestName(to: text, among: names).map { "; did you mean \($0)?" } ?? ""
      throw error(
        "is not a known choice\(hint)", key: key, node: mapping[Node(key)],
        expected: "one of \(names.joined(separator: ", "))")
    }
    return choice
  }

  /// A number that must lie in a range.
  public func number(
    _ key: String, default fallback: Double, in range: ClosedRange<Double>
  ) throws(TernError) -> Double {
    let value = try value(key, default: fallback)
    guard range.contains(value) else {
      throw error(
        "is out of range", key: key, node: mapping[Node(key)],
        expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A whole number that must lie in a range.
  public func integer(
    _ key: String, default fallback: Int, in range: ClosedRange<Int>
  ) throws(TernError) -> Int {
    let value = try value(key, default: fallback)
    guard range.contains(value) else {
      let bounds =
        range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
      throw error("is out of range", key: key, node: mapping[Node(key)], expected: bounds)
    }
    return value
  }

  /// A nested section; an absent one is empty.
  /// - Throws: `TernError` of kind `configuration` when the key holds something else.
  public func section(_ key: String) throws(TernError) -> Settings {
    known.append(key)
    let node = mapping[Node(key)]
    if let node, node.mapping == nil, !(node.scalar?.string.isEmpty ?? false) {
      throw error("must be a section", key: key, node: node, expected: "a mapping of keys to values")
    }
    let section = Settings(node: node ?? Node([(Node, Node)]()), path: fullKey(key), file: file)
    sections.append(section)
    return section
  }

  /// Every key of this section with its scalar text, in file order, for parameters that another reader checks.
  public func scalars() throws(TernError) -> [(key: String, value: String)] {
    var pairs: [(key: String, value: String)] = []
    for (key, node) in mapping {
      let name = key.scalar?.string ?? ""
      known.append(name)
      guard let text = node.scalar?.string else {
        throw error("must be a single value", key: name, node: node, expected: "a number or a word")
      }
      pairs.append((name, text))
    }
    return pairs
  }

  /// Rejects every key that was not read, here and in all sections read from here.
  /// - Throws: `TernError` of kind `configuration` naming the line and the nearest known key.
  public func finish() throws(TernError) {
    for (key, _) in mapping {
      let name = key.scalar?.string ?? ""
      guard !known.contains(name) else { continue }
      let hint = nearestName(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .configuration, "is not a known key\(hint)", file: file, line: key.mark?.line, key: fullKey(name),
        expected: "one of \(known.sorted().joined(separator: ", "))")
    }
    for section in sections { try section.finish() }
  }

  /// An error about one key of this section, naming its line.
  public func complaint(_ message: String, key: String, expected: String? = nil) -> TernError {
    error(message, key: key, node: mapping[Node(key)], expected: expected)
  }

  private func fullKey(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func error(_ message: String, key: String, node: Node?, expected: String?) -> TernError {
    TernError(
      .configuration, message, file: file, line: node?.mark?.line, key: fullKey(key),
      found: node.map { $0.scalar.map { "\"\($0.string)\"" } ?? "a \($0.mapping == nil ? "list" : "mapping")" },
      expected: expected)
  }
}
