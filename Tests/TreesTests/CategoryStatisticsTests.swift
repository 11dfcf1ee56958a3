import Compute
import Diagnostics
import Testing

@testable import Trees

@Suite("Category statistics")
struct CategoryStatisticsTests {
  static let hashes: [(String, UInt32)] = [
    ("a", 3_489_901_818), ("ab", 4_090_249_022), ("c33", 4_263_403_899), ("é", 468_052_468),
    ("abcd", 345_588_365), ("abcdefgh", 4_270_775_063), ("abcdefghi", 3_019_552_977),
    ("abcdefghijklmnop", 2_150_978_241), (String(repeating: "x", count: 17), 400_127_573),
    (String(repeating: "y", count: 32), 3_690_797_023),
    (String(repeating: "0123456789", count: 4), 4_259_606_554),
    (String(repeating: "z", count: 64), 2_725_922_757),
    (String(repeating: "0123456789", count: 7), 569_246_210),
    (String(repeating: "0123456789", count: 13), 2_713_618_934),
  ]

  /// Hashes that CatBoost 1.2.10 wrote into `cat_features_hash` for names of every length class.
  @Test(arguments: hashes)
  func hashesAreCatBoosts(name: String, hash: UInt32) {
    #expect(CategoryHash.hash(name) == hash)
  }

  /// Statistics of two categorical features of 3 and 4 categories and a number.
  static func random(_ random: inout Philox) -> CategoryStatistics {
    let hashes: [[UInt32]] = [
      [], (0..<3).map { _ in UInt32.random(in: 0 ... .max, using: &random) }, [7, 8, 9, 10],
    ]
    let elements: [[CategoryStatistics.Element]] = [
      [.category(feature: 1)],
      [.category(feature: 1), .category(feature: 2), .greater(feature: 0, border: 0.5)],
      [.category(feature: 2), .equals(feature: 1, hash: hashes[1][1])],
    ]
    let tables = zip(elements, [3, 2, 1]).map { elements, stride in
      var keys: Set<UInt64> = [5]
      for first in hashes[1] {
        for second in hashes[2] {
          let a = CategoryStatistics.widened(first)
          let b = CategoryStatistics.widened(second)
          for flag: UInt64 in [0, 1] {
            keys.insert(CategoryStatistics.mix(0, a))
            keys.insert(CategoryStatistics.mix(CategoryStatistics.mix(CategoryStatistics.mix(0, a), b), flag))
            keys.insert(CategoryStatistics.mix(CategoryStatistics.mix(0, b), flag))
          }
        }
      }
      let kept = keys.sorted().filter { _ in random.integer(below: 3) > 0 }
      return CategoryStatistics.Table(
        elements: elements, hashes: kept,
        counts: kept.flatMap { _ in (0..<stride).map { _ in Double(random.integer(below: 50)) } },
        stride: stride, denominator: 60)
    }
    let kinds: [(Int, CategoryStatistics.Kind, Int)] = [
      (0, .borders, 0), (0, .borders, 1), (0, .buckets, 2), (1, .mean, 0), (1, .buckets, 1), (2, .counter, 0),
    ]
    return CategoryStatistics(
      hashes: hashes, tables: tables,
      columns: kinds.map {
        CategoryStatistics.Column(
          table: $0, kind: $1, target: $2, priorNumerator: 0.5, priorDenominator: 1, shift: 0.25, scale: 15)
      })
  }

  /// The definition with a dictionary in place of a sorted table.
  private static func naive(_ statistics: CategoryStatistics, _ row: [Float]) -> [Float] {
    statistics.columns.map { column in
      let table = statistics.tables[column.table]
      let rows = Dictionary(uniqueKeysWithValues: table.hashes.enumerated().map { ($1, $0) })
      func hash(_ feature: Int) -> UInt32? {
        row[feature].isNaN || Int(row[feature]) >= statistics.hashes[feature].count || row[feature] < 0
          ? nil : statistics.hashes[feature][Int(row[feature])]
      }
      var key: UInt64? = 0
      for element in table.elements {
        let part: UInt64?
        switch element {
        case .category(let feature): part = hash(feature).map(CategoryStatistics.widened)
        case .greater(let feature, let border): part = row[feature] > border ? 1 : 0
        case .equals(let feature, let wanted): part = hash(feature) == wanted ? 1 : 0
        }
        key = key.flatMap { key in part.map { CategoryStatistics.mix(key, $0) } }
      }
      let found = key.flatMap { rows[$0] }.map {
        Array(table.counts[$0 * table.stride..<($0 + 1) * table.stride])
      }
      let counts = found ?? [Double](repeating: 0, count: table.stride)
      let (good, total): (Double, Double) =
        switch column.kind {
        case .borders: (counts[(column.target + 1)...].reduce(0, +), counts.reduce(0, +))
        case .buckets: (counts[column.target], counts.reduce(0, +))
        case .mean: (counts[0], counts[1])
        case .counter: (counts[0], table.denominator)
        }
      return ((Float(good) + 0.5) / (Float(total) + 1) + 0.25) * 15
    }
  }

  @Test
  func columnsAgreeWithTheDefinition() {
    var random = Philox(seed: 31)
    for _ in 0..<40 {
      let statistics = CategoryStatisticsTests.random(&random)
      for _ in 0..<20 {
        let first: [Float] = [-1, 0, 1, 2, 3, .nan]
        let second: [Float] = [0, 1, 2, 3, 1e9, .nan]
        let row = [Float(random.normal()), first[random.integer(below: 6)], second[random.integer(below: 6)]]
        var extended = [Float](repeating: 0, count: 9)
        statistics.extend(row, stride: 1, into: &extended)
        #expect(Array(extended[3...]) == CategoryStatisticsTests.naive(statistics, row))
      }
    }
  }

  private func forest(_ random: inout Philox) throws -> Forest {
    var nodes = ForestNodes()
    nodes.statistics = CategoryStatisticsTests.random(&random)
    for feature in 0..<9 {
      var tree = [
        TreeNode(value: 0, cover: 1, count: 1), .init(value: 1, cover: 1, count: 1),
        .init(value: 2, cover: 1, count: 1),
      ]
      tree[0].feature = Int32(feature)
      tree[0].threshold = feature < 3 ? 0.5 : 7
      (tree[0].left, tree[0].right) = (1, 2)
      tree[0].gain = 1
      nodes.append(tree: tree)
    }
    return try Forest(
      header: .init(link: .identity, outputs: 1, featureNames: ["x", "a", "b"], baseScores: [0]), nodes: nodes
    )
  }

  @Test
  func treesTestDerivedFeatures() throws {
    var random = Philox(seed: 12)
    let forest = try forest(&random)
    let statistics = try #require(forest.nodeArrays.statistics)
    let row: [Float] = [0.7, 1, 2]
    let extended = row + CategoryStatisticsTests.naive(statistics, row)
    var expected: Float = 0
    for (feature, value) in extended.enumerated() { expected += value >= (feature < 3 ? 0.5 : 7) ? 2 : 1 }
    #expect(try forest.predictMargins(columns: row.map { [$0] }, pool: ThreadPool(threads: 1)) == [expected])
    #expect(try Forest(header: forest.header, tensors: forest.tensors().shuffled(using: &random)) == forest)
    // Three raw tests, and each of the six columns counts for the features of its table.
    #expect(forest.importances().map(\.splits) == [1 + 2, 1 + 3 + 2 + 1, 1 + 2 + 1])
    // Thirds and halves are rounded, each to a unit of 2^-53.
    #expect(abs(forest.importances().map(\.gain).reduce(0, +) - 9) < 1e-14)
  }

  @Test
  func hostileTensorsNeverTrap() throws {
    var random = Philox(seed: 8)
    var refused = 0
    for _ in 0..<3000 {
      let forest = try forest(&random)
      var tensors = forest.tensors()
      for _ in 0...random.integer(below: 2) {
        ForestTests.damage(&tensors[random.integer(below: tensors.count)], &random)
      }
      guard
        case .success(let damaged) = Result(catching: { try Forest(header: forest.header, tensors: tensors) })
      else {
        refused += 1
        continue
      }
      var margin: Float = 0
      for code: Float in [-1, 0, 2, 1e30, .nan] {
        damaged.predictMargin(row: [0.4, code, code], into: &margin)
      }
      #expect(damaged.importances().count == 3)
    }
    #expect(refused > 1000)
  }
}
