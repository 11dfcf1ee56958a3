import Trees

/// Eight rows side by side.
typealias Lanes = SIMD8<Double>
/// A yes or no for each of eight rows.
typealias LaneMask = SIMDMask<SIMD8<Int64>>

/// Which rows an inner node sends left: those with `x < threshold`, and missing ones where it says so.
struct NodeTest: Sendable {
  var feature: Int32
  var isMissingLeft: Bool
  var threshold: Double

  init(_ forest: Forest, node: Int) {
    feature = forest.splitFeature[node]
    isMissingLeft = forest.defaultLeft[node] != 0
    threshold = Double(forest.threshold[node])
  }

  /// The lanes whose row goes left.
  @inline(__always)
  func left(_ x: Lanes) -> LaneMask {
    let below = x .< Lanes(repeating: threshold)
    return isMissingLeft ? below .| (x .!= x) : below
  }

  /// Whether a row goes left.
  @inline(__always)
  func left(_ x: Double) -> Bool { x < threshold || (isMissingLeft && x.isNaN) }
}
