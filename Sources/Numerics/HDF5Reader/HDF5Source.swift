import Diagnostics

/// A read-only view of the HDF5 files that Tern writes, without the HDF5 library.
///
/// What is read: files of the 1.10 format (superblock 2 or 3, object headers 2), groups and attributes that lie within
/// their headers, scalar attributes (strings, 64-bit integers and floats), and datasets of one dimension of 64-bit
/// integers or floats, contiguous or in chunks with shuffle and deflate. Everything else is an error that says so.
///
/// A sealed file is hashed before anything of it is relied upon. Independently of the seal every offset and size is
/// checked, metadata checksums are verified, and memory is bounded by constants and by the file's own size.
/// One thread at a time may use a source and its columns.
public final class HDF5Source {
  /// The path of the file, or the name of its bytes.
  public let path: String
  /// Whether a seal covers the file.
  public var isSealed: Bool { metadata.source.isSealed }
  let metadata: Metadata
  /// Memory for stored and shuffled chunks that all columns share.
  let scratch = ChunkScratch()

  /// Opens a file.
  /// - Parameter checksApart: whether the seal may be checked by a thread of its own meanwhile; nothing that is read may
  ///   be relied upon before `requireSeal` has returned.
  /// - Throws: `TernError` of kind `data` when it does not exist, is damaged, or breaks its seal.
  public init(path: String, checksApart: Bool = false) throws(TernError) {
    self.path = path
    let source = try ByteSource(path: path, checksApart: checksApart)
    do throws(TernError) { metadata = try Metadata(source) } catch {
      // A broken seal says more than what it led to.
      try source.requireSeal()
      throw error
    }
  }

  /// Waits until the seal is checked, if the file carries one.
  /// - Throws: `TernError` of kind `data` when the file breaks its seal.
  public func requireSeal() throws(TernError) { try metadata.source.requireSeal() }

  /// Opens the bytes of a file; `name` stands for the path in errors.
  /// - Throws: `TernError` of kind `data` when they are damaged or break their seal.
  public init(image: [UInt8], named name: String) throws(TernError) {
    path = name
    metadata = try Metadata(try ByteSource(image: image, named: name))
  }

  /// The names in a group, sorted.
  /// - Throws: `TernError` of kind `data` when it is absent, damaged or no group.
  public func names(in group: String = "/") throws(TernError) -> [String] {
    let address = try Links.resolve(group, in: metadata)
    return try Links.entries(of: address, in: metadata).map(\.name).sorted()
  }

  /// Whether an attribute is set.
  /// - Throws: `TernError` of kind `data` when the object is absent or damaged.
  public func hasAttribute(_ name: String, of object: String = "/") throws(TernError) -> Bool {
    let address = try Links.resolve(object, in: metadata)
    return try Attribute.find(name, of: object, at: address, in: metadata) != nil
  }

  /// A string attribute, of fixed or variable length.
  /// - Throws: `TernError` of kind `data` when it is absent, no scalar string, or not UTF-8.
  public func stringAttribute(_ name: String, of object: String = "/") throws(TernError) -> String {
    try attribute(name, object).string(in: metadata)
  }

  /// A 64-bit integer attribute.
  /// - Throws: `TernError` of kind `data` when it is absent or of another type.
  public func integerAttribute(_ name: String, of object: String = "/") throws(TernError) -> Int64 {
    try attribute(name, object).integer()
  }

  /// A 64-bit floating-point attribute.
  /// - Throws: `TernError` of kind `data` when it is absent or of another type.
  public func doubleAttribute(_ name: String, of object: String = "/") throws(TernError) -> Double {
    try attribute(name, object).double()
  }

  /// A dataset, to be read chunk by chunk.
  /// - Parameters:
  ///   - object: the dataset's path.
  ///   - hashing: whether the values are hashed as they are read, for `HDF5Column.digest()`.
  /// - Throws: `TernError` of kind `data` when it is absent, damaged, or of another type or layout.
  public func column(_ object: String, hashing: Bool = false) throws(TernError) -> HDF5Column {
    let address = try Links.resolve(object, in: metadata)
    let layout = try DatasetLayout(of: object, at: address, in: metadata)
    return HDF5Column(self, object, layout, hashing: hashing)
  }

  private func attribute(_ name: String, _ object: String) throws(TernError) -> Attribute {
    let address = try Links.resolve(object, in: metadata)
    guard let found = try Attribute.find(name, of: object, at: address, in: metadata) else {
      throw TernError(.data, "there is no such attribute", file: path, key: "\(object)@\(name)")
    }
    return found
  }
}
