import Diagnostics
import ONNX

/// What of an ONNX file matters to a forest: one operator with its attributes, the names of the others, and metadata.
struct ONNXGraph {
  /// Values of an attribute.
  struct Attribute {
    var integers: [Int64] = []
    var floats: [Float] = []
    /// Values of a 64-bit tensor.
    var doubles: [Double] = []
    var strings: [String] = []
  }

  private(set) var operators: [String] = []
  private(set) var ensemble = ""
  private(set) var attributes: [String: Attribute] = [:]
  private(set) var metadata: [String: String] = [:]
  /// Columns of the first input, if its shape says it.
  private(set) var width: Int?
  private let file: String?

  /// Reads a ModelProto.
  init(_ bytes: [UInt8], file: String?) throws(TernError) {
    self.file = file
    var reader = ProtobufReader(bytes[...], file: file)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (7, .bytes(let graph)): try readGraph(graph)
      case (14, .bytes(let entry)):
        let (key, text) = try pair(entry)
        metadata[key] = text
      default: break
      }
    }
    guard !ensemble.isEmpty else {
      throw TernError(
        .data, "has no ensemble of trees", file: file, key: "graph.node",
        found: operators.prefix(8).joined(separator: ", "),
        expected: "TreeEnsembleRegressor or TreeEnsembleClassifier")
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private func pair(_ bytes: ArraySlice<UInt8>) throws(TernError) -> (key: String, value: String) {
    var reader = ProtobufReader(bytes, file: file)
    var result = (key: "", value: "")
    while let (field, value) = try reader.next() {
      guard case .bytes(let bytes) = value else { continue }
      if field == 1 { result.key = text(bytes) }
      if field == 2 { result.value = text(bytes) }
    }
    return result
  }

  private mutating func readGraph(_ bytes: ArraySlice<UInt8>) throws(TernError) {
    var reader = ProtobufReader(bytes, file: file)
    while let (field, value) = try reader.next() {
      guard case .bytes(let bytes) = value else { continue }
      if field == 1 { try readNode(bytes) }
      if field == 11, width == nil { width = try columns(bytes) }
    }
  }

  private mutating func readNode(_ bytes: ArraySlice<UInt8>) throws(TernError) {
    var reader = ProtobufReader(bytes, file: file)
    var type = ""
    var found: [String: Attribute] = [:]
    while let (field, value) = try reader.next() {
      guard case .bytes(let bytes) = value else { continue }
      if field == 4 { type = text(bytes) }
      if field == 5 {
        let (name, attribute) = try attribute(bytes)
        found[name] = attribute
      }
    }
    operators.append(type)
    guard type == "TreeEnsembleRegressor" || type == "TreeEnsembleClassifier" else { return }
    guard ensemble.isEmpty else {
      throw TernError(.data, "has more than one ensemble", file: file, key: "graph.node", found: type)
    }
    ensemble = type
    attributes = found
  }

  private func attribute(_ bytes: ArraySlice<UInt8>) throws(TernError) -> (String, Attribute) {
    var reader = ProtobufReader(bytes, file: file)
    var name = ""
    var result = Attribute()
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let bytes)): name = text(bytes)
      case (2, .fixed32(let bits)): result.floats = [Float(bitPattern: bits)]
      case (3, .varint(let one)): result.integers = [Int64(bitPattern: one)]
      case (4, .bytes(let bytes)), (9, .bytes(let bytes)): result.strings.append(text(bytes))
      case (5, .bytes(let tensor)): try read(tensor: tensor, into: &result)
      case (7, _): result.floats += try ProtobufReader.floats(value, file: file)
      case (8, _): result.integers += try ProtobufReader.integers(value, file: file)
      default: break
      }
    }
    return (name, result)
  }

  private func read(tensor: ArraySlice<UInt8>, into result: inout Attribute) throws(TernError) {
    var reader = ProtobufReader(tensor, file: file)
    var type: UInt64 = 0
    var raw: ArraySlice<UInt8> = []
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (2, .varint(let element)): type = element
      case (4, _): result.floats += try ProtobufReader.floats(value, file: file)
      case (9, .bytes(let bytes)): raw = bytes
      case (10, .bytes(let bytes)): result.doubles += try ProtobufReader.doubles(bytes, file: file)
      case (10, .fixed64(let bits)): result.doubles.append(Double(bitPattern: bits))
      default: break
      }
    }
    switch type {
    case 1: result.floats += try ProtobufReader.floats(.bytes(raw), file: file)
    case 11: result.doubles += try ProtobufReader.doubles(raw, file: file)
    default:
      throw TernError(.data, "a tensor of trees is neither float nor double", file: file, found: "\(type)")
    }
  }

  /// The second extent of a ValueInfoProto.
  private func columns(_ bytes: ArraySlice<UInt8>) throws(TernError) -> Int? {
    // type, tensor_type, shape, and then the dimensions.
    var level = bytes
    for wanted in [2, 1, 2] {
      var reader = ProtobufReader(level, file: file)
      var inner: ArraySlice<UInt8>?
      while let (field, value) = try reader.next() {
        if field == wanted, case .bytes(let bytes) = value { inner = bytes }
      }
      guard let inner else { return nil }
      level = inner
    }
    var reader = ProtobufReader(level, file: file)
    var extents: [Int?] = []
    while let (field, value) = try reader.next() {
      guard field == 1, case .bytes(let dimension) = value else { continue }
      var inside = ProtobufReader(dimension, file: file)
      var extent: Int?
      while let (field, value) = try inside.next() {
        if field == 1, case .varint(let number) = value { extent = Int(exactly: number) }
      }
      extents.append(extent)
    }
    return extents.count == 2 ? extents[1] : nil
  }

  /// The values of an attribute, or an error that names it.
  func required(_ name: String) throws(TernError) -> Attribute {
    guard let result = attributes[name] else {
      throw TernError(
        .data, "is missing", file: file, key: "\(ensemble).\(name)",
        found: attributes.keys.sorted().joined(separator: ", "), expected: "an attribute \"\(name)\"")
    }
    return result
  }

  /// Numbers under a name, or under that name with the ending that 64-bit tensors have.
  func numbers(_ name: String) -> (values: [FormatNumber], isDouble: Bool)? {
    if let tensor = attributes[name + "_as_tensor"] {
      return tensor.doubles.isEmpty
        ? (tensor.floats.map { FormatNumber($0) }, false) : (tensor.doubles.map { FormatNumber($0) }, true)
    }
    return attributes[name].map { ($0.floats.map { FormatNumber($0) }, false) }
  }
}
