import Compute
import Diagnostics
import Foundation
import HDF5

@testable import HDF5Reader

/// A file that lives as long as a test.
final class TemporaryFile {
  let path = NSTemporaryDirectory() + "tern-reader-\(UUID().uuidString).h5"
  deinit { try? FileManager.default.removeItem(atPath: path) }
  var bytes: [UInt8] { get throws { Array(try Data(contentsOf: URL(fileURLWithPath: path))) } }
}

enum Sample {
  static let chunkings: [(name: String, storage: HDF5Storage)] = [
    ("contiguous", .contiguous), ("chunks", HDF5Storage(chunkRows: 50)),
    ("deflate", HDF5Storage(chunkRows: 50, deflate: 6)), ("shuffle", HDF5Storage(chunkRows: 50, shuffle: true)),
    ("store", HDF5Storage(chunkRows: 64, deflate: 1, shuffle: true)),
    // 1024 chunks and fewer are indexed in one block, more in pages.
    ("pages", HDF5Storage(chunkRows: 1, deflate: 1, shuffle: true)),
  ]

  static func times(_ count: Int) -> [Int64] { (0..<count).map { Int64($0) * 60_000 - 5 } }

  /// Every second block of fifty is noise, which deflate leaves out as useless.
  static func numbers(_ count: Int) -> [Double] {
    var random = Philox(seed: 3)
    return (0..<count).map { (row: Int) -> Double in
      let noise = Double(bitPattern: random.next() >> 2)
      return (row / 50).isMultiple(of: 2) ? Double(row) / 7 : noise
    }
  }

  /// Writes columns of a length in every layout, and attributes.
  static func write(_ count: Int, to path: String, sealed: Bool = true) throws {
    let file = try HDF5File.create(path, sealed: sealed)
    for (name, storage) in chunkings {
      try file.write(times(count), to: "\(name)/time", storage: storage)
      try file.write(numbers(count), to: "\(name)/value", storage: storage)
    }
    try file.setAttribute("text", to: "µ ≥ 65 %")
    try file.setAttribute("long", to: String(repeating: "0123456789", count: 10_000))
    try file.setAttribute("integer", to: Int64.min)
    try file.setAttribute("double", of: "store", to: 0.1)
    try file.close()
  }

  /// A small file with the layouts of a store, for mutations.
  static func small() throws -> [UInt8] {
    let place = TemporaryFile()
    let file = try HDF5File.create(place.path)
    let storage = HDF5Storage(chunkRows: 64, deflate: 1, shuffle: true)
    try file.write(times(200), to: "candles/time", storage: storage)
    try file.write(numbers(200), to: "candles/close", storage: storage)
    try file.write(numbers(3), to: "funding/rate", storage: storage)
    try file.write(numbers(0), to: "funding/none", storage: storage)
    try file.write(numbers(5), to: "funding/plain")
    try file.setAttribute("integer", to: Int64(7))
    try file.setAttribute("manifest", to: "{\"rows\":200}")
    try file.close()
    return try place.bytes
  }

  /// The columns and attributes of `small`, as far as a file has them.
  static func readSmall(_ source: HDF5Source) throws(TernError) -> [UInt64] {
    var read: [UInt64] = []
    for path in ["candles/time", "candles/close", "funding/rate", "funding/none", "funding/plain"] {
      read += try bits(try source.column(path))
    }
    read.append(UInt64(bitPattern: try source.integerAttribute("integer")))
    read += try source.stringAttribute("manifest").utf8.map(UInt64.init)
    return read
  }

  /// All elements of a column as bits.
  static func bits(_ column: HDF5Column) throws(TernError) -> [UInt64] {
    var bits: [UInt64] = []
    while try column.loadNext() {
      for row in column.loaded {
        bits.append(
          column.element == .int64 ? UInt64(bitPattern: column.int64(row)) : column.double(row).bitPattern)
      }
    }
    return bits
  }

  /// The same bytes with a seal that fits them.
  static func resealed(_ bytes: [UInt8]) throws -> [UInt8] {
    let place = TemporaryFile()
    var bytes = bytes
    for index in 0..<min(Seal.blockSize, bytes.count) { bytes[index] = 0 }
    try Data(bytes).write(to: URL(fileURLWithPath: place.path))
    try Seal.apply(to: place.path)
    return try place.bytes
  }
}
