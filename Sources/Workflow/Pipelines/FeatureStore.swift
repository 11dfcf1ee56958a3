import Diagnostics
import Features
import Files
import HDF5

/// Writes computed features for people and other programs.
public enum FeatureStore {
  /// Writes an HDF5 file: `open_time` `(row)`, `values` `(feature, row)`, `names` as attribute `schema` (JSON), the
  /// schema's hash and the digest of the market they were computed from.
  /// - Throws: `TernError`; nothing is left at `path` on failure.
  public static func write(_ matrix: FeatureMatrix, dataDigest: Digest, to path: String) throws(TernError) {
    try AtomicFile.replace(path) { temporary throws(TernError) in
      let file = try HDF5File.create(temporary)
      try file.write(matrix.openTime, shape: [matrix.rows], to: "open_time")
      try file.write(matrix.values, shape: [matrix.columns, matrix.rows], to: "values")
      let schema = String(decoding: try CanonicalJSON.encode(matrix.schema), as: UTF8.self)
      try file.setAttribute("schema", to: schema)
      try file.setAttribute("schema_hash", to: matrix.schema.hash.description)
      try file.setAttribute("data_digest", to: dataDigest.description)
      try file.close()
    }
  }

  /// Writes a CSV file: `open_time`, then one column per feature; warm-up and missing values are empty cells.
  /// - Throws: `TernError`; nothing is left at `path` on failure.
  public static func writeCSV(_ matrix: FeatureMatrix, to path: String) throws(TernError) {
    var bytes = Array((["open_time"] + matrix.schema.names).joined(separator: ",").utf8) + [10]
    bytes.reserveCapacity(bytes.count + matrix.rows * (14 + matrix.columns * 11))
    let comma = UInt8(ascii: ",")
    matrix.values.withUnsafeBufferPointer { values in
      for row in 0..<matrix.rows {
        bytes.append(contentsOf: String(matrix.openTime[row]).utf8)
        for column in 0..<matrix.columns {
          bytes.append(comma)
          let value = values[column * matrix.rows + row]
          if !value.isNaN { bytes.append(contentsOf: value.description.utf8) }
        }
        bytes.append(10)
      }
    }
    try AtomicFile.write(bytes, to: path)
  }
}
