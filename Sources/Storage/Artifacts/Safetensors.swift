import Diagnostics
import Files

/// Writing of safetensors files, byte for byte as the reference implementation does.
public enum Safetensors {
  /// The bytes of a file.
  ///
  /// Tensors lie in the reference writer's order (element type, greatest first, then name) whatever order they are
  /// given in; metadata is written in key order; the header is padded with spaces to a multiple of eight bytes.
  /// - Throws: `TernError` of kind `data` when two tensors share a name or one is named `__metadata__`.
  public static func encode(
    tensors: [NamedTensor], metadata: [String: String] = [:]
  ) throws(TernError) -> [UInt8] {
    let ordered = tensors.sorted { a, b in
      a.element.type != b.element.type
        ? a.element.type > b.element.type : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    var names: Set<String> = ["__metadata__"]
    for tensor in ordered {
      guard names.insert(tensor.name).inserted else {
        throw TernError(.data, "a tensor's name is reserved or taken twice", key: tensor.name)
      }
    }
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      members.append(
        "\"__metadata__\":{" + pairs.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",")
          + "}")
    }
    var offset = 0
    for tensor in ordered {
      let end = offset + tensor.element.count * tensor.element.type.size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.element.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: -header.count & 7))
    guard header.count <= SafetensorsHeader.greatestLength else {
      throw TernError(
        .data, "the header is too long", found: "\(header.count) bytes",
        expected: "at most \(SafetensorsHeader.greatestLength)")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header)
    for tensor in ordered { tensor.element.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// Writes a file so that readers see the old content or the new, never a part.
  /// - Throws: `TernError` of kind `temporary` when the disk is full, `data` as `encode`.
  public static func write(
    tensors: [NamedTensor], metadata: [String: String] = [:], to path: String
  ) throws(TernError) {
    let bytes: [UInt8]
    do throws(TernError) {
      bytes = try encode(tensors: tensors, metadata: metadata)
    } catch {
      throw error.inFile(path)
    }
    try AtomicFile.write(bytes, to: path)
  }

  /// A JSON string with the escapes that serde_json chooses.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
