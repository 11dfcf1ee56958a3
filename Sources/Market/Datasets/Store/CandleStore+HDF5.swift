import Diagnostics
import Feeds
import Files
import HDF5
import Market

extension CandleStore {
  /// Shuffled chunks at the fastest deflate level: a year of minutes loads in a fraction of a second and takes half
  /// the space. The manifest's digests stand in for chunk checksums.
  private static let storage = HDF5Storage(chunkRows: 65_536, deflate: 1, shuffle: true)

  /// Writes a store; on any failure `path` is left as it was.
  /// - Throws: `TernError` of kind `data` for invalid series, `temporary` for a full disk.
  @discardableResult
  public static func write(
    _ data: MarketData, to path: String, provenance: Provenance
  ) throws(TernError) -> Manifest {
    let manifest = try describe(data, provenance: provenance)
    let columns = StoreColumns.columns(of: data)
    let json = try CanonicalJSON.encode(manifest)
    try AtomicFile.replace(path) { temporary throws(TernError) in
      let file: HDF5File
      do throws(TernError) {
        file = try HDF5File.create(temporary)
        for column in columns {
          switch column.values {
          case .times(let values): try file.write(values, to: column.path, storage: storage)
          case .numbers(let values): try file.write(values, to: column.path, storage: storage)
          }
        }
        try file.setAttribute("format", to: Int64(format))
        try file.setAttribute("symbol", to: data.candles.symbol)
        try file.setAttribute("interval", to: data.candles.interval.description)
        try file.setAttribute("manifest", to: String(decoding: json, as: UTF8.self))
        try file.setAttribute("manifest_digest", to: Digest(of: json).description)
        try file.close()
      } catch {
        var named = error
        named.file = path
        throw named
      }
    }
    return manifest
  }

  /// Reads a store and verifies every column against the manifest, and the rules that `write` enforces.
  /// - Throws: `TernError` of kind `data` when the file is damaged, cut short, changed or of another format.
  public static func read(_ path: String) throws(TernError) -> (data: MarketData, manifest: Manifest) {
    let file = try open(path)
    let manifest = try readManifest(from: file)
    var columns: [StoreColumns.Column] = []
    for column in manifest.columns {
      columns.append(try verified(column, in: file))
    }
    let data = try StoreColumns.market(manifest, columns, path: path)
    do throws(TernError) { try StoreRules.check(data) } catch { throw error.inFile(path) }
    guard data.candles.count == manifest.rows, data.candles.openTime.first == manifest.first,
      data.candles.openTime.last == manifest.last, data.candles.gaps() == manifest.gaps
    else { throw TernError(.data, "the manifest does not describe the candles", file: path) }
    return (data, manifest)
  }

  /// Reads the manifest alone, without verifying the columns.
  /// - Throws: `TernError` of kind `data` when the file is not a store.
  public static func manifest(of path: String) throws(TernError) -> Manifest {
    try readManifest(from: try open(path))
  }

  private static func open(_ path: String) throws(TernError) -> HDF5File {
    guard AtomicFile.exists(path) else { throw TernError(.data, "does not exist", file: path) }
    return try HDF5File.open(path)
  }

  private static func verified(
    _ column: Manifest.Column, in file: HDF5File
  ) throws(TernError) -> StoreColumns.Column {
    let shape = try file.shape(of: column.path)
    guard shape == [column.rows] else {
      throw TernError(
        .data, "has another shape than the manifest says", file: file.path, key: column.path,
        found: "\(shape)",
        expected: "[\(column.rows)]")
    }
    let values: StoreColumns.Values =
      StoreColumns.isTime(column.path)
      ? .times(try file.read(column.path, as: Int64.self).values)
      : .numbers(try file.read(column.path, as: Double.self).values)
    let read = StoreColumns.Column(path: column.path, values: values)
    guard read.digest == column.digest else {
      throw TernError(
        .data, "the values were changed or are damaged", file: file.path, key: column.path,
        found: read.digest.description, expected: column.digest.description)
    }
    return read
  }
}

extension HDF5File: StoreAttributes {}
