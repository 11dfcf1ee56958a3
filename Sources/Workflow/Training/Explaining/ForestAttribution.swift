import Compute
import Diagnostics
import Explanations
import Trees

/// Shapley values of a forest's rows: path-dependent ones, or against a background sample.
struct ForestAttribution: Sendable {
  /// A pair of features and how much of the margin it moves on average.
  struct Pair: Sendable {
    var first: Int
    var second: Int
    var strength: Double
  }

  /// Most rows whose interactions are computed, and most features a pair is looked for among.
  static let interactionRows = 500
  static let interactionFeatures = 400

  let values: ShapleyValues
  let single: ShapleyValues
  let cover: CoverMeasure
  /// Rows of the background sample, 0 for path-dependent values.
  let background: Int
  /// The strongest pairs of all outputs, strongest first; empty where there are too many features.
  let pairs: [Pair]
  /// Largest difference between a row's margin and the sum of its parts.
  let additivityError: Double

  init(
    _ forest: Forest, table: ExplainedTable, cover: CoverMeasure, background: Int, seed: UInt64,
    pool: ThreadPool, progress: some ProgressReporting
  ) throws(TernError) {
    self.cover = cover
    if background > 0 {
      var random = Philox(seed: seed, stream: 1)
      let sample = random.sample(min(background, table.rowNumbers.count), of: table.rowNumbers.count)
      self.background = sample.count
      let explainer = try InterventionalExplainer(
        forest, background: table.columns(of: sample.map { Int($0) }))
      values = try explainer.values(columns: table.columns, pool: pool, progress: progress)
      single = try explainer.values(columns: table.single, pool: pool)
      pairs = []
    } else {
      self.background = 0
      let explainer = try ShapleyExplainer(forest, cover: cover)
      values = try explainer.values(columns: table.columns, pool: pool, progress: progress)
      single = try explainer.values(columns: table.single, pool: pool)
      let isSmall = forest.features <= ForestAttribution.interactionFeatures
      pairs =
        isSmall
        ? ForestAttribution.pairs(
          try explainer.interactions(
            columns: table.columns(of: table.spread(ForestAttribution.interactionRows)), pool: pool,
            progress: progress)) : []
    }
    let margins = try forest.exactMargins(columns: table.columns, pool: pool)
    var largest = 0.0
    for row in 0..<values.rows {
      for output in 0..<values.outputs {
        largest = max(
          largest, abs(values.margin(row: row, output: output) - margins[row * values.outputs + output]))
      }
    }
    additivityError = largest
  }

  /// Mean |interaction| over the rows, both halves together, summed over the outputs.
  private static func pairs(_ interactions: ShapleyInteractions) -> [Pair] {
    var pairs: [Pair] = []
    let features = interactions.features
    for first in 0..<features {
      for second in first + 1..<max(features, first + 1) {
        var sum = 0.0
        for row in 0..<interactions.rows {
          for output in 0..<interactions.outputs {
            sum += abs(2 * interactions.value(row: row, output: output, first, second))
          }
        }
        if sum > 0 {
          pairs.append(Pair(first: first, second: second, strength: sum / Double(max(interactions.rows, 1))))
        }
      }
    }
    return pairs.sorted {
      $0.strength == $1.strength ? ($0.first, $0.second) < ($1.first, $1.second) : $0.strength > $1.strength
    }
  }

  /// The feature that a feature interacts with most.
  func partner(of feature: Int) -> Int? {
    pairs.first { $0.first == feature || $0.second == feature }.map {
      $0.first == feature ? $0.second : $0.first
    }
  }
}
