import Diagnostics

/// Reads one YAML document into nodes, within limits.
///
/// The syntax is libyaml's (YAML 1.1, of which every configuration here is a common subset with 1.2). Refused, because
/// a configuration is safer without them: aliases and anchors (a few lines can expand to gigabytes), tags other than
/// `!!str`, keys that are not scalars, a key that stands twice, more than one document.
public struct YAMLParser: Sendable {
  /// How much a document may hold.
  public struct Limits: Equatable, Sendable {
    /// Bytes of text; default 16 MiB.
    public var bytes = 1 << 24
    /// Collections inside each other; default 64.
    public var depth = 64
    /// Scalars, sequences and mappings together; default 1,000,000.
    public var nodes = 1_000_000

    /// The default limits.
    public init() {}
  }

  /// The limits in force.
  public var limits: Limits

  /// Creates a parser.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Parses UTF-8 text; nil when it holds no document or an empty one.
  /// - Throws: `TernError` of kind `configuration` naming line and key path.
  public func parse(_ text: String) throws(TernError) -> YAMLNode? { try parse(Array(text.utf8)) }

  /// Parses UTF-8 bytes; nil when they hold no document or an empty one.
  /// - Throws: `TernError` of kind `configuration` naming line and key path.
  public func parse(_ bytes: [UInt8]) throws(TernError) -> YAMLNode? {
    guard bytes.count <= limits.bytes else {
      throw TernError(
        .configuration, "is too large", found: "\(bytes.count) bytes", expected: "at most \(limits.bytes)")
    }
    let result: Result<YAMLNode?, TernError> = bytes.withUnsafeBufferPointer { buffer in
      do throws(TernError) {
        var events = try EventReader(buffer)
        var composer = Composer(limits: limits)
        return .success(try composer.document(&events))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// Builds nodes from events.
private struct Composer {
  let limits: YAMLParser.Limits
  var nodes = 0

  mutating func document(_ events: inout EventReader) throws(TernError) -> YAMLNode? {
    var root: YAMLNode?
    var documents = 0
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return root
      case .documentStart:
        documents += 1
        guard documents == 1 else {
          throw TernError(.configuration, "must hold one document, not several", line: event.mark.line)
        }
      case .scalar(let scalar): root = try leaf(scalar, event, path: [])
      case .sequenceStart, .mappingStart: root = try collection(event, &events, path: [])
      case .ignored, .end: break
      }
    }
  }

  private mutating func node(
    _ event: EventReader.Event, _ events: inout EventReader, path: [String]
  ) throws(TernError) -> YAMLNode? {
    switch event.kind {
    case .scalar(let scalar): try leaf(scalar, event, path: path)
    case .sequenceStart, .mappingStart: try collection(event, &events, path: path)
    default: nil
    }
  }

  private mutating func leaf(
    _ scalar: YAMLScalar, _ event: EventReader.Event, path: [String]
  ) throws(TernError) -> YAMLNode {
    try count(event, path)
    return .scalar(scalar)
  }

  private mutating func collection(
    _ start: EventReader.Event, _ events: inout EventReader, path: [String]
  ) throws(TernError) -> YAMLNode {
    try count(start, path)
    guard path.count < limits.depth else {
      throw TernError(
        .configuration, "nests too deeply", line: start.mark.line, expected: "at most \(limits.depth) levels")
    }
    if case .sequenceStart = start.kind {
      var items: [YAMLNode] = []
      while let item = try node(try events.next(), &events, path: path + ["\(items.count)"]) {
        items.append(item)
      }
      return .sequence(YAMLSequence(items, mark: start.mark))
    }
    var entries: [YAMLMapping.Entry] = []
    var seen: Set<String> = []
    while true {
      let event = try events.next()
      if case .end = event.kind { break }
      guard case .scalar(let key) = event.kind else {
        throw refusal("has a key that is not a single value", event, path)
      }
      try count(event, path)
      let keyPath = path + [key.text]
      guard seen.insert(key.text).inserted else { throw refusal("stands twice", event, keyPath) }
      guard let value = try node(try events.next(), &events, path: keyPath) else {
        throw refusal("has no value", event, keyPath)
      }
      entries.append(YAMLMapping.Entry(key: key, value: value))
    }
    return .mapping(YAMLMapping(entries, mark: start.mark))
  }

  private mutating func count(_ event: EventReader.Event, _ path: [String]) throws(TernError) {
    nodes += 1
    if event.hasAnchor { throw refusal("has an anchor; write the value out instead", event, path) }
    if let tag = event.tag { throw refusal("has the tag \(tag), which is not supported", event, path) }
    guard nodes <= limits.nodes else {
      throw TernError(
        .configuration, "holds too many values", line: event.mark.line, expected: "at most \(limits.nodes)")
    }
  }

  private func refusal(_ message: String, _ event: EventReader.Event, _ path: [String]) -> TernError {
    TernError(
      .configuration, message, line: event.mark.line, key: path.isEmpty ? nil : path.joined(separator: "."))
  }
}
