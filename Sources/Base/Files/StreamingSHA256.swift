/// SHA-256 (FIPS 180-4) over bytes that arrive in pieces, in fixed state on the stack.
///
/// The hasher of swift-crypto, behind `DigestHasher`, allocates on the heap for every hash. The journal hashes every
/// record on the decision path, which must not allocate; this type is for such paths, `DigestHasher` for all others.
///
///     var hasher = StreamingSHA256()
///     hasher.update(bytes)
///     let hash = hasher.finish()
public struct StreamingSHA256: Sendable {
  private var state = Self.initialState
  /// The bytes of the block that is not complete yet.
  private var block = InlineArray<64, UInt8>(repeating: 0)
  /// How many of them there are.
  private var pending = 0
  private var length: UInt64 = 0

  /// Starts an empty hash.
  public init() {}

  private static var initialState: SIMD8<UInt32> {
    SIMD8(
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  }

  /// Takes in more bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard var source = bytes.baseAddress else { return }
    var count = bytes.count
    length &+= UInt64(count)
    if pending > 0 {
      let taken = min(64 - pending, count)
      withUnsafeMutableBytes(of: &block) { block in
        block.baseAddress?.advanced(by: pending).copyMemory(from: source, byteCount: taken)
      }
      pending += taken
      source += taken
      count -= taken
      guard pending == 64 else { return }
      compressBlock()
    }
    let blocks = count / 64
    compress(&state, source, blocks: blocks)
    source += blocks * 64
    count -= blocks * 64
    guard count > 0 else { return }
    withUnsafeMutableBytes(of: &block) { $0.baseAddress?.copyMemory(from: source, byteCount: count) }
    pending = count
  }

  /// Takes in the bytes of a span.
  public mutating func update(_ bytes: RawSpan) { bytes.withUnsafeBytes { update($0) } }

  /// Takes in the 32 bytes of a hash.
  public mutating func update(_ hash: ChainHash) {
    withUnsafeTemporaryAllocation(byteCount: ChainHash.byteCount, alignment: 8) { bytes in
      hash.write(to: bytes)
      update(UnsafeRawBufferPointer(bytes))
    }
  }

  /// The hash of everything taken in since the beginning; the hasher is empty again afterwards.
  public mutating func finish() -> ChainHash {
    let bits = length &* 8
    withUnsafeMutableBytes(of: &block) { block in
      block[pending] = 0x80
      block[(pending + 1)...].initializeMemory(as: UInt8.self, repeating: 0)
    }
    if pending >= 56 {
      compressBlock()
      block = InlineArray(repeating: 0)
    }
    withUnsafeMutableBytes(of: &block) {
      $0.storeBytes(of: bits.bigEndian, toByteOffset: 56, as: UInt64.self)
    }
    compressBlock()
    let hash = ChainHash(words: state)
    state = Self.initialState
    length = 0
    return hash
  }

  /// Writes the hash of everything taken in since the beginning into the first 32 bytes of a buffer; the hasher is
  /// empty again afterwards.
  public mutating func finish(into bytes: UnsafeMutableRawBufferPointer) { finish().write(to: bytes) }

  /// The hash of bytes in memory.
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> ChainHash {
    var hasher = StreamingSHA256()
    hasher.update(bytes)
    return hasher.finish()
  }

  private mutating func compressBlock() {
    withUnsafeBytes(of: &block) { bytes in
      if let source = bytes.baseAddress { compress(&state, source, blocks: 1) }
    }
    pending = 0
  }
}

/// The compression function over whole blocks, FIPS 180-4 section 6.2.2. The message schedule keeps its last sixteen
/// words, which the optimiser holds in registers once every index is a constant.
private func compress(_ state: inout SIMD8<UInt32>, _ source: UnsafeRawPointer, blocks: Int) {
  var working = state
  var w = InlineArray<16, UInt32>(repeating: 0)
  for block in 0..<blocks {
    let words = source + block &* 64
    for index in 0..<16 {
      w[index] = UInt32(bigEndian: words.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
    }
    let before = working
    sixteenRounds(
      &working, w,
      SIMD16(
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
        0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
        0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174))
    extend(&w)
    sixteenRounds(
      &working, w,
      SIMD16(
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa,
        0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967))
    extend(&w)
    sixteenRounds(
      &working, w,
      SIMD16(
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb,
        0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3,
        0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070))
    extend(&w)
    sixteenRounds(
      &working, w,
      SIMD16(
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2))
    working &+= before
  }
  state = working
}

@inline(__always)
private func sixteenRounds(
  _ state: inout SIMD8<UInt32>, _ w: InlineArray<16, UInt32>, _ k: SIMD16<UInt32>
) {
  var (a, b, c, d) = (state[0], state[1], state[2], state[3])
  var (e, f, g, h) = (state[4], state[5], state[6], state[7])
  var difference = b ^ c
  round(a, b, &d, e, f, g, &h, &difference, k[0] &+ w[0])
  round(h, a, &c, d, e, f, &g, &difference, k[1] &+ w[1])
  round(g, h, &b, c, d, e, &f, &difference, k[2] &+ w[2])
  round(f, g, &a, b, c, d, &e, &difference, k[3] &+ w[3])
  round(e, f, &h, a, b, c, &d, &difference, k[4] &+ w[4])
  round(d, e, &g, h, a, b, &c, &difference, k[5] &+ w[5])
  round(c, d, &f, g, h, a, &b, &difference, k[6] &+ w[6])
  round(b, c, &e, f, g, h, &a, &difference, k[7] &+ w[7])
  round(a, b, &d, e, f, g, &h, &difference, k[8] &+ w[8])
  round(h, a, &c, d, e, f, &g, &difference, k[9] &+ w[9])
  round(g, h, &b, c, d, e, &f, &difference, k[10] &+ w[10])
  round(f, g, &a, b, c, d, &e, &difference, k[11] &+ w[11])
  round(e, f, &h, a, b, c, &d, &difference, k[12] &+ w[12])
  round(d, e, &g, h, a, b, &c, &difference, k[13] &+ w[13])
  round(c, d, &f, g, h, a, &b, &difference, k[14] &+ w[14])
  round(b, c, &e, f, g, h, &a, &difference, k[15] &+ w[15])
  state = SIMD8(a, b, c, d, e, f, g, h)
}

@inline(__always)
private func round(
  _ a: UInt32, _ b: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
  _ h: inout UInt32, _ difference: inout UInt32, _ input: UInt32
) {
  let choice = g ^ (e & (f ^ g))
  // The majority of a, b and c, where b ^ c is known from the round before.
  let next = a ^ b
  let majority = b ^ (next & difference)
  difference = next
  let first = h &+ input &+ choice &+ (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25))
  d &+= first
  h = first &+ majority &+ (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22))
}

/// The next sixteen words of the message schedule.
@inline(__always)
private func extend(_ w: inout InlineArray<16, UInt32>) {
  w[0] &+= smallSigma0(w[1]) &+ w[9] &+ smallSigma1(w[14])
  w[1] &+= smallSigma0(w[2]) &+ w[10] &+ smallSigma1(w[15])
  w[2] &+= smallSigma0(w[3]) &+ w[11] &+ smallSigma1(w[0])
  w[3] &+= smallSigma0(w[4]) &+ w[12] &+ smallSigma1(w[1])
  w[4] &+= smallSigma0(w[5]) &+ w[13] &+ smallSigma1(w[2])
  w[5] &+= smallSigma0(w[6]) &+ w[14] &+ smallSigma1(w[3])
  w[6] &+= smallSigma0(w[7]) &+ w[15] &+ smallSigma1(w[4])
  w[7] &+= smallSigma0(w[8]) &+ w[0] &+ smallSigma1(w[5])
  w[8] &+= smallSigma0(w[9]) &+ w[1] &+ smallSigma1(w[6])
  w[9] &+= smallSigma0(w[10]) &+ w[2] &+ smallSigma1(w[7])
  w[10] &+= smallSigma0(w[11]) &+ w[3] &+ smallSigma1(w[8])
  w[11] &+= smallSigma0(w[12]) &+ w[4] &+ smallSigma1(w[9])
  w[12] &+= smallSigma0(w[13]) &+ w[5] &+ smallSigma1(w[10])
  w[13] &+= smallSigma0(w[14]) &+ w[6] &+ smallSigma1(w[11])
  w[14] &+= smallSigma0(w[15]) &+ w[7] &+ smallSigma1(w[12])
  w[15] &+= smallSigma0(w[0]) &+ w[8] &+ smallSigma1(w[13])
}

@inline(__always)
private func smallSigma0(_ x: UInt32) -> UInt32 { rotated(x, 7) ^ rotated(x, 18) ^ x &>> 3 }

@inline(__always)
private func smallSigma1(_ x: UInt32) -> UInt32 { rotated(x, 17) ^ rotated(x, 19) ^ x &>> 10 }

@inline(__always)
private func rotated(_ x: UInt32, _ count: UInt32) -> UInt32 { x &>> count | x &<< (32 &- count) }
