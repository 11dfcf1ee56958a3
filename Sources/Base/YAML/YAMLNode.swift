/// A value of a YAML document: a scalar, a sequence or a mapping, each with the place where it stands.
public indirect enum YAMLNode: Equatable, Sendable {
  /// A single value.
  case scalar(YAMLScalar)
  /// A list of values.
  case sequence(YAMLSequence)
  /// Keys and their values, in the order of the document.
  case mapping(YAMLMapping)

  /// The scalar, or nil when the node is a list or a mapping.
  public var scalar: YAMLScalar? { if case .scalar(let scalar) = self { scalar } else { nil } }
  /// The sequence, or nil when the node is something else.
  public var sequence: YAMLSequence? { if case .sequence(let sequence) = self { sequence } else { nil } }
  /// The mapping, or nil when the node is something else.
  public var mapping: YAMLMapping? { if case .mapping(let mapping) = self { mapping } else { nil } }

  /// Where the node begins; nil for a node that no document holds.
  public var mark: YAMLMark? {
    switch self {
    case .scalar(let scalar): scalar.mark
    case .sequence(let sequence): sequence.mark
    case .mapping(let mapping): mapping.mark
    }
  }
}

/// A place in a document.
public struct YAMLMark: Hashable, Sendable {
  /// Line, counted from one.
  public var line: Int
  /// Column in characters, counted from one.
  public var column: Int

  /// Creates a place.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// A single value as text; what it means is decided by the type that is asked for (`YAMLScalar+Resolution`).
public struct YAMLScalar: Equatable, Sendable {
  /// The text after unescaping and folding.
  public var text: String
  /// Whether it stood without quotes and not as a block, so that `null`, `true` and numbers mean what they say.
  public var isPlain: Bool
  /// Where it begins.
  public var mark: YAMLMark?

  /// Creates a scalar.
  public init(_ text: String, isPlain: Bool = true, mark: YAMLMark? = nil) {
    self.text = text
    self.isPlain = isPlain
    self.mark = mark
  }
}

/// A list of values.
public struct YAMLSequence: Equatable, Sendable {
  /// The values in order.
  public var items: [YAMLNode]
  /// Where it begins.
  public var mark: YAMLMark?

  /// Creates a list.
  public init(_ items: [YAMLNode] = [], mark: YAMLMark? = nil) {
    self.items = items
    self.mark = mark
  }
}

/// Keys and values in the order of the document. A parsed mapping holds every key once.
public struct YAMLMapping: Equatable, Sendable {
  /// A key and its value.
  public struct Entry: Equatable, Sendable {
    /// The key.
    public var key: YAMLScalar
    /// The value.
    public var value: YAMLNode

    /// Creates an entry.
    public init(key: YAMLScalar, value: YAMLNode) {
      self.key = key
      self.value = value
    }
  }

  /// The entries in order.
  public private(set) var entries: [Entry]
  /// Where it begins.
  public var mark: YAMLMark?
  private var positions: [String: Int]

  /// Creates a mapping; of entries with equal keys the first is found.
  public init(_ entries: [Entry] = [], mark: YAMLMark? = nil) {
    self.entries = entries
    self.mark = mark
    positions = [:]
    positions.reserveCapacity(entries.count)
    for (position, entry) in entries.enumerated() where positions[entry.key.text] == nil {
      positions[entry.key.text] = position
    }
  }

  /// The entry of a key.
  public func entry(_ key: String) -> Entry? { positions[key].map { entries[$0] } }

  /// The value of a key; a value set for a new key is appended, and one set to nil leaves the mapping as it is.
  public subscript(key: String) -> YAMLNode? {
    get { positions[key].map { entries[$0].value } }
    set {
      guard let newValue else { return }
      if let position = positions[key] {
        entries[position].value = newValue
      } else {
        positions[key] = entries.count
        entries.append(Entry(key: YAMLScalar(key), value: newValue))
      }
    }
  }

  /// Whether both hold equal entries in the same order, at the same place.
  public static func == (a: YAMLMapping, b: YAMLMapping) -> Bool {
    a.entries == b.entries && a.mark == b.mark
  }
}
