import Diagnostics
import Features
import Files
import HDF5
import Market

/// Writes the features of a market for people and other programs.
public enum FeatureStore {
  /// Rows computed and written at a time: 16 KiB of each column, which a disk takes well.
  private static let rowsPerBlock = 4_096

  /// Computes the features of every candle and writes them block by block, so that memory does not grow with the
  /// matrix.
  ///
  /// The HDF5 file holds `open_time` `(row)`, `values` `(feature, row)`, the schema as attribute `schema` (JSON), the
  /// schema's hash and the digest of the market they were computed from. The CSV file holds `open_time`, then one column
  /// per feature; warm-up and missing values are NaN in the store and empty cells in the CSV.
  /// - Parameters:
  ///   - market: what to compute from.
  ///   - schema: what to compute.
  ///   - dataDigest: the digest of `market`.
  ///   - path: the HDF5 file.
  ///   - csv: the CSV file, if there is to be one.
  ///   - progress: hears how many candles are done.
  /// - Throws: `TernError` of kind `data` for a market that has no features, `temporary` for a full disk; nothing is left
  ///   at either path on failure, and what was there before stays.
  public static func write(
    _ market: MarketData, schema: FeatureSchema, dataDigest: Digest, to path: String, csv: String? = nil,
    progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) {
    try AtomicFile.replace(path) { temporary throws(TernError) in
      if let csv {
        try AtomicFile.replace(csv) { temporaryCSV throws(TernError) in
          let table = try FeatureTable(creating: temporaryCSV, named: csv, schema: schema)
          try write(market, schema, dataDigest, to: temporary, progress) { block throws(TernError) in
            try table.write(block, openTime: market.candles.openTime)
          }
        }
      } else {
        try write(market, schema, dataDigest, to: temporary, progress) { _ in }
      }
    }
  }

  private static func write(
    _ market: MarketData, _ schema: FeatureSchema, _ dataDigest: Digest, to path: String,
    _ progress: some ProgressReporting, beside: (FeatureBlock) throws(TernError) -> Void
  ) throws(TernError) {
    let (rows, columns) = (market.candles.count, schema.count)
    let file = try HDF5File.create(path)
    try file.write(market.candles.openTime, shape: [rows], to: "open_time")
    try file.create("values", of: Float.self, shape: [columns, rows])
    try FeatureBuilder.forEachBlock(market, schema: schema, rowsPerBlock: rowsPerBlock, progress: progress) {
      block throws(TernError) in
      try file.write(
        block.values, extent: [columns, block.rows.count], at: [0, block.rows.lowerBound], of: "values")
      try beside(block)
    }
    let text = String(decoding: try CanonicalJSON.encode(schema), as: UTF8.self)
    try file.setAttribute("schema", to: text)
    try file.setAttribute("schema_hash", to: schema.hash.description)
    try file.setAttribute("data_digest", to: dataDigest.description)
    try file.close()
  }
}

/// A CSV file of feature rows.
private struct FeatureTable {
  private let file: FileWriter
  private let columns: Int

  /// Begins the file with the names of the columns.
  init(creating path: String, named name: String, schema: FeatureSchema) throws(TernError) {
    file = try FileWriter(creating: path, named: name)
    columns = schema.count
    try file.write(Array((["open_time"] + schema.names).joined(separator: ",").utf8) + [10])
  }

  /// Appends the rows of a block.
  func write(_ block: FeatureBlock, openTime: [Int64]) throws(TernError) {
    let (rows, comma) = (block.rows.count, UInt8(ascii: ","))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows * (14 + columns * 13))
    for row in 0..<rows {
      bytes.append(contentsOf: String(openTime[block.rows.lowerBound + row]).utf8)
      for column in 0..<columns {
        bytes.append(comma)
        let value = block.values[column * rows + row]
        if !value.isNaN { bytes.append(contentsOf: value.description.utf8) }
      }
      bytes.append(10)
    }
    try file.write(bytes)
  }
}
