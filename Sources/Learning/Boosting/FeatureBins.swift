/// How the values of one feature are told apart in training.
///
/// `bin(x)` is the number of cuts that are <= x, so the bins 0 ... b hold exactly the rows with `x < cuts[b]`.
/// Missing values have the last bin of their own if the feature has any.
public struct FeatureBins: Sendable, Equatable {
  /// Increasing thresholds; one fewer than bins of present values.
  public var cuts: [Float]
  /// Whether the rows that the bins were made from hold missing values.
  public var hasMissing: Bool

  /// Number of bins of present values.
  public var numericBins: Int { cuts.count + 1 }
  /// Number of all bins.
  public var bins: Int { numericBins + (hasMissing ? 1 : 0) }
  /// Whether no split can separate rows.
  public var isConstant: Bool { bins < 2 }

  /// The cuts followed by NaN, which lies below nothing, up to the 256 entries that `bin` searches.
  var paddedCuts: [Float] { cuts + [Float](repeating: .nan, count: 256 - cuts.count) }

  /// The bin of a value by eight halvings without a branch; a missing value has `missingBin`.
  @inline(__always)
  static func bin(_ x: Float, paddedCuts cuts: UnsafePointer<Float>, missingBin: Int) -> Int {
    var base = 0
    var half = 128
    while half > 0 {
      let isBelow = cuts[base + half - 1] <= x ? 1 : 0
      base &+= half & (0 &- isBelow)
      half /= 2
    }
    let isMissing = x != x ? 1 : 0
    return base | (missingBin & (0 &- isMissing))
  }
}
