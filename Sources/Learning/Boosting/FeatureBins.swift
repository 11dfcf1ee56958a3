/// How the values of one feature are told apart in training.
///
/// Of a numeric feature `bin(x)` is the number of cuts that are <= x, so the bins 0 ... b hold exactly the rows with
/// `x < cuts[b]`. Of a categorical feature bin b holds category `codes[b]`; where others exist they share one bin
/// after these. Missing values have the last bin of their own if the feature has any.
public struct FeatureBins: Sendable, Equatable {
  /// Increasing thresholds; one fewer than bins of present values. Empty for a categorical feature.
  public var cuts: [Float]
  /// Whether the rows that the bins were made from hold missing values.
  public var hasMissing: Bool
  /// The category of each bin of a categorical feature.
  public var codes: [Int32] = []
  /// Whether the feature is categorical.
  public var isCategorical = false
  /// Whether there is a bin of categories without a bin of their own (XGBoost's way; LightGBM counts them as missing).
  public var hasOther = false

  /// Bins of a numeric feature.
  public init(cuts: [Float], hasMissing: Bool) {
    self.cuts = cuts
    self.hasMissing = hasMissing
  }

  /// Bins of a categorical feature.
  public init(codes: [Int32], hasOther: Bool, hasMissing: Bool) {
    self.init(cuts: [], hasMissing: hasMissing)
    self.codes = codes
    self.hasOther = hasOther
    isCategorical = true
  }

  /// Number of bins of present values.
  public var numericBins: Int { isCategorical ? codes.count + (hasOther ? 1 : 0) : cuts.count + 1 }
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

  /// The bin of every code of a categorical feature, of unknown ones (`last`) and of missing values.
  func categoryTable() -> (bins: [UInt8], other: UInt8, missing: UInt8) {
    let missing = UInt8(hasMissing ? bins - 1 : 0)
    let other = hasOther ? UInt8(codes.count) : missing
    var table = [UInt8](repeating: other, count: Int(codes.max() ?? -1) + 1)
    for (bin, code) in codes.enumerated() { table[Int(code)] = UInt8(bin) }
    return (table, other, missing)
  }
}
