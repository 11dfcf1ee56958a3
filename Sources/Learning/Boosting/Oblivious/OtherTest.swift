/// How rows of a table that is not trained on are tested: by their values, or by the bins of a statistic.
struct OtherTest: Sendable {
  private enum Kind {
    /// Rows above a bin of a statistic.
    case bin([UInt8])
    /// Rows of one category.
    case code([Float])
    /// Rows above a border, and missing values perhaps.
    case border([Float], Float, missingPasses: Bool)
  }

  private let kind: Kind
  private let bin: Int

  /// Takes the columns that a test reads; bins of a statistic must be known.
  init(
    _ split: ObliviousSplit, session: ObliviousSession, table: TrainingTable,
    statistics: [StatisticFeature: [UInt8]]
  ) {
    bin = split.bin
    switch split.source {
    case .statistic(let feature): kind = .bin(statistics[feature] ?? [])
    case .feature(let index):
      let feature = session.dataset.features[index]
      let column = table.columns[feature.column]
      kind =
        feature.isEquality
        ? .code(column)
        : .border(column, feature.borders[split.bin], missingPasses: !feature.missingIsLow)
    }
  }

  /// Sets a bit of the leaves of rows that pass.
  func mark(_ range: Range<Int>, bit: UInt16, in leaves: UnsafeMutablePointer<UInt16>) {
    switch kind {
    case .bin(let bins):
      for row in range where Int(bins[row]) > bin { leaves[row] |= bit }
    case .code(let column):
      let code = Float(bin)
      for row in range where column[row] == code { leaves[row] |= bit }
    case .border(let column, let border, let missingPasses):
      for row in range where column[row] > border || (missingPasses && column[row].isNaN) {
        leaves[row] |= bit
      }
    }
  }

  /// Whether a row passes.
  @inline(__always)
  func passes(_ row: Int) -> Bool {
    switch kind {
    case .bin(let bins): Int(bins[row]) > bin
    case .code(let column): column[row] == Float(bin)
    case .border(let column, let border, let missingPasses):
      column[row] > border || (missingPasses && column[row].isNaN)
    }
  }
}
