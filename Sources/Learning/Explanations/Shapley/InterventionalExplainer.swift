import Compute
import Diagnostics
import Trees

/// Exact interventional TreeSHAP: what a feature's being known changes of the margin, where unknown features take
/// their values from the rows of a background sample, independently of the known ones (Lundberg et al., "From local
/// explanations to global understanding with explainable AI for trees", 2020, algorithm 3).
///
/// For a row x and a background row b, a leaf that exactly the features A reach with x's values and B with b's (features
/// with which both rows pass do not matter) gives v·(|A|−1)!·|B|!/(|A|+|B|)! to every feature of A and takes
/// v·|A|!·(|B|−1)!/(|A|+|B|)! from every feature of B. The values are means over the background.
public struct InterventionalExplainer: Sendable {
  private let walk: InterventionalWalk
  private let names: [String]
  private let outputs: Int
  private let forest: Forest
  /// With derived columns: (tested feature, row).
  private let background: [[Float]]
  /// Mean margin of the background: (output).
  public let expected: [Double]

  /// Prepares a forest and a background sample.
  /// - Parameter background: (feature, row), NaN where missing.
  /// - Throws: `TernError(.data)` for a background that does not fit the forest or has no row, for linear leaves, or for a
  ///   tree with more than 2,048 distinct features on a path.
  public init(_ forest: Forest, background: [[Float]]) throws(TernError) {
    names = forest.header.featureNames
    outputs = forest.outputs
    let rows = try LaneBlocks.rows(of: background, names: names)
    guard rows > 0 else { throw TernError(.data, "the background sample has no row") }
    walk = try InterventionalWalk(forest)
    self.forest = forest
    let background = FeaturePlayers.columns(forest, background, pool: ThreadPool(threads: 1))
    self.background = background
    var sums = [Double](repeating: 0, count: forest.outputs)
    for tree in walk.trees {
      for row in 0..<rows {
        sums[tree.output] += walk.leafValue(of: tree) { Double(background[$0][row]) }
      }
    }
    let base = forest.header.baseMargins
    expected = sums.indices.map { sums[$0] / Double(rows) + base[$0] }
  }

  /// The Shapley values of a column-major table, on any number of threads the same.
  ///
  /// - Parameter columns: (feature, row), NaN where missing.
  /// - Throws: `TernError(.data)` if the columns do not fit the forest.
  public func values(
    columns: [[Float]], pool: ThreadPool, progress: some ProgressReporting = SilentProgress()
  ) throws(TernError) -> ShapleyValues {
    let rows = try LaneBlocks.rows(of: columns, names: names)
    let features = names.count
    let cells = features * outputs
    let columns = FeaturePlayers.columns(forest, columns, pool: pool)
    let players = walk.players
    let counter = ProgressCounter(progress, phase: "explain", total: rows)
    let others = background.first?.count ?? 0
    let values = [Double](unsafeUninitializedCapacity: rows * cells) { target, count in
      count = rows * cells
      target.initialize(repeating: 0)
      guard let base = target.baseAddress else { return }
      let output = SharedValues(base)
      pool.parallelChunks(of: rows, chunk: 16) { range, _ in
        var states = [Int8](repeating: 0, count: players.count)
        var sums = [Double](repeating: 0, count: range.count * outputs * players.count)
        for tree in walk.trees {
          let own = walk.sides(of: tree, columns: columns, rows: range)
          let other = walk.sides(of: tree, columns: background, rows: 0..<others)
          sums.withUnsafeMutableBufferPointer { sums in
            guard let base = sums.baseAddress else { return }
            for place in 0..<range.count {
              let line = base + (place * outputs + tree.output) * players.count
              for reference in 0..<others {
                walk.add(tree, own: own, at: place, other: other, at: reference, states: &states, into: line)
              }
            }
          }
        }
        for part in 0..<range.count * outputs {
          let line = output.pointer + range.lowerBound * cells + part * features
          for player in 0..<players.count {
            let sources = players.sources(of: player)
            let value = sums[part * players.count + player] / Double(others * sources.count)
            for source in sources { line[source] += value }
          }
        }
        counter.add(range.count)
      }
    }
    return ShapleyValues(
      rows: rows, outputs: outputs, features: features, expected: expected, values: values)
  }
}
