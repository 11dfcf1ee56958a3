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
      // Eight elements are an 8 × 8 matrix of bytes, transposed in three rounds of swaps (Warren, "Hacker's Delight",
      // 7-3). The lanes are variables of their own so that they live in registers.
      @inline(__always)
      func plane(_ index: Int) -> UInt64 {
        source.loadUnaligned(fromByteOffset: index * count + row, as: UInt64.self)
      }
      @inline(__always)
      func exchange(_ low: inout UInt64, _ high: inout UInt64, _ bits: UInt64, _ mask: UInt64) {
        let swap = (low &>> bits ^ high) & mask
        high ^= swap
        low ^= swap &<< bits
      }
      var (a, b, c, d) = (plane(0), plane(1), plane(2), plane(3))
      var (e, f, g, h) = (plane(4), plane(5), plane(6), plane(7))
      let bytes: UInt64 = 0x00ff_00ff_00ff_00ff
      exchange(&a, &b, 8, bytes)
      exchange(&c, &d, 8, bytes)
      exchange(&e, &f, 8, bytes)
      exchange(&g, &h, 8, bytes)
      let pairs: UInt64 = 0x0000_ffff_0000_ffff
      exchange(&a, &c, 16, pairs)
      exchange(&b, &d, 16, pairs)
      exchange(&e, &g, 16, pairs)
      exchange(&f, &h, 16, pairs)
      let halves: UInt64 = 0x0000_0000_ffff_ffff
      exchange(&a, &e, 32, halves)
      exchange(&b, &f, 32, halves)
      exchange(&c, &g, 32, halves)
      exchange(&d, &h, 32, halves)
      let start = target + row * 8
      start.storeBytes(of: a, toByteOffset: 0, as: UInt64.self)
      start.storeBytes(of: b, toByteOffset: 8, as: UInt64.self)
      start.storeBytes(of: c, toByteOffset: 16, as: UInt64.self)
      start.storeBytes(of: d, toByteOffset: 24, as: UInt64.self)
      start.storeBytes(of: e, toByteOffset: 32, as: UInt64.self)
      start.storeBytes(of: f, toByteOffset: 40, as: UInt64.self)
      start.storeBytes(of: g, toByteOffset: 48, as: UInt64.self)
      start.storeBytes(of: h, toByteOffset: 56, as: UInt64.self)
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
