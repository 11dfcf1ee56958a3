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

  /// The bin of a value; a missing value of a feature without a missing bin counts as `missingDefault`.
  @inline(__always)
  static func bin(_ x: Float, cuts: UnsafePointer<Float>, count: Int, missingBin: Int) -> UInt8 {
    if x != x { return UInt8(truncatingIfNeeded: missingBin) }
    var base = 0
    var length = count
    while length > 1 {
      let half = length / 2
      base += cuts[base + half - 1] <= x ? half : 0
      length -= half
    }
    if length == 1, cuts[base] <= x { base += 1 }
    return UInt8(truncatingIfNeeded: base)
  }
}
