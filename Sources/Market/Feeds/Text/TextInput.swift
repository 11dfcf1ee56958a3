import Compression
import Diagnostics
import Files

/// One text to read: a plain file, a gzip file or one entry of a ZIP archive.
package struct TextInput {
  private enum Content {
    case plain([UInt8])
    case gzip([UInt8])
    case entry(ZipArchive, ZipArchive.Entry)
  }

  /// The path, with the entry's name appended for archives; errors carry it.
  package let path: String
  /// The same without folders, for reports and manifests.
  package let name: String
  /// SHA-256 of the file on the disk.
  package let digest: Digest
  private let content: Content

  /// Opens a file; an archive gives one input per CSV entry, in directory order.
  /// - Throws: `TernError` of kind `data` when the file cannot be read, is empty, or is an archive without CSV.
  package static func open(_ path: String) throws(TernError) -> [TextInput] {
    let bytes = try AtomicFile.read(path)
    guard !bytes.isEmpty else { throw TernError(.data, "is empty", file: path, found: "0 bytes") }
    let digest = Digest(of: bytes)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    // The content decides; the suffix only makes a wrong content an error instead of strange text.
    if ZipArchive.isZip(bytes) || path.hasSuffix(".zip") {
      let archive = try ZipArchive(bytes, file: path)
      let entries = try entries(of: archive, path)
      return entries.map {
        TextInput(
          path: "\(path)/\($0.name)", name: "\(name)/\($0.name)", digest: digest, content: .entry(archive, $0)
        )
      }
    }
    if Gzip.isGzip(bytes) || path.hasSuffix(".gz") {
      return [TextInput(path: path, name: name, digest: digest, content: .gzip(bytes))]
    }
    return [TextInput(path: path, name: name, digest: digest, content: .plain(bytes))]
  }

  /// The entries of an archive that hold text, in directory order.
  /// - Throws: `TernError` of kind `data` when there are none.
  static func entries(
    of archive: ZipArchive, _ path: String
  ) throws(TernError) -> [ZipArchive.Entry] {
    let entries = archive.entries.filter { !$0.isDirectory && hasTextSuffix($0.name) }
    guard !entries.isEmpty else {
      throw TernError(
        .data, "the archive holds no CSV file", file: path,
        found: archive.entries.isEmpty
          ? "no entries" : archive.entries.prefix(5).map(\.name).joined(separator: ", "),
        expected: "a name that ends in .csv, .tsv or .txt")
    }
    return entries
  }

  private static func hasTextSuffix(_ name: String) -> Bool {
    let lower = name.lowercased()
    return lower.hasSuffix(".csv") || lower.hasSuffix(".tsv") || lower.hasSuffix(".txt")
  }

  /// The whole text, decompressed.
  /// - Throws: `TernError` of kind `data` when the container is damaged.
  package func text() throws(TernError) -> [UInt8] {
    switch content {
    case .plain(let bytes): return bytes
    case .gzip(let bytes): return try Gzip.decompress(bytes, file: path)
    case .entry(let archive, let entry): return try archive.extract(entry)
    }
  }

  /// Hands out the text in blocks of whole lines; only the last block may lack its final newline.
  ///
  /// Gzip text is inflated block by block, so a file never lies in memory as a whole.
  package func forEachBlock(
    _ body: (_ block: UnsafeBufferPointer<UInt8>, _ isLast: Bool) throws(TernError) -> Void
  ) throws(TernError) {
    guard case .gzip(let bytes) = content else {
      let text = try text()
      try text.withUnsafeBufferPointer { block throws(TernError) in try body(block, true) }
      return
    }
    let stream = Shared(try InflateStream(bytes, format: .gzip, file: path))
    let blocks = LineBlocks(path) { buffer throws(TernError) in try stream.value.read(into: buffer) }
    while try blocks.next() { try body(blocks.block.assumingMemoryBound(to: UInt8.self), blocks.isLast) }
  }
}
