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
      let entries = archive.entries.filter { !$0.isDirectory && hasTextSuffix($0.name) }
      guard !entries.isEmpty else {
        throw TernError(
          .data, "the archive holds no CSV file", file: path,
          found: archive.entries.isEmpty
            ? "no entries" : archive.entries.prefix(5).map(\.name).joined(separator: ", "),
          expected: "a name that ends in .csv, .tsv or .txt")
      }
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
    var stream = try InflateStream(bytes, format: .gzip, file: path)
    var buffer = [UInt8](repeating: 0, count: TextInput.blockSize)
    var filled = 0
    var ended = false
    while !ended {
      if filled == buffer.count {
        guard buffer.count < TextInput.longestLine else {
          throw TernError(
            .data, "a line is too long", file: path,
            found: "more than \(buffer.count) bytes without a newline")
        }
        buffer.append(contentsOf: repeatElement(0, count: buffer.count))
      }
      let start = filled
      let count = try buffer.withUnsafeMutableBufferPointer { room throws(TernError) in
        try stream.read(
          into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: room[start...])))
      }
      filled += count
      ended = filled < buffer.count
      var whole = filled
      if !ended {
        while whole > 0, buffer[whole - 1] != 0x0a { whole -= 1 }
        if whole == 0 { continue }
      }
      try buffer.withUnsafeBufferPointer { block throws(TernError) in
        try body(UnsafeBufferPointer(rebasing: block[..<whole]), ended)
      }
      let rest = Array(buffer[whole..<filled])
      buffer.replaceSubrange(0..<rest.count, with: rest)
      filled = rest.count
    }
  }

  private static let blockSize = 1 << 20
  private static let longestLine = 1 << 26
}
