import Compute
import Diagnostics
import Testing
import Trees

@testable import Explanations

@Suite("Shapley values")
struct ShapleyTests {
  /// A handful of trees with values near one: sums of some hundred products in double precision.
  static let exact = 1e-12

  @Test("Equal the definition over all subsets", arguments: [1, 2])
  func definition(outputs: Int) throws {
    var random = Philox(seed: 5)
    for round in 0..<40 {
      let features = 1 + round % 5
      let forest = try RandomForests.make(
        &random, trees: outputs * 3, features: features, outputs: outputs, splits: 3 + round % 12,
        isGeneral: round % 2 == 1)
      let columns = RandomForests.columns(&random, features: features, rows: 11)
      let explainer = try ShapleyExplainer(forest)
      let pool = ThreadPool(threads: 2)
      let values = try explainer.values(columns: columns, pool: pool)
      let pairs = try explainer.interactions(columns: columns, pool: pool)
      for row in 0..<11 {
        for output in 0..<outputs {
          let line = columns.map { $0[row] }
          let defined = DefinedShapley(features: features) {
            DefinedShapley.pathDependent(forest, output: output, row: line, known: $0)
          }
          #expect(abs(values.expected[output] - defined.worths[0]) < ShapleyTests.exact)
          for feature in 0..<features {
            let value = values.values(row: row, output: output)[
              (row * outputs + output) * features + feature]
            #expect(abs(value - defined.value(feature)) < ShapleyTests.exact)
            for other in 0..<features where other != feature {
              let half = defined.interaction(feature, other) / 2
              #expect(abs(pairs.value(row: row, output: output, feature, other) - half) < ShapleyTests.exact)
            }
            let total = (0..<features).reduce(0) {
              $0 + pairs.value(row: row, output: output, feature, $1)
            }
            #expect(abs(total - value) < ShapleyTests.exact)
          }
        }
      }
    }
  }

  /// The forest adds its leaves in single precision: 60 additions of values near one, each off by 6e-8 of the sum.
  @Test("Add up to the margin, with deep trees and many features")
  func completeness() throws {
    var random = Philox(seed: 9)
    let forest = try RandomForests.make(&random, trees: 60, features: 30, outputs: 3, splits: 200)
    let columns = RandomForests.columns(&random, features: 30, rows: 203)
    let pool = ThreadPool(threads: 2)
    let margins = try forest.predictMargins(columns: columns, pool: pool)
    let explainer = try ShapleyExplainer(forest, cover: .rows)
    let values = try explainer.values(columns: columns, pool: pool)
    let background = RandomForests.columns(&random, features: 30, rows: 7)
    let interventional = try InterventionalExplainer(forest, background: background)
      .values(columns: columns, pool: pool)
    for row in 0..<203 {
      for output in 0..<3 {
        let margin = Double(margins[row * 3 + output])
        #expect(abs(values.margin(row: row, output: output) - margin) < 1e-4)
        #expect(abs(interventional.margin(row: row, output: output) - margin) < 1e-4)
      }
    }
  }

  @Test("Are the same on any number of threads and in any company of rows")
  func determinism() throws {
    var random = Philox(seed: 3)
    let forest = try RandomForests.make(&random, trees: 20, features: 6, splits: 30)
    let columns = RandomForests.columns(&random, features: 6, rows: 333)
    let explainer = try ShapleyExplainer(forest)
    let one = try explainer.values(columns: columns, pool: ThreadPool(threads: 1))
    #expect(try explainer.values(columns: columns, pool: ThreadPool(threads: 3)) == one)
    let part = try explainer.values(
      columns: columns.map { Array($0[100..<150]) }, pool: ThreadPool(threads: 2))
    #expect(part.values == Array(one.values[100 * 6..<150 * 6]))
    let pairs = try explainer.interactions(columns: columns, pool: ThreadPool(threads: 1))
    #expect(try explainer.interactions(columns: columns, pool: ThreadPool(threads: 3)) == pairs)
  }

  @Test("Against a background equal the definition over all subsets")
  func interventionalDefinition() throws {
    var random = Philox(seed: 6)
    let pool = ThreadPool(threads: 2)
    for round in 0..<30 {
      let features = 1 + round % 5
      let forest = try RandomForests.make(
        &random, trees: 4, features: features, outputs: 2, splits: 3 + round % 12, isGeneral: round % 2 == 1)
      let columns = RandomForests.columns(&random, features: features, rows: 3)
      let background = RandomForests.columns(&random, features: features, rows: 5)
      let values = try InterventionalExplainer(forest, background: background)
        .values(columns: columns, pool: pool)
      for row in 0..<3 {
        for output in 0..<2 {
          let defined = DefinedShapley(features: features) { known in
            (0..<5).reduce(0) { sum, reference in
              let line = (0..<features).map {
                known & 1 << $0 != 0 ? columns[$0][row] : background[$0][reference]
              }
              let all = (1 << features) - 1
              return sum + DefinedShapley.pathDependent(forest, output: output, row: line, known: all) / 5
            }
          }
          #expect(abs(values.expected[output] - defined.worths[0]) < ShapleyTests.exact)
          let line = Array(values.values(row: row, output: output))
          for feature in 0..<features {
            #expect(abs(line[feature] - defined.value(feature)) < ShapleyTests.exact)
          }
        }
      }
    }
  }

  /// Forest and explanation both add doubles of a few units.
  @Test("Add up to the exact margin of a forest of every kind of test")
  func generalCompleteness() throws {
    var random = Philox(seed: 12)
    let forest = try RandomForests.make(
      &random, trees: 40, features: 8, outputs: 2, splits: 40, isGeneral: true)
    let columns = RandomForests.columns(&random, features: 8, rows: 101)
    let pool = ThreadPool(threads: 2)
    let margins = try forest.exactMargins(columns: columns, pool: pool)
    let values = try ShapleyExplainer(forest).values(columns: columns, pool: pool)
    for row in 0..<101 {
      for output in 0..<2 {
        #expect(abs(values.margin(row: row, output: output) - margins[row * 2 + output]) < ShapleyTests.exact)
      }
    }
  }

  @Test("Refuse linear leaves and tables that do not fit")
  func misfits() throws {
    var random = Philox(seed: 1)
    let forest = try RandomForests.make(&random, trees: 2, features: 2)
    let explainer = try ShapleyExplainer(forest)
    let pool = ThreadPool(threads: 1)
    #expect(throws: TernError.self) { try explainer.values(columns: [[1]], pool: pool) }
    #expect(throws: TernError.self) { try explainer.interactions(columns: [[1], [1, 2]], pool: pool) }
    #expect(throws: TernError.self) { try InterventionalExplainer(forest, background: [[], []]) }
    var leaf = TreeNode(value: 1, cover: 1, count: 1)
    leaf.linear = LinearLeaf(constant: 1, features: [0], coefficients: [2])
    var nodes = ForestNodes()
    nodes.append(tree: [leaf])
    let linear = try Forest(
      header: .init(link: .identity, outputs: 1, featureNames: ["a"], baseScores: [0]), nodes: nodes)
    #expect(throws: TernError.self) { try ShapleyExplainer(linear) }
    #expect(throws: TernError.self) { try InterventionalExplainer(linear, background: [[1]]) }
    #expect(try explainer.values(columns: [[], []], pool: pool).values.isEmpty)
  }

  @Test("A quadrature of n points integrates every power below 2n")
  func quadrature() {
    for points in 1...40 {
      let rule = GaussLegendre(points: points)
      for power in 0..<2 * points {
        var sum = 0.0
        for (node, weight) in zip(rule.nodes, rule.weights) {
          sum += weight * (0..<power).reduce(1) { product, _ in product * node }
        }
        // Forty weights of about 1/40, each right to a few units of the last place.
        #expect(abs(sum - 1 / Double(power + 1)) < 1e-14)
      }
    }
  }
}
