import Diagnostics
import Files
import YAML

/// A YAML configuration file, with overrides from the command line laid over it.
public struct SettingsDocument {
  /// The file it came from, for messages.
  public let file: String
  private var root: YAMLMapping

  /// Reads a YAML file whose top level is a mapping.
  /// - Throws: `TernError` of kind `configuration` naming file and line.
  public init(path: String) throws(TernError) {
    let bytes: [UInt8]
    do { bytes = try AtomicFile.read(path) } catch {
      throw TernError(.configuration, error.message, file: path)
    }
    try self.init(bytes: bytes, file: path)
  }

  /// Reads a YAML file, or starts empty when none is named, to be filled by `set`.
  public init(optional path: String?) throws(TernError) {
    if let path { try self.init(path: path) } else { try self.init(text: "", file: "--set") }
  }

  /// Reads YAML text; an empty document is an empty mapping.
  public init(text: String, file: String) throws(TernError) {
    try self.init(bytes: Array(text.utf8), file: file)
  }

  /// Reads YAML in UTF-8; an empty document is an empty mapping.
  public init(bytes: [UInt8], file: String) throws(TernError) {
    self.file = file
    let node: YAMLNode?
    do throws(TernError) { node = try YAMLParser().parse(bytes) } catch { throw error.inFile(file) }
    switch node {
    case nil: root = YAMLMapping()
    case .scalar(let scalar) where scalar.isNull || scalar.text.isEmpty: root = YAMLMapping()
    case .mapping(let mapping): root = mapping
    default: throw TernError(.configuration, "must hold a mapping of keys to values", file: file, line: 1)
    }
  }

  /// Lays `key.path=value` over the file; sections on the way are created when missing.
  /// - Throws: `TernError` of kind `usage` when the text has no `=` or an empty key.
  public mutating func set(_ assignment: String) throws(TernError) {
    guard let equals = assignment.firstIndex(of: "=") else {
      throw TernError(.usage, "--set takes key.path=value", found: "\"\(assignment)\"")
    }
    let path = assignment[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard path.allSatisfy({ !$0.isEmpty }) else {
      throw TernError(.usage, "--set takes key.path=value", found: "\"\(assignment)\"")
    }
    let text = String(assignment[assignment.index(after: equals)...])
    let value = (try? YAMLParser().parse(text)).flatMap { $0 } ?? .scalar(YAMLScalar(text))
    root = SettingsDocument.replacing(path[...], in: root, with: SettingsDocument.withoutMarks(value))
  }

  /// The document as a flat list of parameters, for readers that know the names themselves.
  /// - Throws: `TernError` of kind `configuration` when a value is not a single scalar.
  public func scalars() throws(TernError) -> [String: String] {
    var values: [String: String] = [:]
    for entry in root.entries {
      guard let text = entry.value.scalar?.text else {
        throw TernError(
          .configuration, "must be a single value", file: file, line: entry.key.mark?.line,
          key: entry.key.text,
          expected: "a number or a word")
      }
      values[entry.key.text] = text
    }
    return values
  }

  /// Reads the document as a configuration. Types refuse keys they do not know (`Decoder.rejectUnknownKeys`).
  /// - Throws: `TernError` of kind `configuration` naming file, line, key, what was found and what was expected.
  public func decode<Value: Decodable>(_ type: Value.Type) throws(TernError) -> Value {
    do {
      return try YAMLDecoder().decode(type, from: .mapping(root))
    } catch let error as TernError {
      throw located(error)
    } catch let error as DecodingError {
      throw located(explanation(of: error))
    } catch {
      throw TernError(.configuration, "\(error)", file: file)
    }
  }

  /// The error with its file, its line and the text found at its key.
  private func located(_ error: TernError) -> TernError {
    var error = error
    error.kind = .configuration
    error.file = file
    if let key = error.key,
      let place = place(of: key.split(separator: ".").map(String.init)[...], in: .mapping(root), line: nil)
    {
      error.line = place.line
      if error.found == nil { error.found = place.text }
    }
    return error
  }

  /// Line and scalar text of a key path; the line of the deepest key that exists.
  private func place(
    of path: ArraySlice<String>, in node: YAMLNode, line: Int?
  ) -> (line: Int?, text: String?)? {
    guard let key = path.first else { return (line, node.scalar.map { "\"\($0.text)\"" }) }
    switch node {
    case .mapping(let mapping):
      guard let entry = mapping.entry(key) else { break }
      return place(of: path.dropFirst(), in: entry.value, line: entry.key.mark?.line ?? line)
    case .sequence(let sequence):
      guard let position = Int(key), sequence.items.indices.contains(position) else { break }
      let item = sequence.items[position]
      return place(of: path.dropFirst(), in: item, line: item.mark?.line ?? line)
    case .scalar: break
    }
    return line.map { ($0, nil) }
  }

  private func explanation(of error: DecodingError) -> TernError {
    switch error {
    case .dataCorrupted(let context):
      if let inner = context.underlyingError as? TernError {
        var inner = inner
        let path = keyPath(context.codingPath)
        inner.key = [path, inner.key].compactMap { $0 }.joined(separator: ".")
        if inner.key?.isEmpty ?? false { inner.key = nil }
        return inner
      }
      return TernError(.configuration, context.debugDescription, key: keyPath(context.codingPath))
    case .keyNotFound(let key, let context):
      return TernError(.configuration, "is missing", key: keyPath(context.codingPath + [key]))
    case .valueNotFound(let type, let context):
      return TernError(
        .configuration, "has no value", key: keyPath(context.codingPath),
        expected: SettingsDocument.name(of: type))
    case .typeMismatch(let type, let context):
      return TernError(
        .configuration, "does not fit", key: keyPath(context.codingPath),
        expected: SettingsDocument.name(of: type))
    @unknown default: return TernError(.configuration, "\(error)")
    }
  }

  private func keyPath(_ path: [any CodingKey]) -> String? {
    path.isEmpty ? nil : path.map(\.stringValue).joined(separator: ".")
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is any FixedWidthInteger.Type: return "a whole number"
    case is any BinaryFloatingPoint.Type: return "a number"
    case is Bool.Type: return "true or false"
    case is String.Type: return "text"
    case is YAMLMapping.Type: return "keys with values"
    case is YAMLSequence.Type: return "a list"
    default: return "\(type)"
    }
  }

  private static func replacing(
    _ path: ArraySlice<String>, in mapping: YAMLMapping, with value: YAMLNode
  ) -> YAMLMapping {
    guard let key = path.first else { return mapping }
    var mapping = mapping
    let rest = path.dropFirst()
    mapping[key] =
      rest.isEmpty
      ? value : .mapping(replacing(rest, in: mapping[key]?.mapping ?? YAMLMapping(), with: value))
    return mapping
  }

  /// The value of an override, which stands on no line of the file.
  private static func withoutMarks(_ node: YAMLNode) -> YAMLNode {
    switch node {
    case .scalar(let scalar): .scalar(YAMLScalar(scalar.text, isPlain: scalar.isPlain))
    case .sequence(let sequence): .sequence(YAMLSequence(sequence.items.map(withoutMarks)))
    case .mapping(let mapping):
      .mapping(
        YAMLMapping(
          mapping.entries.map {
            YAMLMapping.Entry(
              key: YAMLScalar($0.key.text, isPlain: $0.key.isPlain), value: withoutMarks($0.value))
          }))
    }
  }
}
