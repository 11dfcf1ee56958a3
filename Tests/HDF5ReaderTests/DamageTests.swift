import Compute
import Diagnostics
import Foundation
import HDF5
import Testing

@testable import HDF5Reader

/// Damage gives an error or, where no checksum covers what it hit, other values; never a trap, a hang, or much memory.
@Suite struct DamageTests {
  @Test func everyTruncationIsRefused() throws {
    let bytes = try Sample.small()
    for count in 0..<bytes.count {
      #expect(throws: TernError.self, "\(count) bytes") {
        try Sample.readSmall(HDF5Source(image: Array(bytes[..<count]), named: "cut"))
      }
    }
    // Cut files that were sealed as they are reach the parser.
    for count in stride(from: Seal.blockSize, to: bytes.count, by: 13) {
      let image = try Sample.resealed(Array(bytes[..<count]))
      #expect(throws: TernError.self, "\(count) bytes") {
        try Sample.readSmall(HDF5Source(image: image, named: "cut"))
      }
    }
  }

  @Test func everyAlteredByteOfASealedFileIsRefused() throws {
    let bytes = try Sample.small()
    var random = Philox(seed: 1)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << UInt8(random.integer(below: 8))
      #expect(throws: TernError.self, "byte \(index)") { try HDF5Source(image: changed, named: "changed") }
    }
  }

  /// The blocks of a file that end in a checksum of the rest.
  private func checkedBlocks(_ bytes: [UInt8]) -> [Range<Int>] {
    var blocks = [Seal.blockSize..<Seal.blockSize + 48]
    let signatures = ["OHDR", "OCHK", "FAHD", "FADB"].map { Array($0.utf8) }
    for start in Seal.blockSize..<bytes.count - 4 where signatures.contains(Array(bytes[start..<start + 4])) {
      for end in start + 4..<min(bytes.count - 4, start + 4096) {
        let stated = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[end + $1]) << UInt32(8 * $1) }
        guard MetadataChecksum.of(bytes[start..<end]) == stated else { continue }
        blocks.append(start..<end + 4)
        break
      }
    }
    return blocks
  }

  private func rewriteChecksums(_ bytes: inout [UInt8], _ blocks: [Range<Int>]) {
    for block in blocks where block.upperBound <= bytes.count {
      let sum = MetadataChecksum.of(bytes[block.lowerBound..<block.upperBound - 4])
      for index in 0..<4 {
        bytes[block.upperBound - 4 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index))
      }
    }
  }

  /// Mutations that reach the parser: without a seal to stop them, with metadata checksums that fit.
  @Test func hostileFilesAreSurvived() throws {
    let sealed = try Sample.small()
    // The same file with its user block cut off is an unsealed file but for the addresses in its superblock.
    var bytes = Array(sealed[Seal.blockSize...])
    let blocks = checkedBlocks(sealed).map { $0.lowerBound - Seal.blockSize..<$0.upperBound - Seal.blockSize }
    #expect(blocks.count > 10)
    func write(_ value: Int, at place: Int) {
      for index in 0..<8 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
    write(0, at: 12)
    write(bytes.count, at: 28)
    rewriteChecksums(&bytes, blocks)
    let original = try Sample.readSmall(HDF5Source(image: bytes, named: "original"))
    var random = Philox(seed: 77)
    var (same, other, refused) = (0, 0, 0)
    let interesting: [UInt8] = [0, 1, 2, 3, 4, 5, 7, 8, 16, 0x7f, 0x80, 0xfe, 0xff]
    for round in 0..<60_000 {
      var changed = bytes
      for _ in 0...random.integer(below: 3) {
        // Half of the hits go to metadata, which is the smaller part of real files.
        let block = blocks[random.integer(below: blocks.count)]
        let place =
          random.integer(below: 2) == 0
          ? random.integer(below: changed.count) : block.lowerBound + random.integer(below: block.count)
        switch random.integer(below: 4) {
        case 0: changed[place] ^= 1 << UInt8(random.integer(below: 8))
        case 1: changed[place] = interesting[random.integer(below: interesting.count)]
        case 2: changed[place] = UInt8(truncatingIfNeeded: random.next())
        default:
          for index in place..<min(changed.count, place + 8) {
            changed[index] = interesting[random.integer(below: interesting.count)]
          }
        }
      }
      if round % 16 == 0 { changed.removeLast(random.integer(below: changed.count)) }
      rewriteChecksums(&changed, blocks)
      do throws(TernError) {
        let read = try Sample.readSmall(try HDF5Source(image: changed, named: "hostile"))
        if read == original { same += 1 } else { other += 1 }
      } catch {
        refused += 1
        #expect(error.kind == .data && error.file == "hostile", "\(error)")
      }
    }
    #expect(same > 1000 && other > 100 && refused > 10_000, "all outcomes occur: \(same), \(other), \(refused)")
  }

  @Test func claimsBeyondTheFileTakeNoMemory() throws {
    // A dataset of 2⁴⁰ rows in one chunk, in a file of a few kilobytes.
    let sealed = try Sample.small()
    var bytes = sealed
    let blocks = checkedBlocks(sealed)
    var found = 0
    for place in Seal.blockSize..<bytes.count - 8 where bytes[place] == 200 && bytes[place + 1..<place + 8].allSatisfy({ $0 == 0 }) {
      bytes[place + 5] = 1
      found += 1
    }
    #expect(found >= 4, "extents and largest extents of two columns")
    rewriteChecksums(&bytes, blocks)
    let image = try Sample.resealed(bytes)
    let source = try HDF5Source(image: image, named: "claims")
    for path in ["candles/time", "candles/close"] {
      #expect(throws: TernError.self) { try source.column(path) }
    }
  }
}
