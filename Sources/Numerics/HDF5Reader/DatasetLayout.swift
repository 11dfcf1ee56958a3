import Diagnostics

/// Where the elements of a one-dimensional dataset lie and what was done to them.
struct DatasetLayout {
  /// Where the chunks are.
  enum Storage {
    /// One run of bytes without filters; no address where there are no elements.
    case contiguous(address: UInt64)
    /// A single chunk.
    case single(address: UInt64, size: Int, mask: UInt32)
    /// A fixed array of chunks.
    case array(FixedArray)
  }

  /// A step between elements and stored bytes.
  enum Filter: Equatable {
    /// Bytes of equal significance together.
    case shuffle
    /// zlib.
    case deflate
  }

  let element: StoredType
  /// Number of elements.
  let count: Int
  /// Elements of every chunk, the last included.
  let chunk: Int
  let filters: [Filter]
  let storage: Storage

  /// Elements of 8 bytes are what is read here.
  static let elementSize = 8

  /// Reads a dataset's header.
  /// - Throws: `TernError` of kind `data` for anything but one dimension of 64-bit numbers in a known layout.
  init(of object: String, at address: UInt64, in metadata: Metadata) throws(TernError) {
    let file = metadata.source.path
    let header = try metadata.header(at: address)
    guard let space = try header.single(.dataspace), let type = try header.single(.datatype),
      var layout = try header.single(.layout)
    else { throw TernError(.data, "is not a dataset", file: file, key: object) }
    guard let element = try StoredType(type), element == .int64 || element == .float64 else {
      throw TernError(
        .data, "holds another element type", file: file, key: object, expected: "int64 or float64")
    }
    guard case .simple(let extents) = try Extents(space), extents.count == 1,
      extents[0] <= UInt64(Int.max / 1024)
    else { throw TernError(.data, "has another shape", file: file, key: object, expected: "one dimension") }
    self.element = element
    count = Int(extents[0])
    var filters: [Filter] = []
    if let message = try header.single(.filters) { filters = try DatasetLayout.filters(message) }
    let version = try layout.byte()
    guard version == 3 || version == 4 else { throw layout.damaged("version \(version)") }
    switch try layout.byte() {
    case 1:
      guard filters.isEmpty else { throw layout.damaged("filters without chunks") }
      let address = try layout.unsigned(8)
      let size = try layout.unsigned(8)
      guard size == UInt64(count) * UInt64(DatasetLayout.elementSize) || (count == 0 && size == 0) else {
        throw layout.damaged("\(size) bytes", expected: "\(count) elements")
      }
      chunk = max(1, min(count, 1 << 16))
      self.filters = []
      storage = .contiguous(address: address)
      if count > 0 {
        let offset = try metadata.offset(of: address)
        guard count <= (metadata.source.size - offset) / DatasetLayout.elementSize else {
          throw layout.damaged("\(count) elements beyond the end of the file")
        }
      }
    case 2 where version == 4:
      let flags = try layout.byte()
      // Bit 0 would leave partial chunks unfiltered.
      guard flags & ~2 == 0 else { throw layout.damaged("flags \(flags)") }
      try layout.expect(2, "the number of dimensions")
      let width = Int(try layout.byte())
      guard (1...8).contains(width) else { throw layout.damaged("a width of \(width)") }
      let rows = try layout.count(
        width, atMost: Metadata.Limit.chunk / DatasetLayout.elementSize, "a chunk's length")
      guard rows >= 1, count >= 1 else { throw layout.damaged("chunks of \(rows) for \(count) elements") }
      guard try layout.unsigned(width) == UInt64(DatasetLayout.elementSize) else {
        throw layout.damaged("another size of elements")
      }
      chunk = rows
      self.filters = filters
      let chunks = (count - 1) / rows + 1
      let plain = rows * DatasetLayout.elementSize
      switch try layout.byte() {
      case 1:
        guard chunks == 1 else { throw layout.damaged("one chunk of \(rows) for \(count) elements") }
        guard (flags & 2 != 0) == !filters.isEmpty else { throw layout.damaged("flags \(flags)") }
        var size = plain
        var mask: UInt32 = 0
        if flags & 2 != 0 {
          size = try layout.count(8, atMost: 2 * plain + 1024, "a chunk's size")
          mask = UInt32(truncatingIfNeeded: try layout.unsigned(4))
        }
        storage = .single(address: try layout.unsigned(8), size: size, mask: mask)
      case 3:
        let pageBits = try layout.byte()
        storage = .array(
          try FixedArray(
            at: try layout.unsigned(8), chunks: chunks, plainSize: plain, isFiltered: !filters.isEmpty,
            pageBits: pageBits, in: metadata))
      case let index: throw layout.damaged("a chunk index of type \(index)")
      }
    case let kind: throw layout.damaged("storage of class \(kind)")
    }
  }

  /// A filter pipeline message, version 2 (IV.A.2.l).
  private static func filters(_ message: FieldReader) throws(TernError) -> [Filter] {
    var fields = message
    try fields.expect(2, "version")
    let count = Int(try fields.byte())
    guard count <= Metadata.Limit.filters else { throw fields.damaged("\(count) filters") }
    var filters: [Filter] = []
    for _ in 0..<count {
      let identifier = try fields.unsigned(2)
      let nameLength = identifier < 256 ? 0 : Int(try fields.unsigned(2))
      try fields.skip(2)
      let values = Int(try fields.unsigned(2))
      try fields.skip(nameLength)
      var first: UInt64?
      for index in 0..<values {
        let value = try fields.unsigned(4)
        if index == 0 { first = value }
      }
      switch identifier {
      case 1: filters.append(.deflate)
      case 2:
        guard first == nil || first == UInt64(elementSize) else {
          throw fields.damaged("a shuffle of other elements")
        }
        filters.append(.shuffle)
      default: throw fields.damaged("filter \(identifier)", expected: "shuffle (2) and deflate (1)")
      }
    }
    guard
      filters.isEmpty || filters == [.deflate] || filters == [.shuffle] || filters == [.shuffle, .deflate]
    else {
      throw fields.damaged("filters \(filters)", expected: "shuffle, then deflate")
    }
    return filters
  }
}
