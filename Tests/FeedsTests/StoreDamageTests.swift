import Compute
import Datasets
import Diagnostics
import Foundation
import HDF5Reader
import Market
import MarketFixtures
import Testing

@testable import Feeds

/// A damaged store gives an error, never other data.
@Suite struct StoreDamageTests {
  private func smallStore(_ folder: Folder) throws -> (bytes: [UInt8], data: MarketData) {
    var recipe = SyntheticMarket.Configuration()
    recipe.days = 1
    recipe.interval = try Interval("30m")
    let data = try SyntheticMarket.generate(recipe)
    let path = folder.path + "/market.h5"
    try CandleStore.write(data, to: path, provenance: .init(origin: "import"))
    return (Array(try Data(contentsOf: URL(fileURLWithPath: path))), data)
  }

  private func events(_ image: [UInt8], _ verification: StoreFeed.Verification) throws(TernError)
    -> [MarketEvent]
  {
    let feed = try StoreFeed(
      try HDF5Source(image: image, named: "store"), bounds: .all, verification: verification)
    var events: [MarketEvent] = []
    while let event = try feed.next() { events.append(event) }
    return events
  }

  @Test func everyTruncationAndEveryAlteredByteIsRefused() throws {
    let (bytes, data) = try smallStore(try Folder())
    let expected = try drain(SeriesFeed(data))
    #expect(try events(bytes, .columns) == expected && events(bytes, .seal) == expected)
    var random = Philox(seed: 2)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << UInt8(random.integer(below: 8))
      #expect(throws: TernError.self, "byte \(index)") { try events(changed, .seal) }
      #expect(throws: TernError.self, "byte \(index)") { try events(changed, .columns) }
    }
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: TernError.self) { try events(Array(bytes[..<count]), .seal) }
    }
  }

  /// The file without its user block, its addresses moved: what a forger without a seal would hand in.
  private func unsealed(_ bytes: [UInt8]) throws -> [UInt8] {
    let seal = 512
    var bytes = Array(bytes[seal...])
    for index in 0..<8 {
      bytes[12 + index] = 0
      bytes[28 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index))
    }
    let sum = MetadataChecksum.of(bytes[..<44])
    for index in 0..<4 { bytes[44 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
    return bytes
  }

  @Test func withoutASealTheManifestStillProtectsTheValues() throws {
    let (bytes, data) = try smallStore(try Folder())
    let expected = try drain(SeriesFeed(data))
    let open = try unsealed(bytes)
    #expect(try events(open, .columns) == expected)
    #expect(throws: TernError.self) { try events(open, .seal) }
    var random = Philox(seed: 6)
    var (accepted, refused) = (0, 0)
    for _ in 0..<10_000 {
      var changed = open
      for _ in 0...random.integer(below: 3) {
        changed[random.integer(below: changed.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      do throws(TernError) {
        // Bytes that mean nothing, such as padding, may change; the events may not.
        #expect(try events(changed, .columns) == expected)
        accepted += 1
      } catch {
        #expect(error.kind == .data && error.file == "store", "\(error)")
        refused += 1
      }
    }
    #expect(accepted > 10 && refused > 5000, "both outcomes occur: \(accepted) and \(refused)")
  }
}
