extension BinFinder {
  /// Bins of a categorical column at `rows` (all rows if nil).
  ///
  /// LightGBM orders categories by falling frequency, gives the rare ones up (those after 99 % of the rows once bins
  /// run out, and those of fewer than `minDataInBin` rows after the first two) and treats them, unknown codes and
  /// missing values alike. XGBoost has a bin for every code. A bin number is a byte, so here the least frequent
  /// categories beyond 254 share one bin in either style.
  static func categoryBins(
    column: [Float], rows: [Int32]?, configuration: BoostingConfiguration
  ) -> FeatureBins {
    var counts: [Int] = []
    var missing = 0
    var unknown = 0
    let total = rows?.count ?? column.count
    for i in 0..<total {
      let x = column[rows.map { Int($0[i]) } ?? i]
      if x.isNaN {
        missing += 1
      } else if x < 0 {
        unknown += 1
      } else {
        let code = Int(x)
        if code >= counts.count {
          counts.append(contentsOf: repeatElement(0, count: code + 1 - counts.count))
        }
        counts[code] += 1
      }
    }
    let frequent = counts.indices.filter { counts[$0] > 0 }.sorted {
      counts[$0] != counts[$1] ? counts[$0] > counts[$1] : $0 < $1
    }
    let limit = 254
    switch configuration.style {
    case .lightgbm:
      let present = total - missing - unknown
      let enough = Int((Float(present) * 0.99).rounded())
      let hasAbsent = missing + unknown > 0
      let wanted = min(frequent.count + (hasAbsent ? 1 : 0), configuration.maxBin)
      var kept = 0
      var used = 0
      while kept < min(frequent.count, limit), used < enough || kept + 1 < wanted {
        if counts[frequent[kept]] < configuration.minDataInBin, kept > 1 { break }
        used += counts[frequent[kept]]
        kept += 1
      }
      return FeatureBins(
        codes: frequent.prefix(kept).map { Int32($0) }, hasOther: false,
        hasMissing: hasAbsent || kept < frequent.count)
    case .xgboost:
      let isCut = counts.count > limit
      let codes = isCut ? frequent.prefix(limit).sorted() : Array(counts.indices)
      return FeatureBins(
        codes: codes.map { Int32($0) }, hasOther: unknown > 0 || isCut && frequent.count > limit,
        hasMissing: missing > 0)
    }
  }
}
