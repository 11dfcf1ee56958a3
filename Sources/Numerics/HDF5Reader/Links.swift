import Diagnostics

/// The names in a group.
enum Links {
  /// Address of the object that a path leads to from the root.
  /// - Throws: `TernError` of kind `data` when there is no such object.
  static func resolve(_ path: String, in metadata: Metadata) throws(TernError) -> UInt64 {
    let parts = path.split(separator: "/")
    guard parts.count <= Metadata.Limit.depth else {
      throw TernError(.data, "the path is too deep", file: metadata.source.path, key: path)
    }
    var address = metadata.root
    for part in parts {
      let links = try entries(of: address, in: metadata)
      guard let link = links.first(where: { $0.name == part }) else {
        throw TernError(.data, "there is no such object", file: metadata.source.path, key: path)
      }
      guard let target = link.address else {
        throw TernError(.data, "is a soft or external link", file: metadata.source.path, key: path)
      }
      address = target
    }
    return address
  }

  /// The links of the group whose header lies at an address; no address for links that are not hard.
  static func entries(
    of address: UInt64, in metadata: Metadata
  ) throws(TernError) -> [(name: String, address: UInt64?)] {
    let header = try metadata.header(at: address)
    try header.refuseDense(.linkInfo)
    var entries: [(name: String, address: UInt64?)] = []
    for message in header.messages where message.kind == .link {
      let entry = try link(message.fields)
      guard !entries.contains(where: { $0.name == entry.name }) else {
        throw message.fields.damaged("the name \(entry.name) twice")
      }
      entries.append(entry)
    }
    return entries
  }

  /// A link message, version 1 (IV.A.2.g).
  private static func link(_ message: FieldReader) throws(TernError) -> (name: String, address: UInt64?) {
    var fields = message
    try fields.expect(1, "version")
    let flags = try fields.byte()
    let type = flags & 8 != 0 ? try fields.byte() : 0
    if flags & 4 != 0 { try fields.skip(8) }
    if flags & 0x10 != 0 { try fields.skip(1) }
    let length = try fields.count(1 << Int(flags & 3), atMost: 1 << 16, "a name's length")
    let name = try fields.text(length)
    return (name, type == 0 ? try fields.unsigned(8) : nil)
  }
}
