import Compute
import Diagnostics
import Testing
import Trees

@testable import Explanations

@Suite("Importances and dependences")
struct ImportanceTests {
  /// 3·a + b² − b·c, with a fourth column that no one looks at.
  private static let model = TablePredictor(features: 4, outputs: 1) { columns in
    columns[0].indices.map { row in
      let (a, b, c) = (Double(columns[0][row]), Double(columns[1][row]), Double(columns[2][row]))
      return 3 * a + b * b - b * c
    }
  }

  private static func columns(rows: Int) -> [[Float]] {
    (0..<4).map { feature in
      var random = Philox(seed: 2, stream: UInt64(feature))
      return (0..<rows).map { _ in Float(random.normal()) }
    }
  }

  @Test("Shuffling a column costs what the model takes from it")
  func permutation() throws {
    let columns = ImportanceTests.columns(rows: 400)
    let labels = try ImportanceTests.model(columns)
    func measure(isLargerBetter: Bool, seed: UInt64) throws(TernError) -> PermutationImportance {
      try PermutationImportance(
        ImportanceTests.model, columns: columns, repeats: 4, seed: seed, isLargerBetter: isLargerBetter
      ) { predictions in
        let error = zip(predictions, labels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 400
        return isLargerBetter ? -error : error
      }
    }
    let result = try measure(isLargerBetter: false, seed: 1)
    #expect(result.baseline == 0)
    #expect(result.features[3].losses == [0, 0, 0, 0])
    #expect(result.features[0].losses.allSatisfy { $0 > 1 })
    // Twice the variance of 3·a, which is 9, up to the spread of a sample of 400.
    #expect(abs(result.features[0].mean - 18) < 3)
    #expect(result.features[0].deviation > 0)
    #expect(try measure(isLargerBetter: true, seed: 1).features == result.features)
    #expect(try measure(isLargerBetter: false, seed: 1) == result)
    #expect(try measure(isLargerBetter: false, seed: 2) != result)
    #expect(throws: TernError.self) {
      try PermutationImportance(
        ImportanceTests.model, columns: columns, repeats: 0, seed: 0, isLargerBetter: true
      ) {
        _ in 0
      }
    }
  }

  @Test("A grid holds few distinct values as they are, many by their quantiles")
  func grids() throws {
    let few: [Float] = [3, 1, .nan, 1, 2, .infinity]
    #expect(try FeatureGrid([few], feature: 0).values == [1, 2, 3])
    let many = (0...100).map(Float.init).reversed()
    #expect(try FeatureGrid([Array(many)], feature: 0, points: 5).values == [0, 25, 50, 75, 100])
    #expect(throws: TernError.self) { try FeatureGrid([[.nan]], feature: 0) }
    #expect(throws: TernError.self) { try FeatureGrid([few], feature: 0, points: 1) }
  }

  @Test("Partial dependence is the mean of the rows' own curves, and those are the model's")
  func partialDependence() throws {
    let columns = ImportanceTests.columns(rows: 60)
    let grid = try FeatureGrid(columns, feature: 1, points: 7)
    let dependence = try PartialDependence(ImportanceTests.model, columns: columns, grid: grid)
    for (point, value) in grid.values.enumerated() {
      var mean = 0.0
      for row in 0..<60 {
        let (b, a, c) = (Double(value), Double(columns[0][row]), Double(columns[2][row]))
        let own = 3 * a + b * b - b * c
        #expect(dependence.curve(row: row)[point] == own)
        mean += own / 60
      }
      // Sixty terms of a few units, added in another order.
      #expect(abs(dependence.curve()[point] - mean) < 1e-13)
    }
    let second = try FeatureGrid(columns, feature: 2, points: 3)
    let joint = try JointDependence(ImportanceTests.model, columns: columns, first: grid, second: second)
    let mean = columns[0].reduce(0) { $0 + 3 * Double($1) } / 60
    for (i, b) in grid.values.map(Double.init).enumerated() {
      for (j, c) in second.values.map(Double.init).enumerated() {
        #expect(abs(joint.value(i, j) - (mean + b * b - b * c)) < 1e-13)
      }
    }
  }

  @Test("Accumulated effects of a straight line are that line about its mean")
  func accumulatedEffects() throws {
    let columns = ImportanceTests.columns(rows: 500)
    let grid = try FeatureGrid(columns, feature: 0, points: 11)
    let curve = try AccumulatedEffects(ImportanceTests.model, columns: columns, grid: grid).curve()
    for (point, value) in grid.values.enumerated() {
      let slope = curve[point] - curve[0]
      // Differences of the model's Double arithmetic on Float inputs of size three.
      #expect(abs(slope - 3 * (Double(value) - Double(grid.values[0]))) < 1e-12)
    }
    // The mean over the rows is zero where a row's place in its interval does not matter much.
    let mean = columns[0].reduce(0.0) { $0 + 3 * Double($1) } / 500
    #expect(abs(curve[0] - (3 * Double(grid.values[0]) - mean)) < 0.2)
    let unused = try AccumulatedEffects(
      ImportanceTests.model, columns: columns, grid: FeatureGrid(columns, feature: 3))
    #expect(unused.curve().allSatisfy { $0 == 0 })
  }

  @Test("A forest is probed by its predictions or by its margins")
  func forests() throws {
    var random = Philox(seed: 8)
    let forest = try RandomForests.make(&random, trees: 5, features: 3)
    let columns = RandomForests.columns(&random, features: 3, rows: 30)
    let pool = ThreadPool(threads: 1)
    #expect(
      try TablePredictor(forest, pool: pool)(columns)
        == forest.predict(columns: columns, pool: pool).map(Double.init))
    let wrong = TablePredictor(features: 3, outputs: 2) { _ in [0] }
    #expect(throws: TernError.self) { try wrong(columns) }
  }
}
