import Compression
import Diagnostics

/// Memory that is reused from chunk to chunk.
final class ChunkScratch {
  /// The bytes as stored.
  private(set) var stored = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// The bytes between inflating and unshuffling.
  private(set) var shuffled = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// The decompressor's state.
  var inflater = ZlibInflater()

  deinit {
    stored.deallocate()
    shuffled.deallocate()
  }

  /// Makes room; sizes are bounded by the caller.
  func reserve(stored count: Int, shuffled other: Int) {
    if stored.count < count {
      stored.deallocate()
      stored = .allocate(byteCount: count, alignment: 16)
    }
    if shuffled.count < other {
      shuffled.deallocate()
      shuffled = .allocate(byteCount: other, alignment: 16)
    }
  }
}

/// Puts the bytes of 8-byte elements together again that were stored by significance: first the lowest byte of every
/// element, then the second, and so on.
enum Shuffle {
  /// Restores `count` elements.
  static func restore(_ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutableRawPointer) {
    let whole = count & ~7
    var row = 0
    while row < whole {
      // Eight elements are an 8 × 8 matrix of bytes, transposed in three rounds of swaps (Warren, "Hacker's Delight", 7-3).
      var lanes = SIMD8<UInt64>()
      for plane in 0..<8 {
        lanes[plane] = source.loadUnaligned(fromByteOffset: plane * count + row, as: UInt64.self)
      }
      for step in 0..<3 {
        let distance = 1 << step
        let bits = UInt64(8 << step)
        let mask: UInt64 = step == 0 ? 0x00ff_00ff_00ff_00ff : step == 1 ? 0x0000_ffff_0000_ffff : 0x0000_0000_ffff_ffff
        for low in 0..<8 where low & distance == 0 {
          let high = low + distance
          let swap = (lanes[low] &>> bits ^ lanes[high]) & mask
          lanes[high] ^= swap
          lanes[low] ^= swap &<< bits
        }
      }
      for element in 0..<8 {
        target.storeBytes(of: lanes[element], toByteOffset: (row + element) * 8, as: UInt64.self)
      }
      row += 8
    }
    while row < count {
      var value: UInt64 = 0
      for plane in 0..<8 {
        value |= UInt64(source.load(fromByteOffset: plane * count + row, as: UInt8.self)) << UInt64(8 * plane)
      }
      target.storeBytes(of: value, toByteOffset: row * 8, as: UInt64.self)
      row += 1
    }
  }
}
