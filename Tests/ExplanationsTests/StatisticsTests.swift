import Compute
import Testing
import Trees

@testable import Explanations

/// Forests that test CatBoost's statistics of categories beside raw features.
@Suite("Shapley values over statistics of categories")
struct StatisticsTests {
  /// A category of three and a number; statistic 2 is of the category, statistic 3 of both features.
  private static func forest(_ random: inout Philox, tested: Int, trees: Int) throws -> Forest {
    let source = try RandomForests.make(&random, trees: trees, features: tested)
    let hashes: [UInt32] = [11, 22, 33]
    func table(_ elements: [CategoryStatistics.Element], _ keys: [UInt64]) -> CategoryStatistics.Table {
      CategoryStatistics.Table(
        elements: elements, hashes: keys.sorted(), counts: keys.indices.map { Double(3 * $0 + 1) }, stride: 1,
        denominator: 12)
    }
    let single = hashes.map { CategoryStatistics.mix(0, CategoryStatistics.widened($0)) }
    let joint = single.flatMap { key in [0, 1].map { CategoryStatistics.mix(key, $0) } }
    var nodes = source.nodeArrays
    nodes.statistics = CategoryStatistics(
      hashes: [hashes, []],
      tables: [
        table([.category(feature: 0)], single),
        table([.category(feature: 0), .greater(feature: 1, border: 0)], joint),
      ],
      columns: [0, 1].map {
        .init(
          table: $0, kind: .counter, target: 0, priorNumerator: 0.5, priorDenominator: 1, shift: -0.5,
          scale: 4)
      })
    return try Forest(
      header: .init(link: .identity, outputs: 1, featureNames: ["kind", "size"], baseScores: [0.5]),
      nodes: nodes)
  }

  private static func columns(_ random: inout Philox, rows: Int) -> [[Float]] {
    let kinds: [Float] = [0, 1, 2, .nan, 7]
    let sizes: [Float] = [-1.5, -0.5, 0, 0.5, 3, .nan]
    return [
      (0..<rows).map { _ in kinds[random.integer(below: kinds.count)] },
      (0..<rows).map { _ in sizes[random.integer(below: sizes.count)] },
    ]
  }

  @Test("A statistic of one feature is a test of that feature")
  func single() throws {
    var random = Philox(seed: 21)
    let pool = ThreadPool(threads: 1)
    for _ in 0..<20 {
      let forest = try StatisticsTests.forest(&random, tested: 3, trees: 3)
      let columns = StatisticsTests.columns(&random, rows: 5)
      let background = StatisticsTests.columns(&random, rows: 4)
      let values = try InterventionalExplainer(forest, background: background).values(
        columns: columns, pool: pool)
      for row in 0..<5 {
        var failure: (any Error)?
        let defined = DefinedShapley(features: 2) { known in
          let mixed = (0..<2).map { feature in
            (0..<4).map { known & 1 << feature != 0 ? columns[feature][row] : background[feature][$0] }
          }
          do { return try forest.exactMargins(columns: mixed, pool: pool).reduce(0, +) / 4 } catch {
            failure = error
          }
          return .nan
        }
        #expect(failure == nil)
        let line = Array(values.values(row: row))
        // Three leaves of size one; the forest may add them in single precision.
        for feature in 0..<2 { #expect(abs(line[feature] - defined.value(feature)) < 1e-6) }
      }
    }
  }

  @Test("What a combination earns is shared, and everything adds up")
  func joint() throws {
    var random = Philox(seed: 22)
    let pool = ThreadPool(threads: 2)
    let forest = try StatisticsTests.forest(&random, tested: 4, trees: 12)
    let columns = StatisticsTests.columns(&random, rows: 43)
    let explainer = try ShapleyExplainer(forest)
    let values = try explainer.values(columns: columns, pool: pool)
    let pairs = try explainer.interactions(columns: columns, pool: pool)
    let interventional = try InterventionalExplainer(
      forest, background: StatisticsTests.columns(&random, rows: 6)
    )
    .values(columns: columns, pool: pool)
    let margins = try forest.exactMargins(columns: columns, pool: pool)
    for row in 0..<43 {
      // Twelve leaves of size one; the forest may add them in single precision.
      #expect(abs(values.margin(row: row) - margins[row]) < 5e-6)
      #expect(abs(interventional.margin(row: row) - margins[row]) < 5e-6)
      for feature in 0..<2 {
        let sum = (0..<2).reduce(0) { $0 + pairs.value(row: row, feature, $1) }
        #expect(abs(sum - values.values[row * 2 + feature]) < ShapleyTests.exact)
      }
    }
    let drawn = (0..<forest.trees).map { TreeOutline(forest, tree: $0).text }.joined()
    #expect(drawn.contains("statistic of kind, size"))
  }
}
