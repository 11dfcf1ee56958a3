/// A sum of derivatives, in one form or another.
protocol HistogramEntry {
  static var zero: Self { get }
  func plus(_ other: Self) -> Self
  func minus(_ other: Self) -> Self
}

extension Int64: HistogramEntry {
  @inline(__always)
  func plus(_ other: Int64) -> Int64 { self &+ other }
  @inline(__always)
  func minus(_ other: Int64) -> Int64 { self &- other }
}

extension SIMD where Scalar == Int64 {
  @inline(__always)
  func plus(_ other: Self) -> Self { self &+ other }
  @inline(__always)
  func minus(_ other: Self) -> Self { self &- other }
}

extension SIMD2: HistogramEntry where Scalar == Int64 {}
extension SIMD4: HistogramEntry where Scalar == Int64 {}

/// Sums derivatives by bin for a word of features that have two bins each.
///
/// The eight bins of a row are one byte together, so that a row is added once and not eight times; the features' own sums are
/// those of the bytes with and without their bit. Of few rows that would cost more than it spares.
enum BinaryKernel {
  /// Rows from which on the sums of bytes are worth their turning into those of features.
  static let leastRows = 128

  /// The lowest bits of eight bytes that are 0 or 1, that of the lowest byte first.
  @inline(__always)
  static func byte(_ word: UInt64) -> Int {
    // The byte k of the word meets 2^(56 - 7 k) at bit 56 + k; no two products meet at a lower bit, so that none is carried.
    Int((word &* 0x0102_0408_1020_4080) >> 56)
  }

  /// Adds rows `rows[0 ..< count]` to a scratch histogram that is empty.
  ///
  /// - Parameters:
  ///   - scratch: (8, 256), of which each feature's two first entries are written.
  ///   - entry: what a row adds.
  @inline(__always)
  static func add<Entry: HistogramEntry>(
    words: UnsafePointer<UInt64>, rows: UnsafePointer<Int32>, count: Int,
    scratch h: UnsafeMutablePointer<Entry>,
    entry: (Int) -> Entry
  ) {
    for i in 0..<count {
      let byte = byte(words[Int(rows[i])])
      h[byte] = h[byte].plus(entry(i))
    }
    unfold(h)
  }

  /// Turns the sums of bytes in the first 256 entries into those of features.
  @inline(__always)
  private static func unfold<Entry: HistogramEntry>(_ h: UnsafeMutablePointer<Entry>) {
    // From the highest bit on, the half with the bit is summed and then laid upon the other half.
    var ones = Entry.zero
    for feature in stride(from: 7, through: 0, by: -1) {
      let half = 1 << feature
      ones = .zero
      for byte in 0..<half {
        let upper = h[half + byte]
        ones = ones.plus(upper)
        h[byte] = h[byte].plus(upper)
        h[half + byte] = .zero
      }
      if feature > 0 { h[256 * feature + 1] = ones }
    }
    let total = h[0]
    for feature in 1..<8 { h[256 * feature] = total.minus(h[256 * feature + 1]) }
    h[0] = total.minus(ones)
    h[1] = ones
  }
}
