import Compute
import Diagnostics
import Testing

@testable import Trees

@Suite("Forests beyond plain ones")
struct GeneralForestTests {
  /// A random forest with all kinds of nodes and leaves.
  static func random(_ random: inout Philox, outputs: Int, precision: Forest.Precision) throws -> Forest {
    let features = 4
    var nodes = ForestNodes()
    for _ in 0..<outputs * 5 {
      func leaf(_ random: inout Philox) -> TreeNode {
        let value = random.normal()
        var node =
          precision == .float
          ? TreeNode(value: Float(value), cover: 1, count: 1)
          : TreeNode(exactValue: value, cover: 1, count: 1)
        if random.integer(below: 4) == 0 {
          node.linear = LinearLeaf(
            constant: random.normal(), features: [Int32(random.integer(below: features)), 2],
            coefficients: [random.normal(), random.normal()])
        }
        return node
      }
      var tree = [leaf(&random)]
      for _ in 0..<random.integer(below: 12) {
        let leaves = tree.indices.filter { tree[$0].isLeaf }
        let at = leaves[random.integer(below: leaves.count)]
        tree[at].feature = Int32(random.integer(below: features))
        tree[at].threshold = Float(random.integer(below: 5)) - 2
        tree[at].defaultLeft = random.integer(below: 2) == 0
        tree[at].linear = nil
        switch random.integer(below: 5) {
        case 0: tree[at].flags = .zeroIsMissing
        case 1:
          tree[at].flags = .missingIsZero
          tree[at].defaultLeft = 0 < tree[at].threshold
        case 2, 3:
          tree[at].setCategories(
            [0, random.integer(below: 5), random.integer(below: 70)],
            flags: [[], .membersGoLeft, .truncatesNegative][random.integer(below: 3)])
        default: break
        }
        tree[at].left = Int32(tree.count)
        tree[at].right = Int32(tree.count + 1)
        for _ in 0..<2 { tree.append(leaf(&random)) }
      }
      nodes.append(tree: tree)
    }
    var header = Forest.Header(
      link: outputs == 1 ? .logistic : .softmax, outputs: outputs,
      featureNames: (0..<features).map { "f\($0)" }, baseScores: (0..<outputs).map { Float($0) / 4 })
    header.precision = precision
    header.linkScale = 0.5
    if precision == .double {
      header.biases = (0..<outputs).map { 0.1 * Double($0 + 1) }
      header.scale = 0.3
      header.averages = random.integer(below: 2) == 0
    }
    return try Forest(header: header, nodes: nodes)
  }

  /// The definition, read off the trees.
  static func naive(_ forest: Forest, _ row: [Float]) -> [Double] {
    (0..<forest.outputs).map { output in
      var outputs: [Double] = []
      for index in stride(from: output, to: forest.trees, by: forest.outputs) {
        let tree = forest.nodeArrays.tree(index)
        var node = tree[0]
        while !node.isLeaf {
          node = tree[Int(goesLeft(node, row[Int(node.feature)]) ? node.left : node.right)]
        }
        outputs.append(leafOutput(node, row))
      }
      guard forest.header.precision == .double else {
        return Double(outputs.reduce(forest.header.baseScores[output]) { $0 + Float($1) })
      }
      let sum = outputs.reduce(0, +) * forest.header.scale
      return sum / (forest.header.averages ? Double(outputs.count) : 1) + forest.header.baseMargins[output]
    }
  }

  private static func goesLeft(_ node: TreeNode, _ x: Float) -> Bool {
    if x.isNaN {
      return node.flags.contains(.missingIsZero) ? 0 < node.threshold : node.defaultLeft
    }
    if node.flags.contains(.zeroIsMissing), x.magnitude <= 1e-35 { return node.defaultLeft }
    guard node.flags.contains(.categorical) else { return x < node.threshold }
    let members = (0..<node.categories.count * 32).filter { node.categories[$0 / 32] >> ($0 % 32) & 1 == 1 }
    let isNone = x < 0 && !(node.flags.contains(.truncatesNegative) && x > -1)
    let isMember = !isNone && x < 1e6 && members.contains(Int(x))
    return isMember == node.flags.contains(.membersGoLeft)
  }

  private static func leafOutput(_ node: TreeNode, _ row: [Float]) -> Double {
    let plain = node.exactValue ?? Double(node.value)
    guard let linear = node.linear else { return plain }
    let values = linear.features.map { Double(row[Int($0)]) }
    if values.contains(where: \.isNaN) { return plain }
    return zip(values, linear.coefficients).reduce(linear.constant) { $0 + $1.0 * $1.1 }
  }

  @Test(arguments: [1, 3], [Forest.Precision.float, .double])
  func predictionsAgreeWithTheDefinition(outputs: Int, precision: Forest.Precision) throws {
    var random = Philox(seed: 21)
    let special: [Float] = [.nan, -0.5, -1, 0, -0.0, 1e-36, -1e-34, 1, 2, 2.5, 33, 64, 69, 1e20, -7]
    let pool = ThreadPool(threads: 2)
    for _ in 0..<40 {
      let forest = try GeneralForestTests.random(&random, outputs: outputs, precision: precision)
      #expect(!forest.isPlain)
      let rows = 40
      let columns = (0..<4).map { _ in (0..<rows).map { _ in special[random.integer(below: special.count)] } }
      let exact = try forest.exactMargins(columns: columns, pool: pool)
      let margins = try forest.predictMargins(columns: columns, pool: pool)
      let flat = (0..<rows).flatMap { row in columns.map { $0[row] } }
      let again = try flat.withUnsafeBufferPointer {
        try forest.predictMargins(rowMajor: $0, rows: rows, pool: pool)
      }
      #expect(margins == again)
      #expect(margins == exact.map(Float.init))
      for row in 0..<rows {
        let values = columns.map { $0[row] }
        let expected = GeneralForestTests.naive(forest, values)
        #expect(Array(exact[row * outputs..<(row + 1) * outputs]) == expected)
        var single = [Float](repeating: 0, count: outputs)
        forest.predictMargin(row: values, into: &single)
        #expect(single == expected.map(Float.init))
      }
    }
  }

  @Test
  func sliceAddsWhatTheForestAdds() throws {
    var random = Philox(seed: 5)
    let forest = try GeneralForestTests.random(&random, outputs: 3, precision: .float)
    let rows = (0..<20).map { _ in (0..<4).map { _ in Float(random.integer(below: 70)) - 2 } }
    var margins = rows.flatMap { _ in forest.header.baseScores }
    ForestSlice(nodes: forest.nodeArrays, outputs: 3).add(
      rowMajor: rows.flatMap { $0 }, features: 4, to: &margins, pool: ThreadPool(threads: 1))
    #expect(margins == rows.flatMap { GeneralForestTests.naive(forest, $0) }.map(Float.init))
  }

  @Test(arguments: [Forest.Precision.float, .double])
  func arraysRoundTrip(precision: Forest.Precision) throws {
    var random = Philox(seed: 3)
    let forest = try GeneralForestTests.random(&random, outputs: 3, precision: precision)
    #expect(try Forest(header: forest.header, tensors: forest.tensors().reversed()) == forest)
    var rebuilt = ForestNodes()
    for tree in 0..<forest.trees { rebuilt.append(tree: forest.nodeArrays.tree(tree)) }
    #expect(rebuilt == forest.nodeArrays)
    var prefix = ForestNodes()
    for tree in 0..<6 { prefix.append(tree: forest.nodeArrays.tree(tree)) }
    let row: [Float] = [1, 2, 33, -0.5]
    let cut = forest.prefix(rounds: 2)
    #expect(
      GeneralForestTests.naive(cut, row)
        == GeneralForestTests.naive(try Forest(header: forest.header, nodes: prefix), row))
    _ = try Forest(header: cut.header, nodes: cut.nodeArrays)
  }

  /// What layout 1 could not hold is refused under its number; what it could is read.
  @Test
  func layoutOne() throws {
    var random = Philox(seed: 9)
    let general = try GeneralForestTests.random(&random, outputs: 1, precision: .double)
    var header = general.header
    header.version = 1
    #expect(throws: TernError.self) { try Forest(header: header, nodes: general.nodeArrays) }
    let plain = try ForestTests.random(&random, trees: 4, features: 2, outputs: 1)
    header = plain.header
    header.version = 1
    let old = try Forest(header: header, tensors: plain.tensors())
    #expect(old.isPlain && old.nodeArrays == plain.nodeArrays)
    header.version = 3
    #expect(throws: TernError.self) { try Forest(header: header, nodes: plain.nodeArrays) }
  }

  /// Damaged arrays are refused, or they form another valid forest that predicts like its definition.
  @Test
  func hostileTensorsNeverTrap() throws {
    var random = Philox(seed: 16)
    var refused = 0
    for _ in 0..<4000 {
      let forest = try GeneralForestTests.random(&random, outputs: 1, precision: .double)
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
      let row: [Float] = [Float(random.normal()), .nan, .infinity, 1e30]
      var margin: Float = 0
      damaged.predictMargin(row: row, into: &margin)
      let expected = Float(GeneralForestTests.naive(damaged, row)[0])
      #expect(margin == expected || (margin.isNaN && expected.isNaN))
    }
    #expect(refused > 1000)
  }
}
