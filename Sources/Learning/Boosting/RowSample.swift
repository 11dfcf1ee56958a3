import Compute

/// The rows that grow the trees of a round.
struct RowSample {
  private let configuration: BoostingConfiguration
  private let rows: [Int32]
  /// Rows that take part, increasing.
  private(set) var chosen: [Int32]
  /// Training rows that do not.
  private(set) var left: [Int32] = []

  init(configuration: BoostingConfiguration, rows: [Int32]) {
    self.configuration = configuration
    self.rows = rows
    chosen = rows
  }

  /// Makes the sample the one that training which has done `round` rounds goes on with.
  mutating func restore(round: Int) {
    guard configuration.baggingFreq > 0 else { return }
    draw(round: round - round % configuration.baggingFreq)
  }

  /// Draws each row with probability `subsample`, anew every `baggingFreq` rounds.
  mutating func draw(round: Int) {
    guard configuration.subsample < 1, configuration.baggingFreq > 0, round % configuration.baggingFreq == 0
    else {
      return
    }
    var random = RandomStream.rows.generator(seed: configuration.seed, step: round)
    let limit = configuration.subsample * 0x1p32
    chosen.removeAll(keepingCapacity: true)
    left.removeAll(keepingCapacity: true)
    for row in rows {
      if Double(random.next32()) < limit { chosen.append(row) } else { left.append(row) }
    }
  }
}
