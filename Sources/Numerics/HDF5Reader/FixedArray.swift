import Diagnostics

/// The index of the chunks of a dataset of fixed extents (HDF5 File Format Specification 3.0, VII.C).
struct FixedArray {
  /// Where a chunk lies.
  struct Entry: Equatable {
    let address: UInt64
    /// Stored bytes.
    let size: Int
    /// A set bit for every filter that was not applied.
    let mask: UInt32
  }

  private let entryCount: Int
  private let entrySize: Int
  private let isFiltered: Bool
  private let plainSize: Int
  private let pageEntries: Int
  /// Address of the first entry, or of the first page.
  private let firstEntry: UInt64
  private let isPaged: Bool
  /// The entries that are in memory: all of them, or those of one page.
  private var entries: [UInt8] = []
  private var loadedPage = -1

  /// Reads the header and the data block's prefix.
  init(
    at address: UInt64, chunks: Int, plainSize: Int, isFiltered: Bool, pageBits: UInt8, in metadata: Metadata
  ) throws(TernError) {
    let file = metadata.source.path
    let bytes = try metadata.bytes(at: address, count: 28)
    let subject = "the chunk index at \(address)"
    try Metadata.verify(bytes, file: file, subject: subject)
    var fields = FieldReader(bytes, file: file, subject: subject)
    try fields.expect(signature: "FAHD")
    try fields.expect(0, "version")
    try fields.expect(isFiltered ? 1 : 0, "the kind of entries")
    entrySize = Int(try fields.byte())
    guard isFiltered ? (13...20).contains(entrySize) : entrySize == 8 else {
      throw fields.damaged("entries of \(entrySize) bytes")
    }
    try fields.expect(pageBits, "the size of pages")
    guard (1...20).contains(pageBits) else { throw fields.damaged("pages of 2^\(pageBits) entries") }
    pageEntries = 1 << Int(pageBits)
    entryCount = try fields.count(8, atMost: metadata.source.size / entrySize, "a number of entries")
    guard entryCount >= chunks else { throw fields.damaged("\(entryCount) entries", expected: "\(chunks)") }
    let block = try fields.unsigned(8)
    self.isFiltered = isFiltered
    self.plainSize = plainSize
    isPaged = entryCount > pageEntries

    let pages = (entryCount - 1) / pageEntries + 1
    let prefix = 14 + (isPaged ? (pages + 7) / 8 : 0)
    let length = isPaged ? prefix + 4 : prefix + entryCount * entrySize + 4
    let blockBytes = try metadata.bytes(at: block, count: length)
    let blockSubject = "the chunk index block at \(block)"
    try Metadata.verify(blockBytes, file: file, subject: blockSubject)
    var data = FieldReader(blockBytes, file: file, subject: blockSubject)
    try data.expect(signature: "FADB")
    try data.expect(0, "version")
    try data.expect(isFiltered ? 1 : 0, "the kind of entries")
    guard try data.unsigned(8) == address else { throw data.damaged("the address of another index") }
    firstEntry = block + UInt64(length)
    if !isPaged {
      entries = Array(blockBytes[prefix..<prefix + entryCount * entrySize])
      loadedPage = 0
    }
  }

  /// Where chunk `index` lies.
  mutating func entry(_ index: Int, in metadata: Metadata) throws(TernError) -> Entry {
    precondition(index >= 0 && index < entryCount, "no such chunk")
    let page = isPaged ? index / pageEntries : 0
    if page != loadedPage { try load(page, in: metadata) }
    var fields = FieldReader(entries, file: metadata.source.path, subject: "a chunk index entry")
    try fields.skip((index - page * (isPaged ? pageEntries : 0)) * entrySize)
    let address = try fields.unsigned(8)
    guard isFiltered else { return Entry(address: address, size: plainSize, mask: 0) }
    let size = try fields.count(entrySize - 12, atMost: 2 * plainSize + 1024, "a chunk's size")
    return Entry(address: address, size: size, mask: UInt32(truncatingIfNeeded: try fields.unsigned(4)))
  }

  /// Pages have a checksum each; all but the last are full.
  private mutating func load(_ page: Int, in metadata: Metadata) throws(TernError) {
    let whole = UInt64(pageEntries * entrySize + 4)
    let count = min(pageEntries, entryCount - page * pageEntries) * entrySize
    let bytes = try metadata.bytes(at: firstEntry + UInt64(page) * whole, count: count + 4)
    try Metadata.verify(bytes, file: metadata.source.path, subject: "a page of a chunk index")
    entries = Array(bytes[..<count])
    loadedPage = page
  }
}
