import Compute
import Testing

@testable import Boosting

@Suite("Split search and histograms")
struct KernelTests {
  /// Sums by bin, row by row.
  @Test
  func histogramsAgreeWithNaiveSums() {
    var random = Philox(seed: 1)
    let rows = 3000
    let words = Storage<UInt64>(rows, initial: 0)
    for row in 0..<rows { words.pointer[row] = random.next() }
    for selection in [
      Array(0..<Int32(rows)), (0..<Int32(rows)).filter { _ in random.integer(below: 3) == 0 },
    ] {
      let pairs = selection.map { _ in
        (Int64(random.integer(below: 1 << 18)) - (1 << 17), Int64(random.integer(below: 1 << 18)))
      }
      var naive = [SIMD2<Int64>](repeating: .zero, count: HistogramKernel.scratchCount)
      for (row, pair) in zip(selection, pairs) {
        for k in 0..<8 {
          naive[k * 256 + Int(words.pointer[Int(row)] >> UInt64(8 * k) & 255)] &+= SIMD2(pair.0, pair.1)
        }
      }
      let packed = pairs.map { $0.0 << 32 + $0.1 }
      let narrow = Storage<Int64>(HistogramKernel.scratchCount, initial: 0)
      let wide = Storage<SIMD2<Int64>>(HistogramKernel.scratchCount, initial: .zero)
      HistogramKernel.addPacked(
        words: words.pointer, rows: selection, values: packed, count: packed.count, scratch: narrow.pointer)
      HistogramKernel.addWide(
        words: words.pointer, rows: selection, values: packed, count: packed.count, scratch: wide.pointer)
      let sums = Storage<SIMD2<Int64>>(HistogramKernel.scratchCount, initial: .zero)
      for k in 0..<8 {
        HistogramKernel.flushPacked(narrow.pointer + k * 256, into: sums.pointer + k * 256, bins: 256)
      }
      #expect((0..<naive.count).allSatisfy { sums.pointer[$0] == naive[$0] && wide.pointer[$0] == naive[$0] })
      #expect((0..<naive.count).allSatisfy { narrow.pointer[$0] == 0 })
      let half = Storage<SIMD2<Int64>>(HistogramKernel.scratchCount, initial: .zero)
      HistogramKernel.addWideHalf(
        words: words.pointer, rows: selection, values: packed, count: packed.count, scratch: half.pointer)
      #expect((0..<naive.count).allSatisfy { half.pointer[$0] == ($0 < naive.count / 2 ? naive[$0] : .zero) })
      for columns in 1...8 {
        let own = Storage<SIMD2<Int64>>(HistogramKernel.scratchCount, initial: .zero)
        // Histograms apart from one another, in another order.
        let targets = (0..<columns).map { own.pointer + 256 * (7 - $0) }
        HistogramKernel.addWide(
          words: words.pointer, rows: selection, values: packed, count: packed.count, targets: targets,
          columns: columns)
        #expect(
          (0..<naive.count).allSatisfy {
            own.pointer[$0] == ($0 >> 8 >= 8 - columns ? naive[256 * (7 - $0 >> 8) + ($0 & 255)] : .zero)
          })
      }
    }
  }

  /// Three outputs with the same hessians, summed together and moved to histograms that hold something or nothing.
  @Test(arguments: [1, 3, 4, 5, 8])
  func threeOutputsTogetherAreEachAlone(features: Int) throws {
    var random = Philox(seed: UInt64(features))
    let words = Storage<UInt64>(500, initial: 0)
    for row in 0..<500 { words.pointer[row] = random.next() >> UInt64(64 - 8 * features) }
    let rows = (0..<500).filter { _ in random.integer(below: 3) > 0 }.map { Int32($0) }
    let hessians = rows.map { _ in Int64(random.integer(below: 1 << 30)) }
    let values = (0..<3).map { _ in
      hessians.map { (Int64(random.integer(below: 1 << 31)) - 1 << 30) << 32 + $0 }
    }
    let scratch = Storage<SIMD4<Int64>>(HistogramKernel.scratchCount, initial: .zero)
    let held = SIMD2<Int64>(-7, 11)
    for isAdding in [false, true] {
      values[0].withUnsafeBufferPointer { first in
        values[1].withUnsafeBufferPointer { second in
          values[2].withUnsafeBufferPointer { third in
            guard let a = first.baseAddress, let b = second.baseAddress, let c = third.baseAddress else {
              return
            }
            HistogramKernel.addThree(
              words: words.pointer, rows: rows, values: (a, b, c), count: rows.count, features: features,
              isBinary: false, scratch: scratch.pointer)
          }
        }
      }
      let found = (0..<3).map { _ in Storage<SIMD2<Int64>>(HistogramKernel.scratchCount, initial: held) }
      HistogramKernel.flushThree(
        scratch.pointer, into: (found[0].pointer, found[1].pointer, found[2].pointer), bins: 256 * features,
        isAdding: isAdding)
      for output in 0..<3 {
        let alone = Storage<SIMD2<Int64>>(HistogramKernel.scratchCount, initial: .zero)
        HistogramKernel.addWide(
          words: words.pointer, rows: rows, values: values[output], count: rows.count, scratch: alone.pointer)
        for entry in 0..<256 * features {
          let expected = isAdding ? alone.pointer[entry] &+ held : alone.pointer[entry]
          #expect(found[output].pointer[entry] == expected)
        }
      }
      // Of up to four features the upper half is not touched; of more, places without one have counted zeros of the words.
      for place in features..<8 { scratch.pointer[256 * place] = .zero }
      #expect((0..<HistogramKernel.scratchCount).allSatisfy { scratch.pointer[$0] == .zero })
    }
  }

  /// Words of features with two bins: few rows are summed one by one, many by bytes.
  @Test(arguments: [0, 1, 127, 128, 3000], [1, 4, 5, 8])
  func binarySumsAgreeWithThoseOfWords(count: Int, features: Int) {
    var random = Philox(seed: UInt64(count + features))
    /// Bit k of a byte in byte k of a word.
    func word(_ byte: Int) -> UInt64 {
      var result: UInt64 = 0
      for k in 0..<8 { result |= UInt64(byte >> k & 1) << UInt64(8 * k) }
      return result
    }
    for byte in 0..<256 { #expect(BinaryKernel.byte(word(byte)) == byte) }
    let words = (0..<4000).map { _ in word(random.integer(below: 1 << features)) }
    let rows = (0..<count).map { _ in Int32(random.integer(below: words.count)) }
    let values = (0..<3).map { output in
      rows.indices.map { row in
        // Different gradients beside the weights that all outputs share.
        let gradient = Int64(random.integer(below: 1 << 18)) - Int64(1 << (15 + output))
        return gradient << 32 + Int64(row * 7 & 0xFFFF)
      }
    }
    func sums<Entry: BitwiseCopyable>(_ zero: Entry, _ add: (UnsafeMutablePointer<Entry>) -> Void) -> [Entry]
    {
      let scratch = Storage<Entry>(HistogramKernel.scratchCount, initial: zero)
      add(scratch.pointer)
      return (0..<HistogramKernel.scratchCount).map { scratch.pointer[$0] }
    }
    /// What differs where a feature is, and whether anything is left where none can be.
    func compare<Entry: Equatable>(_ found: [Entry], _ expected: [Entry], _ zero: Entry) {
      for entry in found.indices {
        if entry >> 8 < features { #expect(found[entry] == expected[entry]) }
        if entry & 255 > 1 || entry >> 8 >= features && entry & 255 > 0 { #expect(found[entry] == zero) }
      }
    }
    compare(
      sums(0) {
        HistogramKernel.addPackedBinary(
          words: words, rows: rows, values: values[0], count: count, scratch: $0)
      },
      sums(0) {
        HistogramKernel.addPacked(words: words, rows: rows, values: values[0], count: count, scratch: $0)
      }, 0)
    compare(
      sums(SIMD2.zero) {
        HistogramKernel.addWideBinary(words: words, rows: rows, values: values[0], count: count, scratch: $0)
      },
      sums(SIMD2.zero) {
        HistogramKernel.addWide(words: words, rows: rows, values: values[0], count: count, scratch: $0)
      }, .zero)
    let storages = values.map { own in
      let storage = Storage<Int64>(max(count, 1), initial: 0)
      for row in own.indices { storage.pointer[row] = own[row] }
      return storage
    }
    func three(isBinary: Bool) -> [SIMD4<Int64>] {
      sums(SIMD4.zero) {
        HistogramKernel.addThree(
          words: words, rows: rows,
          values: (
            UnsafePointer(storages[0].pointer), UnsafePointer(storages[1].pointer),
            UnsafePointer(storages[2].pointer)
          ), count: count, features: features, isBinary: isBinary, scratch: $0)
      }
    }
    compare(three(isBinary: true), three(isBinary: false), .zero)
  }

  /// Of a parent and one child, whichever it is, both children in the places of left and right.
  @Test(arguments: [1, 2, 3, 4, 7, 8, 255], [false, true])
  func childrenAreSeparated(bins: Int, isLeftBuilt: Bool) {
    var random = Philox(seed: UInt64(bins))
    func sums() -> [SIMD2<Int64>] {
      (0..<bins + 1).map { _ in
        SIMD2(Int64(random.integer(below: 1000)) - 500, Int64(random.integer(below: 90)))
      }
    }
    let (left, right) = (sums(), sums())
    var parent = zip(left, right).map { $0 &+ $1 }
    var built = isLeftBuilt ? left : right
    parent[bins] = .zero
    built[bins] = .zero
    HistogramKernel.separate(parent: &parent, built: &built, bins: bins, isLeftBuilt: isLeftBuilt)
    #expect(parent == left.prefix(bins) + [.zero])
    #expect(built == right.prefix(bins) + [.zero])
  }

  /// Every split of random histograms by both directions of the missing rows, tried one by one.
  @Test(arguments: [0.0, 0.7], [0.0, 0.3])
  func splitsAgreeWithBruteForce(alpha: Double, clip: Double) throws {
    var random = Philox(seed: 3)
    let parameters = [
      "alpha": "\(alpha)", "max_delta_step": "\(clip)", "min_child_weight": "2", "lambda": "1.5",
    ]
    let configuration = try BoostingConfiguration(style: .xgboost, parameters: parameters)
    for _ in 0..<400 {
      let numeric = 2 + random.integer(below: 12)
      let hasMissing = random.integer(below: 2) == 0
      var sums: [SIMD2<Int64>] = []
      for _ in 0..<numeric + (hasMissing ? 1 : 0) {
        let isEmpty = random.integer(below: 4) == 0
        sums.append(
          isEmpty
            ? .zero : SIMD2(Int64(random.integer(below: 4001)) - 2000, Int64(1 + random.integer(below: 3000)))
        )
      }
      let total = sums.reduce(SIMD2<Int64>.zero) { $0 &+ $1 }
      let search = SplitSearch(configuration: configuration, gradientStep: 1.0 / 256, hessianStep: 1.0 / 512)
      var ignored = true
      let found = search.best(
        sums: sums, bins: FeatureBins(cuts: (1..<numeric).map { Float($0) }, hasMissing: hasMissing),
        node: NodeSums(gradient: total.x, hessian: total.y, rows: 1000), rule: FeatureRule(feature: 0),
        isSplittable: &ignored)
      let expected = bruteForce(sums, numeric, hasMissing, total, search)
      #expect(found.exists == (expected > 1e-6))
      // The search rounds a loss change to single precision, as XGBoost does.
      if found.exists { #expect(abs(found.gain - expected) <= 1e-6 * max(1, expected)) }
    }
  }

  /// LightGBM's search with gains computed eight at a time finds the candidates of the search one by one, to the bit.
  @Test
  func vectorGainsChangeNothing() throws {
    var random = Philox(seed: 4)
    let scan = ScanBuffer()
    for trial in 0..<600 {
      let configuration = try BoostingConfiguration(
        style: .lightgbm,
        parameters: [
          "min_data_in_leaf": "\([0, 1, 20][trial % 3])", "lambda_l2": trial % 2 == 0 ? "0" : "1.5",
          "min_gain_to_split": trial % 5 == 0 ? "0.1" : "0", "min_sum_hessian_in_leaf": "0.01",
        ])
      let hasMissing = random.integer(below: 2) == 0
      let numeric = 1 + random.integer(below: trial % 4 == 0 ? 255 : 12)
      // Few different sums make gains that are equal; many empty bins are what small leaves have.
      let variety = trial % 7 == 0 ? 2 : 4001
      let sums = (0..<numeric + (hasMissing ? 1 : 0)).map { _ in
        random.integer(below: 3) == 0
          ? SIMD2<Int64>.zero
          : SIMD2(
            Int64(random.integer(below: variety)) - Int64(variety / 2),
            Int64(1 + random.integer(below: variety)))
      }
      let total = sums.reduce(SIMD2<Int64>(0, 1)) { $0 &+ $1 }
      let search = SplitSearch(configuration: configuration, gradientStep: 1.0 / 256, hessianStep: 1.0 / 512)
      let bins = FeatureBins(cuts: (1..<max(numeric, 1)).map { Float($0) }, hasMissing: hasMissing)
      let node = NodeSums(gradient: total.x, hessian: total.y, rows: 40 + random.integer(below: 4000))
      let rule = FeatureRule(feature: 3)
      #expect(search.hasVectorGains(rule))
      var isSplittable = (alone: true, vector: true)
      let alone = search.best(
        sums: sums, bins: bins, node: node, rule: rule, isSplittable: &isSplittable.alone)
      let vector = search.best(
        sums: sums, bins: bins, node: node, rule: rule, scan: scan, isSplittable: &isSplittable.vector)
      #expect(alone == vector)
      #expect(isSplittable.alone == isSplittable.vector)
    }
  }

  private func bruteForce(
    _ sums: [SIMD2<Int64>], _ numeric: Int, _ hasMissing: Bool, _ total: SIMD2<Int64>, _ search: SplitSearch
  ) -> Double {
    func loss(_ side: SIMD2<Int64>) -> Double {
      let g = Double(side.x) / 256
      let h = Double(side.y) / 512
      let s = g > 0 ? max(g - search.alpha, 0) : min(g + search.alpha, 0)
      var w = -s / (h + search.lambda)
      if search.maxDeltaStep > 0 { w = min(max(w, -search.maxDeltaStep), search.maxDeltaStep) }
      return g * w + 0.5 * (h + search.lambda) * w * w + search.alpha * abs(w)
    }
    var best = 0.0
    for cut in 0...numeric {
      for missingLeft in hasMissing ? [false, true] : [false] {
        var left = SIMD2<Int64>.zero
        for b in 0..<cut { left &+= sums[b] }
        if missingLeft { left &+= sums[numeric] }
        let right = total &- left
        guard left.y >= 2 * 512, right.y >= 2 * 512 else { continue }
        best = max(best, 2 * (loss(total) - loss(left) - loss(right)))
      }
    }
    return best
  }
}
