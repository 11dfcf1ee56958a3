import Compute
import Trees

/// Who plays for the margin: every feature, and every set of features whose combination a statistic of categories looks
/// up.
///
/// A statistic of one feature is a test of that feature. What a set of several features earns is shared among them evenly,
/// as CatBoost does.
struct FeaturePlayers: Sendable {
  /// Number of raw features; the first players are these.
  let features: Int
  /// The features of each further player, ascending.
  private(set) var sets: [[Int]] = []
  /// Player of every tested feature, raw or derived: (tested feature).
  private(set) var players: [Int32]

  /// Number of players.
  var count: Int { features + sets.count }

  init(_ forest: Forest) {
    features = forest.features
    players = (0..<Int32(features)).map { $0 }
    let derived = forest.nodeArrays.statistics?.columns.count ?? 0
    var known: [[Int]: Int32] = [:]
    for column in features..<features + derived {
      let sources = forest.rawFeatures(of: column)
      if sources.count == 1 {
        players.append(Int32(sources[0]))
      } else if let player = known[sources] {
        players.append(player)
      } else {
        let player = Int32(features + sets.count)
        known[sources] = player
        sets.append(sources)
        players.append(player)
      }
    }
  }

  /// The features that share what a player earns.
  func sources(of player: Int) -> [Int] { player < features ? [player] : sets[player - features] }

  /// Hands the sums of a group of rows from the sets to their features: (player) to the first (feature).
  @inline(__always)
  func share(_ sums: UnsafeMutablePointer<Lanes>) {
    for (index, sources) in sets.enumerated() {
      let part = sums[features + index] / Double(sources.count)
      for source in sources { sums[source] += part }
    }
  }

  /// A table with its derived columns behind the raw ones: (tested feature, row).
  static func columns(_ forest: Forest, _ columns: [[Float]], pool: ThreadPool) -> [[Float]] {
    guard let statistics = forest.nodeArrays.statistics, !statistics.columns.isEmpty else { return columns }
    let rows = columns.first?.count ?? 0
    let width = columns.count + statistics.columns.count
    var table = [Float](repeating: 0, count: rows * width)
    table.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      let output = SharedValues(base)
      pool.parallelChunks(of: rows, chunk: 256) { range, _ in
        var raw = [Float](repeating: 0, count: columns.count)
        for row in range {
          for feature in columns.indices { raw[feature] = columns[feature][row] }
          raw.withUnsafeBufferPointer { raw in
            guard let raw = raw.baseAddress else { return }
            statistics.extend(raw, stride: 1, into: output.pointer + row * width)
          }
        }
      }
    }
    return (0..<width).map { column in (0..<rows).map { table[$0 * width + column] } }
  }
}
