import Diagnostics

/// The messages of one object header, version 2 (HDF5 File Format Specification 3.0, IV.A.1.b).
struct ObjectHeader {
  /// What a message says.
  enum Kind: UInt8 {
    case dataspace = 0x01
    case linkInfo = 0x02
    case datatype = 0x03
    case link = 0x06
    case layout = 0x08
    case filters = 0x0b
    case attribute = 0x0c
    case attributeInfo = 0x15
  }

  private(set) var messages: [(kind: Kind, fields: FieldReader)] = []
  /// Bytes of the header and its continuations.
  private(set) var size = 0
  private let file: String

  /// Reads a header with its continuation blocks.
  init(at address: UInt64, in metadata: Metadata) throws(TernError) {
    file = metadata.source.path
    let subject = "the object header at \(address)"
    var start = FieldReader(
      try metadata.bytes(at: address, count: 6), file: file, subject: subject)
    try start.expect(signature: "OHDR")
    try start.expect(2, "version")
    let flags = try start.byte()
    let sizeWidth = 1 << Int(flags & 3)
    let prefix = 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    var sizeField = FieldReader(
      try metadata.bytes(at: address, count: prefix + sizeWidth), file: file, subject: subject)
    try sizeField.skip(prefix)
    let size = try sizeField.count(sizeWidth, atMost: Metadata.Limit.header, "a size")
    let whole = try metadata.bytes(at: address, count: prefix + sizeWidth + size + 4)
    try Metadata.verify(whole, file: file, subject: subject)
    var fields = FieldReader(whole, file: file, subject: subject)
    try fields.skip(prefix + sizeWidth)
    var blocks = [try fields.block(size, subject)]
    var total = size
    var next = 0
    while next < blocks.count {
      var block = blocks[next]
      next += 1
      while let (address, length) = try read(&block, hasOrder: flags & 4 != 0) {
        guard blocks.count <= Metadata.Limit.continuations, length >= 8,
          length <= Metadata.Limit.header - total
        else { throw block.damaged("too many or too long continuations") }
        total += length
        let subject = "the continuation at \(address)"
        let bytes = try metadata.bytes(at: address, count: length)
        try Metadata.verify(bytes, file: file, subject: subject)
        var continuation = FieldReader(bytes, file: file, subject: subject)
        try continuation.expect(signature: "OCHK")
        blocks.append(try continuation.block(length - 8, subject))
      }
    }
    self.size = total
  }

  /// Takes in the messages of a block up to a continuation, which is returned, or to the block's end.
  private mutating func read(
    _ block: inout FieldReader, hasOrder: Bool
  ) throws(TernError) -> (address: UInt64, length: Int)? {
    let prefix = hasOrder ? 6 : 4
    // Less than a message's own header at the end is a gap.
    while block.remaining >= prefix {
      let type = try block.byte()
      let size = Int(try block.unsigned(2))
      let flags = try block.byte()
      if hasOrder { try block.skip(2) }
      var fields = try block.block(size, "a message of type \(type)")
      if type == 0x10 {
        let address = try fields.unsigned(8)
        return (address, try fields.count(8, atMost: Metadata.Limit.header, "a length"))
      }
      guard let kind = Kind(rawValue: type) else {
        // Known to carry nothing that matters here, or allowed to be unknown.
        guard flags & 0x80 == 0 else { throw fields.damaged("a message that must be understood") }
        continue
      }
      guard flags & 2 == 0 else { throw fields.damaged("a shared message") }
      guard messages.count < Metadata.Limit.messages else { throw fields.damaged("too many messages") }
      messages.append((kind, fields))
    }
    return nil
  }

  /// The only message of a kind; nil when there is none.
  /// - Throws: `TernError` of kind `data` when there are several.
  func single(_ kind: Kind) throws(TernError) -> FieldReader? {
    var found: FieldReader?
    for message in messages where message.kind == kind {
      guard found == nil else { throw message.fields.damaged("a second message of its kind") }
      found = message.fields
    }
    return found
  }

  /// Refuses links or attributes that lie in a heap of their own: only many of them do.
  func refuseDense(_ kind: Kind) throws(TernError) {
    guard var fields = try single(kind) else { return }
    try fields.expect(0, "version")
    let flags = try fields.byte()
    if flags & 1 != 0 { try fields.skip(kind == .linkInfo ? 8 : 2) }
    guard try fields.unsigned(8) == FieldReader.undefined else {
      throw fields.damaged("dense storage", expected: "at most eight links and attributes of an object")
    }
  }
}
