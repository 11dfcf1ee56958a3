import Compute
import Diagnostics
import Testing

@testable import Trees

@Suite("Forest")
struct ForestTests {
  /// A random forest of random shapes over `features` features.
  static func random(_ random: inout Philox, trees: Int, features: Int, outputs: Int) throws -> Forest {
    var nodes = ForestNodes()
    for _ in 0..<trees {
      var tree = [TreeNode(value: Float(random.normal()), cover: 1, count: 1)]
      for _ in 0..<random.integer(below: 12) {
        let leaves = tree.indices.filter { tree[$0].isLeaf }
        let leaf = leaves[random.integer(below: leaves.count)]
        tree[leaf].feature = Int32(random.integer(below: features))
        tree[leaf].threshold =
          random.integer(below: 10) == 0 ? -.infinity : Float(random.integer(below: 5)) - 2
        tree[leaf].defaultLeft = random.integer(below: 2) == 0
        tree[leaf].left = Int32(tree.count)
        tree[leaf].right = Int32(tree.count + 1)
        tree[leaf].gain = 2
        for _ in 0..<2 { tree.append(TreeNode(value: Float(random.normal()), cover: 1, count: 1)) }
      }
      nodes.append(tree: tree)
    }
    return try Forest(
      header: .init(
        link: outputs == 1 ? .logistic : .softmax, outputs: outputs,
        featureNames: (0..<features).map { "f\($0)" },
        baseScores: (0..<outputs).map { Float($0) / 4 }), nodes: nodes)
  }

  /// The definition of a prediction, read off the arrays.
  static func naive(_ forest: Forest, _ row: [Float]) -> [Float] {
    var margins = forest.header.baseScores
    for tree in 0..<forest.trees {
      let start = Int(forest.treeOffsets[tree])
      var node = start
      while forest.splitFeature[node] >= 0 {
        let x = row[Int(forest.splitFeature[node])]
        let left = x.isNaN ? forest.defaultLeft[node] == 1 : x < forest.threshold[node]
        node = start + Int(left ? forest.leftChild[node] : forest.rightChild[node])
      }
      margins[tree % forest.outputs] += forest.value[node]
    }
    return margins
  }

  @Test(arguments: [1, 3])
  func predictionsAgreeWithTheDefinition(outputs: Int) throws {
    var random = Philox(seed: 11)
    let special: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, -2, -1, 1, 2, 0.5]
    for round in 0..<60 {
      let forest = try ForestTests.random(&random, trees: outputs * 7, features: 4, outputs: outputs)
      let rows = round == 0 ? 1100 : 21
      let columns = (0..<4).map { _ in (0..<rows).map { _ in special[random.integer(below: special.count)] } }
      let pool = ThreadPool(threads: 2)
      let margins = try forest.predictMargins(columns: columns, pool: pool)
      let flat = (0..<rows).flatMap { row in columns.map { $0[row] } }
      let again = try flat.withUnsafeBufferPointer {
        try forest.predictMargins(rowMajor: $0, rows: rows, pool: pool)
      }
      #expect(margins == again)
      for row in 0..<rows {
        let expected = ForestTests.naive(forest, columns.map { $0[row] })
        #expect(Array(margins[row * outputs..<(row + 1) * outputs]) == expected)
        var single = [Float](repeating: 0, count: outputs)
        forest.predictMargin(row: columns.map { $0[row] }, into: &single)
        #expect(single == expected)
      }
      let probabilities = try forest.predict(columns: columns, pool: pool)
      for row in 0..<rows where outputs > 1 {
        // A sum of three rounded Floats is off by at most 2 units of 2^-24 each.
        #expect(abs(probabilities[row * outputs..<(row + 1) * outputs].reduce(0, +) - 1) < 4e-7)
      }
    }
  }

  @Test
  func lessOrEqualBecomesLessThan() {
    var random = Philox(seed: 2)
    var limits: [Double] = [0, -0.0, 1e-35, -1e-35, 1e300, -1e300, 0.1, Double(Float(0.1)), 1e-50, .infinity]
    limits += (0..<300).map { _ in random.normal() }
    for limit in limits {
      let cut = Forest.threshold(lessOrEqual: limit)
      let near = Float(limit).isFinite ? Float(limit) : Float.greatestFiniteMagnitude * (limit < 0 ? -1 : 1)
      for x in [near, near.nextUp, near.nextDown, 0, -0.0, 1, -1] where x.isFinite {
        #expect((x < cut) == (Double(x) <= limit))
      }
    }
  }

  @Test
  func tensorsRoundTrip() throws {
    var random = Philox(seed: 4)
    let forest = try ForestTests.random(&random, trees: 9, features: 3, outputs: 3)
    let restored = try Forest(header: forest.header, tensors: forest.tensors().reversed())
    #expect(restored == forest)
    #expect(forest.prefix(rounds: 2).trees == 6)
    #expect(throws: TernError.self) {
      try Forest(header: forest.header, tensors: Array(forest.tensors().dropLast()))
    }
    #expect(throws: TernError.self) {
      try Forest(header: forest.header, tensors: forest.tensors() + [forest.tensors()[0]])
    }
  }

  @Test
  func importancesCountSplits() throws {
    var random = Philox(seed: 8)
    let forest = try ForestTests.random(&random, trees: 20, features: 3, outputs: 1)
    let importances = forest.importances()
    #expect(importances.map(\.feature) == ["f0", "f1", "f2"])
    #expect(importances.map(\.splits).reduce(0, +) == forest.splitFeature.count { $0 >= 0 })
    #expect(importances.allSatisfy { $0.gain == Double($0.splits) * 2 })
  }

  /// Damaged arrays are refused, or they form another valid forest that predicts like its definition.
  @Test
  func hostileTensorsNeverTrap() throws {
    var random = Philox(seed: 6)
    var refused = 0
    for _ in 0..<6000 {
      let forest = try ForestTests.random(&random, trees: 3, features: 3, outputs: 1)
      var tensors = forest.tensors()
      for _ in 0...random.integer(below: 2) {
        ForestTests.damage(&tensors[random.integer(below: 10)], &random)
      }
      let outcome = Result { try Forest(header: forest.header, tensors: tensors) }
      guard case .success(let damaged) = outcome else {
        refused += 1
        continue
      }
      let row: [Float] = [Float(random.normal()), .nan, .infinity]
      var margin: Float = 0
      damaged.predictMargin(row: row, into: &margin)
      #expect(margin == ForestTests.naive(damaged, row)[0])
      let batch = try damaged.predictMargins(
        columns: row.map { [Float](repeating: $0, count: 9) }, pool: ThreadPool(threads: 1))
      #expect(batch == [Float](repeating: margin, count: 9))
      #expect(damaged.importances().count == 3)
    }
    #expect(refused > 2000)
  }

  static func damage(_ tensor: inout Forest.NamedTensor, _ random: inout Philox) {
    let integers: [Int32] = [-1, 0, 1, 2, 3, 7, Int32.max, Int32.min, -2, 1000]
    let floats: [Float] = [.nan, .infinity, -.infinity, 0, 1e38]
    switch tensor.values {
    case .int32(var values):
      switch random.integer(below: 8) {
      case 0: _ = values.popLast()
      case 1: values.append(integers[random.integer(below: integers.count)])
      default:
        if !values.isEmpty {
          values[random.integer(below: values.count)] = integers[random.integer(below: integers.count)]
        }
      }
      tensor.values = .int32(values)
    case .float32(var values):
      if random.integer(below: 8) == 0 { values.append(0) }
      values[random.integer(below: values.count)] = floats[random.integer(below: floats.count)]
      tensor.values = .float32(values)
    case .float64(var values):
      if random.integer(below: 8) == 0 { values.append(0) }
      if !values.isEmpty {
        values[random.integer(below: values.count)] = Double(floats[random.integer(below: floats.count)])
      }
      tensor.values = .float64(values)
    }
    if random.integer(below: 10) > 0 { tensor.shape = [tensor.values.count] }
  }
}
