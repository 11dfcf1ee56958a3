import Trees

/// Eight rows side by side.
typealias Lanes = SIMD8<Double>
/// A yes or no for each of eight rows.
typealias LaneMask = SIMDMask<SIMD8<Int64>>

/// Which rows an inner node sends left; `Forest` defines the kinds of tests.
struct NodeTest: Sendable {
  var feature: Int32
  var isMissingLeft: Bool
  /// Whether the test is `x < threshold` with NaN alone missing.
  var isPlain: Bool
  var flags: NodeFlags
  /// First word of a categorical node's set among the forest's, and how many there are.
  var firstWord: Int32
  var words: Int32
  var threshold: Double

  init(_ forest: Forest, node: Int) {
    let arrays = forest.nodeArrays
    feature = arrays.splitFeature[node]
    isMissingLeft = arrays.defaultLeft[node] != 0
    threshold = Double(arrays.threshold[node])
    flags = arrays.flags.isEmpty ? [] : NodeFlags(rawValue: arrays.flags[node])
    isPlain = flags.isDisjoint(with: [.categorical, .zeroIsMissing])
    (firstWord, words) = (0, 0)
    if flags.contains(.categorical), !arrays.categorySet.isEmpty, arrays.categorySet[node] >= 0 {
      let set = Int(arrays.categorySet[node])
      firstWord = arrays.categoryOffsets[set]
      words = arrays.categoryOffsets[set + 1] - firstWord
    }
  }

  /// The lanes whose row goes left.
  @inline(__always)
  func left(_ x: Lanes, sets: UnsafePointer<UInt32>) -> LaneMask {
    guard isPlain else { return generalLeft(x, sets) }
    let below = x .< Lanes(repeating: threshold)
    return isMissingLeft ? below .| (x .!= x) : below
  }

  /// Whether a row goes left.
  @inline(__always)
  func left(_ x: Double, sets: UnsafePointer<UInt32>) -> Bool {
    guard isPlain else { return generalLeft(x, sets) }
    return x < threshold || (isMissingLeft && x.isNaN)
  }

  @inline(never)
  private func generalLeft(_ x: Lanes, _ sets: UnsafePointer<UInt32>) -> LaneMask {
    var mask = LaneMask(repeating: false)
    for lane in 0..<8 { mask[lane] = generalLeft(x[lane], sets) }
    return mask
  }

  private func generalLeft(_ x: Double, _ sets: UnsafePointer<UInt32>) -> Bool {
    // LightGBM's bound of what counts as zero, in the single precision of the features.
    if x.isNaN || (flags.contains(.zeroIsMissing) && abs(x) <= Double(Float(1e-35))) { return isMissingLeft }
    guard flags.contains(.categorical) else { return x < threshold }
    return isMember(x, sets) == flags.contains(.membersGoLeft)
  }

  private func isMember(_ x: Double, _ sets: UnsafePointer<UInt32>) -> Bool {
    guard x >= 0 || (x > -1 && flags.contains(.truncatesNegative)), x < Double(words) * 32 else {
      return false
    }
    let category = Int(x)
    return sets[Int(firstWord) + category / 32] >> UInt32(category % 32) & 1 != 0
  }
}

extension Forest {
  /// What a leaf adds to the margin of its tree's output.
  func contribution(ofLeaf node: Int) -> Double {
    leafValue(node) * header.scale / (header.averages && rounds > 0 ? Double(rounds) : 1)
  }

  /// Whether some leaf is a linear function.
  var hasLinearLeaves: Bool {
    nodeArrays.flags.contains { NodeFlags(rawValue: $0).contains(.linear) }
  }
}
