import Compute
import Testing

@Suite("Philox")
struct PhiloxTests {
  /// Known answers of philox4x32-10 published with Random123 (`kat_vectors`).
  @Test
  func matchesRandom123() {
    let ones = UInt32.max
    #expect(
      Philox.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(counter: SIMD4(repeating: ones), key: SIMD2(repeating: ones))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  /// Means of 200,000 draws lie within 5 standard errors (σ/√n): 0.0112 for x, 0.0158 for x², 0.0490 for x⁴ - 3.
  @Test
  func normalMoments() {
    var random = Philox(seed: 3)
    var sums = (0.0, 0.0, 0.0)
    let count = 200_000
    for _ in 0..<count {
      let x = random.normal()
      sums.0 += x
      sums.1 += x * x
      sums.2 += x * x * x * x
    }
    #expect(abs(sums.0 / Double(count)) < 0.0112)
    #expect(abs(sums.1 / Double(count) - 1) < 0.0158)
    // Var(x⁴) = 96, so 5 · √(96 / 200,000) = 0.11.
    #expect(abs(sums.2 / Double(count) - 3) < 0.11)
  }

  @Test
  func shuffleIsAPermutationOfTheSeed() {
    var elements = Array(0..<1000)
    var random = Philox(seed: 1, stream: 9)
    random.shuffle(&elements)
    #expect(elements != Array(0..<1000))
    #expect(elements.sorted() == Array(0..<1000))
    var again = Array(0..<1000)
    var same = Philox(seed: 1, stream: 9)
    same.shuffle(&again)
    #expect(again == elements)
  }

  /// Each of 20 numbers is in half of 20,000 samples of 10; 5 standard errors are 354.
  @Test
  func samplesAreUniformAndIncreasing() {
    var random = Philox(seed: 5)
    var hits = [Int](repeating: 0, count: 20)
    for _ in 0..<20_000 {
      let sample = random.sample(10, of: 20)
      #expect(sample.count == 10 && zip(sample, sample.dropFirst()).allSatisfy { $0 < $1 })
      for index in sample { hits[Int(index)] += 1 }
    }
    #expect(hits.allSatisfy { abs($0 - 10_000) < 354 })
    #expect(random.sample(30, of: 20) == Array(0..<20))
    #expect(random.sample(0, of: 20).isEmpty)
  }
}
