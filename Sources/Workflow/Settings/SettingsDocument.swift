import Diagnostics
import Files
import Yams

/// A YAML configuration file, with overrides from the command line laid over it.
public struct SettingsDocument {
  /// The file it came from, for messages.
  public let file: String
  private var root: Node

  /// Reads a YAML file whose top level is a mapping.
  /// - Throws: `TernError` of kind `configuration` naming file and line.
  public init(path: String) throws(TernError) {
    let bytes: [UInt8]
    do { bytes = try AtomicFile.read(path) } catch {
      throw TernError(.configuration, error.message, file: path)
    }
    try self.init(text: String(decoding: bytes, as: UTF8.self), file: path)
  }

  /// Reads a YAML file, or starts empty when none is named, to be filled by `set`.
  public init(optional path: String?) throws(TernError) {
    if let path { try self.init(path: path) } else { try self.init(text: "", file: "--set") }
  }

  /// Reads YAML text; an empty document is an empty mapping.
  public init(text: String, file: String) throws(TernError) {
    self.file = file
    do {
      root = try Yams.compose(yaml: text) ?? Node([(Node, Node)]())
    } catch let error as YamlError {
      throw TernError(
        .configuration, "is not valid YAML: \(SettingsDocument.problem(error))", file: file,
        line: SettingsDocument.line(error))
    } catch {
      throw TernError(.configuration, "is not valid YAML: \(error)", file: file)
    }
    if case .scalar(let scalar) = root, scalar.string.isEmpty { root = Node([(Node, Node)]()) }
    guard case .mapping = root else {
      throw TernError(.configuration, "must hold a mapping of keys to values", file: file, line: 1)
    }
    try SettingsDocument.rejectDuplicateKeys(in: root, file: file, path: "")
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
    let value = (try? Yams.compose(yaml: text)).flatMap { $0 } ?? Node(text)
    root = SettingsDocument.replacing(path[...], in: root, with: value)
  }

  /// The document as a flat list of parameters, for readers that know the names themselves.
  /// - Throws: `TernError` of kind `configuration` when a value is not a single scalar.
  public func scalars() throws(TernError) -> [String: String] {
    var values: [String: String] = [:]
    for (key, node) in root.mapping ?? [:] {
      let name = key.scalar?.string ?? ""
      guard let text = node.scalar?.string else {
        throw TernError(
          .configuration, "must be a single value", file: file, line: key.mark?.line, key: name,
          expected: "a number or a word")
      }
      values[name] = text
    }
    return values
  }

  /// Reads the document as a configuration. Types refuse keys they do not know (`Decoder.rejectUnknownKeys`).
  /// - Throws: `TernError` of kind `configuration` naming file, line, key, what was found and what was expected.
  public func decode<Value: Decodable>(_ type: Value.Type) throws(TernError) -> Value {
    do {
      return try YAMLDecoder().decode(type, from: root)
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
      let place = place(of: key.split(separator: ".").map(String.init)[...], in: root, mark: nil)
    {
      error.line = place.line
      if error.found == nil { error.found = place.text }
    }
    return error
  }

  /// Line and scalar text of a key path; the line of the deepest key that exists.
  private func place(
    of path: ArraySlice<String>, in node: Node, mark: Int?
  ) -> (line: Int?, text: String?)? {
    guard let key = path.first else { return (mark, node.scalar.map { "\"\($0.string)\"" }) }
    guard let (name, child) = node.mapping?.first(where: { $0.key.scalar?.string == key }) else {
      return mark.map { ($0, nil) }
    }
    return place(of: path.dropFirst(), in: child, mark: name.mark?.line ?? mark)
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
    case is Int.Type, is UInt64.Type, is Int64.Type: return "a whole number"
    case is Double.Type, is Float.Type: return "a number"
    case is Bool.Type: return "true or false"
    case is String.Type: return "text"
    default: return "\(type)"
    }
  }

  private static func replacing(_ path: ArraySlice<String>, in node: Node, with value: Node) -> Node {
    guard let key = path.first else { return value }
    var mapping = node.mapping ?? Node.Mapping([])
    let child = mapping[Node(key)] ?? Node([(Node, Node)]())
    mapping[Node(key)] = replacing(path.dropFirst(), in: child, with: value)
    return .mapping(mapping)
  }

  private static func rejectDuplicateKeys(in node: Node, file: String, path: String) throws(TernError) {
    if case .sequence(let sequence) = node {
      for child in sequence { try rejectDuplicateKeys(in: child, file: file, path: path) }
    }
    guard case .mapping(let mapping) = node else { return }
    var seen: Set<String> = []
    for (key, child) in mapping {
      let name = key.scalar?.string ?? ""
      let full = path.isEmpty ? name : "\(path).\(name)"
      guard seen.insert(name).inserted else {
        throw TernError(.configuration, "stands twice", file: file, line: key.mark?.line, key: full)
      }
      try rejectDuplicateKeys(in: child, file: file, path: full)
    }
  }

  private static func problem(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
      return problem
    default: return "\(error)"
    }
  }

  private static func line(_ error: YamlError) -> Int? {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      return mark.line
    default: return nil
    }
  }
}
