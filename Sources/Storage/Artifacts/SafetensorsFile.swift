import Diagnostics

/// A safetensors file, memory-mapped: opening checks the whole header, and tensors are read where they lie.
///
/// Checked on opening: the header's length against the file, UTF-8, duplicate names, element types, offsets
/// against shapes with overflow checks, and that the tensors cover the data without holes or overlaps.
/// A mapped file must not be truncated while it is open; registry objects are immutable and never are.
public final class SafetensorsFile: Sendable {
  /// The path, or the name given for bytes in memory.
  public let path: String
  /// The names of the tensors in the order of their data.
  public let names: [String]
  /// The `__metadata__` strings.
  public let metadata: [String: String]

  private let storage: MappedBytes
  private let dataStart: Int
  private let entries: [String: Entry]

  private struct Entry: Sendable {
    var type: TensorElementType
    var shape: [Int]
    var range: Range<Int>
  }

  /// Maps a file and checks it.
  /// - Throws: `TernError` of kind `data` naming the file and the tensor.
  public convenience init(path: String) throws(TernError) {
    try self.init(storage: try MappedBytes(file: path), path: path)
  }

  /// Checks a file held in memory; `name` stands for the path in errors.
  /// - Throws: `TernError` of kind `data`.
  public convenience init(bytes: [UInt8], named name: String) throws(TernError) {
    try self.init(storage: bytes.withUnsafeBytes { MappedBytes(copying: $0) }, path: name)
  }

  private init(storage: MappedBytes, path: String) throws(TernError) {
    let header: SafetensorsHeader
    do throws(TernError) {
      header = try SafetensorsHeader(parsing: storage.bytes)
    } catch {
      throw error.inFile(path)
    }
    self.path = path
    self.storage = storage
    names = header.entries.map(\.name)
    metadata = header.metadata
    dataStart = header.dataStart
    var entries: [String: Entry] = [:]
    for entry in header.entries {
      entries[entry.name] = Entry(type: entry.type, shape: entry.shape, range: entry.range)
    }
    self.entries = entries
  }

  /// Whether a tensor of this name is present.
  public func contains(_ name: String) -> Bool { entries[name] != nil }

  /// The extents of a tensor.
  public func shape(of name: String) throws(TernError) -> [Int] { try entry(name).shape }

  /// The element type of a tensor.
  public func elementType(of name: String) throws(TernError) -> TensorElementType { try entry(name).type }

  /// A tensor of a given element type.
  ///
  /// No bytes are copied unless a foreign writer left them at an address that the type does not allow.
  /// - Throws: `TernError` of kind `data` when the name is absent or the element type is another.
  public func view<Element: TensorElement>(
    _ name: String, as type: Element.Type = Element.self
  ) throws(TernError) -> TensorView<Element> {
    let entry = try entry(name)
    guard entry.type == Element.tensorElementType else {
      throw TernError(
        .data, "has another element type", file: path, key: name, found: entry.type.rawValue,
        expected: Element.tensorElementType.rawValue)
    }
    var owner = storage
    var range = entry.range.lowerBound + dataStart..<entry.range.upperBound + dataStart
    if range.lowerBound % MemoryLayout<Element>.alignment != 0 {
      owner = MappedBytes(copying: UnsafeRawBufferPointer(rebasing: storage.bytes[range]))
      range = 0..<range.count
    }
    let bytes = UnsafeRawBufferPointer(rebasing: owner.bytes[range])
    return TensorView(shape: entry.shape, elements: bytes.assumingMemoryBound(to: Element.self), owner: owner)
  }

  /// A 32-bit floating-point tensor.
  public func float32(_ name: String) throws(TernError) -> TensorView<Float> { try view(name) }
  /// A 64-bit floating-point tensor.
  public func float64(_ name: String) throws(TernError) -> TensorView<Double> { try view(name) }
  /// A signed 32-bit integer tensor.
  public func int32(_ name: String) throws(TernError) -> TensorView<Int32> { try view(name) }
  /// A signed 64-bit integer tensor.
  public func int64(_ name: String) throws(TernError) -> TensorView<Int64> { try view(name) }
  /// An unsigned 8-bit integer tensor.
  public func uint8(_ name: String) throws(TernError) -> TensorView<UInt8> { try view(name) }

  /// A copy of a tensor of any type that `NamedTensor` holds.
  /// - Throws: `TernError` of kind `data` when the name is absent or the element type has no counterpart.
  public func tensor(_ name: String) throws(TernError) -> NamedTensor {
    let entry = try entry(name)
    switch entry.type {
    case .float32: return NamedTensor(name, shape: entry.shape, .float32(try float32(name).array))
    case .float64: return NamedTensor(name, shape: entry.shape, .float64(try float64(name).array))
    case .int32: return NamedTensor(name, shape: entry.shape, .int32(try int32(name).array))
    case .int64: return NamedTensor(name, shape: entry.shape, .int64(try int64(name).array))
    case .uint8: return NamedTensor(name, shape: entry.shape, .uint8(try uint8(name).array))
    default:
      throw TernError(
        .data, "has an element type that is not read here", file: path, key: name, found: entry.type.rawValue,
        expected: "F32, F64, I32, I64 or U8")
    }
  }

  private func entry(_ name: String) throws(TernError) -> Entry {
    guard let entry = entries[name] else {
      let near = nearestName(to: name, among: names).map { "did you mean \($0)?" }
      throw TernError(.data, "there is no such tensor", file: path, key: name, expected: near)
    }
    return entry
  }
}
