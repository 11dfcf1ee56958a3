import Compute

/// Finds the bins of a table's features from given rows only.
enum BinFinder {
  /// Bins of every feature, one column per parallel item.
  static func bins(
    table: TrainingTable, rows: [Int32]?, configuration: BoostingConfiguration, pool: ThreadPool
  ) -> [FeatureBins] {
    let sample = sampledRows(total: table.rows, rows: rows, configuration: configuration)
    var result = [FeatureBins](repeating: FeatureBins(cuts: [], hasMissing: false), count: table.features)
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = SharedPointer(base)
      pool.parallelFor(count: table.features) { feature, _ in
        target.pointer[feature] = bins(
          column: table.columns[feature], isCategorical: table.kinds[feature].isCategorical, rows: rows,
          sample: sample, weights: table.weights, configuration: configuration)
      }
    }
    return result
  }

  private static func bins(
    column: [Float], isCategorical: Bool, rows: [Int32]?, sample: [Int32]?, weights: [Float]?,
    configuration: BoostingConfiguration
  ) -> FeatureBins {
    // Categories are counted, not sorted, so all rows are looked at.
    if isCategorical { return categoryBins(column: column, rows: rows, configuration: configuration) }
    if configuration.style == .xgboost {
      // Only XGBoost's sketch knows sample weights. A bin number is a byte, so a missing bin beside 256 others costs
      // one of them.
      let hasMissing = rows?.contains { column[Int($0)].isNaN } ?? column.contains { $0.isNaN }
      let isEmpty = !(rows?.contains { !column[Int($0)].isNaN } ?? column.contains { !$0.isNaN })
      if isEmpty { return FeatureBins(cuts: [], hasMissing: false) }
      let limit = hasMissing ? min(configuration.maxBin, 255) : configuration.maxBin
      return FeatureBins(
        cuts: xgboostCuts(column: column, rows: sample ?? rows, weights: weights, maxBin: limit),
        hasMissing: hasMissing)
    }
    let distinct = DistinctValues(column: column, rows: sample ?? rows, weights: nil)
    // A missing value that the sample did not draw still needs its bin.
    let hasMissing =
      distinct.missing > 0
      || (sample != nil && (rows?.contains { column[Int($0)].isNaN } ?? column.contains { $0.isNaN }))
    if distinct.values.isEmpty { return FeatureBins(cuts: [], hasMissing: false) }
    let limit = hasMissing ? configuration.maxBin - 1 : configuration.maxBin
    let cuts = lightgbmCuts(distinct, maxBin: max(limit, 1), minDataInBin: configuration.minDataInBin)
    return FeatureBins(cuts: cuts, hasMissing: hasMissing)
  }

  private static func sampledRows(
    total: Int, rows: [Int32]?, configuration: BoostingConfiguration
  ) -> [Int32]? {
    let available = rows?.count ?? total
    let wanted = configuration.binConstructSampleCount
    guard wanted > 0, available > wanted else { return nil }
    var random = Philox(seed: configuration.seed, stream: RandomStream.bins.rawValue)
    let chosen = random.sample(wanted, of: available)
    guard let rows else { return chosen }
    return chosen.map { rows[Int($0)] }
  }
}

/// Separate random sequences of one seed; rounds and nodes are counted in the low bits.
enum RandomStream: UInt64 {
  case bins = 0
  case rows = 0x1000_0000_0000
  case treeFeatures = 0x2000_0000_0000
  case levelFeatures = 0x3000_0000_0000
  case nodeFeatures = 0x4000_0000_0000
  case thresholds = 0x5000_0000_0000
  case dropout = 0x6000_0000_0000
  case rounding = 0x7000_0000_0000
  case folds = 0x8000_0000_0000

  /// The generator of one step of this sequence.
  func generator(seed: UInt64, step: Int) -> Philox {
    Philox(seed: seed, stream: rawValue | UInt64(step))
  }

  /// Four numbers of one step of this sequence: those that its generator draws after 4 · `counter` others.
  @inline(__always)
  func block(seed: UInt64, step: Int, counter: UInt64) -> SIMD4<UInt32> {
    let stream = rawValue | UInt64(step)
    return Philox.block(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
        UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
  }
}
