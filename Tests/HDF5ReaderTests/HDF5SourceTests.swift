import Compute
import Diagnostics
import Files
import Foundation
import HDF5
import Testing

@testable import HDF5Reader

@Suite struct HDF5SourceTests {
  /// Lengths at the borders of chunks and, with 1500 chunks of one row, beyond one page of a chunk index.
  @Test(arguments: [0, 1, 49, 50, 51, 64, 128, 1024, 1025, 2500])
  func readsWhatTheLibraryWrites(count: Int) throws {
    let place = TemporaryFile()
    try Sample.write(count, to: place.path)
    let library = try HDF5File.open(place.path)
    let source = try HDF5Source(path: place.path)
    #expect(source.isSealed)
    #expect(try source.names() == library.names())
    for (name, _) in Sample.chunkings {
      #expect(try source.names(in: name) == ["time", "value"])
      let time = try source.column("\(name)/time", hashing: true)
      let value = try source.column("/\(name)/value", hashing: true)
      let times = try library.read("\(name)/time", as: Int64.self).values
      let values = try library.read("\(name)/value", as: Double.self).values
      #expect(time.count == count && time.element == .int64 && value.element == .float64)
      #expect(try Sample.bits(time) == times.map { UInt64(bitPattern: $0) }, "\(name)")
      #expect(try Sample.bits(value) == values.map(\.bitPattern), "\(name)")
      #expect(time.digest() == times.withUnsafeBytes { Digest(of: $0) })
      #expect(value.digest() == values.withUnsafeBytes { Digest(of: $0) })
      #expect(try !value.loadNext() && value.loaded.isEmpty)
    }
    #expect(try source.stringAttribute("text") == "µ ≥ 65 %")
    #expect(try source.stringAttribute("long") == library.stringAttribute("long"))
    #expect(try source.integerAttribute("integer") == .min)
    #expect(try source.doubleAttribute("double", of: "/store") == 0.1)
    #expect(try source.hasAttribute("text") && !source.hasAttribute("absent"))
  }

  @Test func seeksToAnyRow() throws {
    let place = TemporaryFile()
    try Sample.write(1025, to: place.path)
    let source = try HDF5Source(path: place.path)
    for (name, _) in Sample.chunkings {
      let column = try source.column("\(name)/time", hashing: true)
      for row in [1024, 0, 512, 63, 64, 1000] {
        column.seek(to: row)
        #expect(try column.loadNext() && column.loaded.contains(row))
        #expect(column.int64(row) == Int64(row) * 60_000 - 5)
      }
      #expect(name == "contiguous" || column.digest() == nil, "what was left out was not hashed")
      column.seek(to: 1025)
      #expect(try !column.loadNext())
    }
  }

  @Test func readsUnsealedFilesAndImages() throws {
    let place = TemporaryFile()
    try Sample.write(200, to: place.path, sealed: false)
    let source = try HDF5Source(path: place.path)
    #expect(!source.isSealed && source.path == place.path)
    let image = try HDF5Source(image: try place.bytes, named: "image")
    #expect(try Sample.bits(image.column("store/value")) == Sample.numbers(200).map(\.bitPattern))
  }

  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/h5py.h5").path

  @Test func readsAFileOfH5py() throws {
    let source = try HDF5Source(path: HDF5SourceTests.golden)
    #expect(try source.names(in: "market").count == 7)
    #expect(
      try Sample.bits(source.column("market/time")) == (0..<1000).map { UInt64(bitPattern: Int64($0) * 60_000 - 7) })
    #expect(try Sample.bits(source.column("market/price")) == (0..<1000).map { (Double($0) / 3).bitPattern })
    #expect(try Sample.bits(source.column("market/plain")) == (0..<5).map { (Double($0) - 0.5).bitPattern })
    #expect(
      try Sample.bits(source.column("market/single")) == (0..<40).map { Double($0).squareRoot().bitPattern })
    #expect(try Sample.bits(source.column("market/unfiltered")) == (0..<50).map { UInt64($0 * $0 * $0) })
    #expect(try source.stringAttribute("text") == "µ ≥ 65 %")
    #expect(try source.stringAttribute("fixed") == "fixed length")
    #expect(try source.stringAttribute("empty", of: "market").isEmpty)
    #expect(try source.integerAttribute("integer") == -7)
    #expect(try source.doubleAttribute("double") == 0.1)
  }

  @Test func mistakesNameTheFileAndTheObject() throws {
    let path = HDF5SourceTests.golden
    let source = try HDF5Source(path: path)
    func check(_ key: String, _ body: () throws -> Void) {
      let error = #expect(throws: TernError.self, performing: body)
      #expect(error?.kind == .data && error?.file == path && error?.key == key, "\(String(describing: error))")
    }
    check("market/absent") { _ = try source.column("market/absent") }
    check("absent/price") { _ = try source.column("absent/price") }
    check("market") { _ = try source.column("market") }
    check("market/floats") { _ = try source.column("market/floats") }
    check("market/matrix") { _ = try source.column("market/matrix") }
    check("/@absent") { _ = try source.stringAttribute("absent") }
    check("/@text") { _ = try source.integerAttribute("text") }
    check("/@integer") { _ = try source.stringAttribute("integer") }
    check("/@integer") { _ = try source.doubleAttribute("integer") }
    for path in ["/nonexistent.h5", "/", #filePath] {
      let error = #expect(throws: TernError.self) { try HDF5Source(path: path) }
      #expect(error?.kind == .data && error?.file == path)
    }
  }

  @Test func theMetadataChecksumHasThePublishedValue() {
    // Bob Jenkins, lookup3.c, driver5: the hash of this text with the initial value 0.
    #expect(MetadataChecksum.of(Array("Four score and seven years ago".utf8)[...]) == 0x1777_0551)
    #expect(MetadataChecksum.of([]) == 0xdead_beef)
  }

  @Test func unshufflingEqualsItsDefinition() {
    var random = Philox(seed: 8)
    for count in 0...100 {
      let stored = (0..<count * 8).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var restored = [UInt8](repeating: 0, count: count * 8)
      stored.withUnsafeBytes { from in
        restored.withUnsafeMutableBytes { to in
          if let from = from.baseAddress, let to = to.baseAddress { Shuffle.restore(from, count, into: to) }
        }
      }
      let expected = (0..<count * 8).map { stored[$0 % 8 * count + $0 / 8] }
      #expect(restored == expected)
    }
  }
}
