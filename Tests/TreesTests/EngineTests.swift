import Compute
import Diagnostics
import Synchronization
import Testing

@testable import Trees

/// Every prediction engine against the walk over the forest's own arrays: the same leaf in each tree and the same order of
/// additions, so equal to the last bit.
@Suite("Prediction engines")
struct EngineTests {
  /// What a random forest looks like.
  enum Shape: CaseIterable {
    case leafWise
    case complete
    case nearlyComplete
    case symmetric
    case mixture
    case chain
  }

  static let special: [Float] = [
    .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .greatestFiniteMagnitude,
  ]

  /// Thresholds of which many repeat, some special, so that values meet them exactly.
  static func threshold(_ random: inout Philox, distinct: Int) -> Float {
    switch random.integer(below: 20) {
    case 0: return special[1 + random.integer(below: special.count - 1)]
    case 1: return random.integer(below: 2) == 0 ? 0 : -0.0
    default: return (Float(random.integer(below: distinct)) - Float(distinct / 2)) / 8
    }
  }

  static func tree(_ random: inout Philox, _ shape: Shape, features: Int, distinct: Int, leaves: Int)
    -> [TreeNode]
  {
    var tree = [TreeNode(value: Float(random.normal()), cover: 1, count: 1)]
    var depths = [0]
    func split(_ leaf: Int, _ feature: Int, _ threshold: Float, _ defaultLeft: Bool) {
      tree[leaf].feature = Int32(feature)
      tree[leaf].threshold = threshold
      tree[leaf].defaultLeft = defaultLeft
      tree[leaf].left = Int32(tree.count)
      tree[leaf].right = Int32(tree.count + 1)
      for _ in 0..<2 {
        tree.append(TreeNode(value: Float(random.normal()), cover: 1, count: 1))
        depths.append(depths[leaf] + 1)
      }
    }
    func anySplit(_ leaf: Int) {
      split(
        leaf, random.integer(below: features), threshold(&random, distinct: distinct),
        random.integer(below: 2) == 0)
    }
    switch shape {
    case .leafWise, .mixture:
      while tree.count < 2 * leaves - 1 {
        let open = tree.indices.filter { tree[$0].isLeaf }
        anySplit(open[random.integer(below: open.count)])
      }
    case .chain:
      for _ in 1..<max(leaves, 2) {
        anySplit(tree.count - 1 - (tree.count > 1 ? random.integer(below: 2) : 0))
      }
    case .complete, .nearlyComplete:
      let depth = random.integer(below: 8)
      for level in 0..<depth {
        for leaf in tree.indices where depths[leaf] == level {
          if shape == .complete || random.integer(below: 5) > 0 { anySplit(leaf) }
        }
      }
    case .symmetric:
      for level in 0..<random.integer(below: 11) {
        let feature = random.integer(below: features)
        let cut = threshold(&random, distinct: distinct)
        let isLeft = random.integer(below: 2) == 0
        for leaf in tree.indices where depths[leaf] == level { split(leaf, feature, cut, isLeft) }
      }
    }
    return tree
  }

  static func forest(
    _ random: inout Philox, _ shape: Shape, features: Int, distinct: Int, outputs: Int, rounds: Int,
    leafLimit: Int
  ) throws -> Forest {
    var nodes = ForestNodes()
    for _ in 0..<outputs * rounds {
      let own = shape == .mixture ? Shape.allCases[random.integer(below: 4)] : shape
      nodes.append(
        tree: tree(
          &random, own, features: features, distinct: distinct, leaves: 1 + random.integer(below: leafLimit)))
    }
    return try Forest(
      header: .init(
        link: outputs == 1 ? .logistic : .softmax, outputs: outputs,
        featureNames: (0..<features).map { "f\($0)" },
        baseScores: (0..<outputs).map { Float($0) / 4 }), nodes: nodes)
  }

  /// Rows that meet thresholds exactly, miss values, or are special in other ways.
  static func rows(_ random: inout Philox, count: Int, features: Int, distinct: Int) -> [Float] {
    (0..<count * features).map { _ in
      switch random.integer(below: 8) {
      case 0: .nan
      case 1: special[random.integer(below: special.count)]
      case 2: Float(random.normal()) * 4
      default: threshold(&random, distinct: distinct)
      }
    }
  }

  /// Margins of all rows by one compiled forest, in blocks and row by row.
  static func check(
    _ forest: Forest, _ compiled: CompiledForest<Float>, _ flat: [Float], rows: Int, _ what: String
  ) {
    let outputs = forest.outputs
    let features = forest.features
    var expected: [Float] = []
    for row in 0..<rows {
      expected += ForestTests.naive(forest, Array(flat[row * features..<(row + 1) * features]))
    }
    var margins = (0..<rows).flatMap { _ in forest.header.baseScores }
    var transposed = [Float](repeating: 0, count: flat.count)
    for row in 0..<rows {
      for feature in 0..<features { transposed[feature * rows + row] = flat[row * features + feature] }
    }
    var again = margins
    var single = margins
    flat.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      compiled.accumulate(
        .even(RowBlock(base: base, featureStride: 1, rowStride: features)), rows: rows, margins: &margins)
      single.withUnsafeMutableBufferPointer { target in
        guard let target = target.baseAddress else { return }
        for row in 0..<rows {
          compiled.accumulate(row: base + row * features, hasFeatures: true, margins: target + row * outputs)
        }
      }
    }
    transposed.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      compiled.accumulate(
        .even(RowBlock(base: base, featureStride: rows, rowStride: 1)), rows: rows, margins: &again)
    }
    #expect(margins == expected, "blocks, \(what)")
    #expect(again == expected, "columns, \(what)")
    #expect(single == expected, "single rows, \(what)")
  }

  @Test(arguments: Shape.allCases)
  func everyEngineAgreesWithTheDefinition(shape: Shape) throws {
    var random = Philox(seed: 21)
    for round in 0..<40 {
      let outputs = [1, 1, 3][round % 3]
      let features = [1, 5, 40][random.integer(below: 3)]
      let distinct = [3, 15, 16, 17, 200, 2000][random.integer(below: 6)]
      let leafLimit = [2, 20, 64, 300][random.integer(below: 4)]
      let forest = try EngineTests.forest(
        &random, shape, features: features, distinct: distinct, outputs: outputs,
        rounds: 1 + random.integer(below: 12), leafLimit: leafLimit)
      let rows = [1, 2, 63, 64, 65, 200, 256, 300][random.integer(below: 8)]
      let flat = EngineTests.rows(&random, count: rows, features: features, distinct: distinct)
      let bits = CompiledForest(
        nodes: forest.nodeArrays, outputs: outputs,
        choice: EngineChoice(codesBlocks: false, codesRows: true, permutesCodes: true))
      let coded = CompiledForest(
        nodes: forest.nodeArrays, outputs: outputs,
        choice: EngineChoice(codesBlocks: true, codesRows: true, permutesCodes: false))
      let walking = CompiledForest(
        nodes: forest.nodeArrays, outputs: outputs, choice: EngineChoice(codesBlocks: false, codesRows: false)
      )
      let largest = (0..<forest.trees).map { forest.treeOffsets[$0 + 1] - forest.treeOffsets[$0] }.max() ?? 0
      if largest <= 511 { #expect(coded.coded != nil && coded.single != nil) }
      // A feature takes a few columns: for missing values on either side, and for many thresholds.
      if largest <= 127, 4 * features <= BitForest.columnLimit {
        #expect(bits.bits != nil && bits.single == nil)
      }
      if largest <= 511 { #expect(bits.bits != nil || bits.single != nil) }
      #expect(walking.coded == nil && walking.single == nil)
      EngineTests.check(forest, bits, flat, rows: rows, "bits \(shape) \(round)")
      EngineTests.check(forest, coded, flat, rows: rows, "coded \(shape) \(round)")
      EngineTests.check(forest, walking, flat, rows: rows, "walking \(shape) \(round)")
      guard case .plain(let chosen) = forest.engine else {
        Issue.record("the forest is plain")
        continue
      }
      EngineTests.check(forest, chosen, flat, rows: rows, "chosen \(shape) \(round)")
    }
  }

  /// Sums in `Double`, exact leaf values and LightGBM's kinds of missing values, through the public functions.
  @Test(arguments: Shape.allCases)
  func sumsInDoubleAgreeWithTheDefinition(shape: Shape) throws {
    var random = Philox(seed: 22)
    let pool = ThreadPool(threads: 2)
    for round in 0..<12 {
      let outputs = [1, 3][round % 2]
      let features = 5
      var nodes = ForestNodes()
      for _ in 0..<outputs * (1 + random.integer(below: 12)) {
        var tree = EngineTests.tree(&random, shape, features: features, distinct: 40, leaves: 64)
        for node in tree.indices {
          tree[node].exactValue = random.normal()
          guard !tree[node].isLeaf, shape != .symmetric else { continue }
          switch random.integer(below: round % 3 == 0 ? 3 : 1) {
          case 1: tree[node].flags = .zeroIsMissing
          case 2:
            tree[node].flags = .missingIsZero
            tree[node].defaultLeft = 0 < tree[node].threshold
          default: break
          }
        }
        nodes.append(tree: tree)
      }
      var header = Forest.Header(
        link: outputs == 1 ? .logistic : .softmax, outputs: outputs,
        featureNames: (0..<features).map { "f\($0)" }, baseScores: (0..<outputs).map { Float($0) / 4 })
      header.precision = .double
      header.biases = (0..<outputs).map { 0.1 * Double($0 + 1) }
      header.scale = 0.3
      let forest = try Forest(header: header, nodes: nodes)
      guard case .exact = forest.engine else {
        Issue.record("the forest is plain but for sums in Double")
        continue
      }
      let rows = [1, 70, 300][round % 3]
      let flat = EngineTests.rows(&random, count: rows, features: features, distinct: 40)
      let columns = (0..<features).map { feature in (0..<rows).map { flat[$0 * features + feature] } }
      let expected = (0..<rows).flatMap {
        GeneralForestTests.naive(forest, Array(flat[$0 * features..<($0 + 1) * features]))
      }
      #expect(try forest.exactMargins(columns: columns, pool: pool) == expected)
      #expect(try forest.predictMargins(columns: columns, pool: pool) == expected.map(Float.init))
      let again = try flat.withUnsafeBufferPointer {
        try forest.predictMargins(rowMajor: $0, rows: rows, pool: pool)
      }
      #expect(again == expected.map(Float.init))
      for row in 0..<rows {
        var single = [Float](repeating: 0, count: outputs)
        forest.predictMargin(row: Array(flat[row * features..<(row + 1) * features]), into: &single)
        #expect(single == expected[row * outputs..<(row + 1) * outputs].map(Float.init))
      }
    }
  }

  /// More than 255 thresholds of one feature, so that it takes several columns; and 16-fold group sizes.
  @Test(arguments: [15, 16, 17, 255, 256, 257, 510, 511, 1000])
  func featuresWithManyThresholds(distinct: Int) throws {
    var nodes = ForestNodes()
    var random = Philox(seed: 4)
    for index in 0..<distinct {
      var root = TreeNode(value: 0, cover: 1, count: 1)
      root.feature = 0
      root.threshold = Float(index)
      root.defaultLeft = index % 3 == 0
      root.left = 1
      root.right = 2
      let leaves = [-1, 1].map { TreeNode(value: Float($0) * Float(random.uniform()), cover: 1, count: 1) }
      nodes.append(tree: [root] + leaves)
    }
    let forest = try Forest(
      header: .init(link: .identity, outputs: 1, featureNames: ["x"], baseScores: [0.5]), nodes: nodes)
    let whole = (-2...distinct + 1).map { Float($0) }
    let flat = whole + whole.map(\.nextDown) + whole.map(\.nextUp) + [.nan, .infinity, -.infinity]
    let compiled = CompiledForest(
      nodes: nodes, outputs: 1, choice: EngineChoice(codesBlocks: true, codesRows: true))
    EngineTests.check(forest, compiled, flat, rows: flat.count, "\(distinct) thresholds")
  }

  /// Order keys put values in their order, equal values together and thresholds between the unreachable ends.
  @Test
  func orderKeysFollowTheOrder() {
    var random = Philox(seed: 3)
    let values = EngineTests.special.dropFirst() + (0..<400).map { _ in Float(random.normal()) }
    for a in values {
      let key = FeatureCodes.key(a)
      #expect(key > FeatureCodes.missingKey && key < FeatureCodes.unreachableKey)
      for b in values {
        #expect((a < b) == (key < FeatureCodes.key(b)))
        #expect((a == b) == (key == FeatureCodes.key(b)))
      }
    }
  }

  /// A round of training is walked, a forest is coded, and one with a tree too large for a byte is walked again.
  @Test
  func theShapeChooses() throws {
    var random = Philox(seed: 6)
    func nodes(trees: Int, leaves: Int) -> ForestNodes {
      var nodes = ForestNodes()
      for _ in 0..<trees {
        nodes.append(tree: EngineTests.tree(&random, .leafWise, features: 30, distinct: 200, leaves: leaves))
      }
      return nodes
    }
    let one = CompiledForest<Float>(nodes: nodes(trees: 1, leaves: 63), outputs: 1)
    #expect(one.coded == nil && one.bits == nil && one.single == nil)
    let many = CompiledForest<Float>(nodes: nodes(trees: 100, leaves: 63), outputs: 1)
    #expect(many.coded != nil && many.walking.nodes.isEmpty)
    #expect((many.bits != nil) == BitForest.isFast && (many.single != nil) == !BitForest.isFast)
    let large = CompiledForest<Float>(nodes: nodes(trees: 100, leaves: 257), outputs: 1)
    #expect(large.coded == nil && large.bits == nil && large.single == nil)
    for permutes in [true, false] {
      func choice(trees: Int, leaves: Int) -> EngineChoice {
        EngineChoice(nodes(trees: trees, leaves: leaves), permutesCodes: permutes)
      }
      // Coding 30 features is worth about ten walks down trees of 63 leaves, whichever engine reads the codes.
      #expect(!choice(trees: 5, leaves: 63).codesRows)
      #expect(choice(trees: 15, leaves: 63).codesRows)
    }
    let empty = CompiledForest<Float>(nodes: ForestNodes(), outputs: 1)
    #expect(empty.coded == nil && empty.bits == nil && empty.single == nil)
  }

  /// More answers than two bytes name have four; a row with more columns than that is walked.
  @Test(arguments: [1500, 4200])
  func wideRowsHaveTheirOwnEngine(features: Int) throws {
    var random = Philox(seed: 9)
    var nodes = ForestNodes()
    for feature in 0..<features {
      var root = TreeNode(value: 0, cover: 1, count: 1)
      root.feature = Int32(feature)
      root.threshold = 0.25
      root.left = 1
      root.right = 2
      nodes.append(tree: [root] + [1, 2].map { TreeNode(value: $0, cover: 1, count: 1) })
    }
    // Blocks and complete trees too.
    for leaves in [20, 60, 200] {
      nodes.append(
        tree: EngineTests.tree(&random, .leafWise, features: features, distinct: 9, leaves: leaves))
    }
    let forest = try Forest(
      header: .init(
        link: .identity, outputs: 1, featureNames: (0..<features).map { "f\($0)" }, baseScores: [0]),
      nodes: nodes)
    let compiled = CompiledForest(
      nodes: nodes, outputs: 1, choice: EngineChoice(codesBlocks: true, codesRows: true))
    #expect(compiled.single == nil)
    #expect((compiled.largeSingle != nil) == (features == 1500))
    let flat = EngineTests.rows(&random, count: 20, features: features, distinct: 5)
    EngineTests.check(forest, compiled, flat, rows: 20, "wide")
  }

  /// More callers at a time than there are places for their answers, and more trees than one group holds.
  @Test
  func manyThreadsPredictSingleRows() async throws {
    var random = Philox(seed: 12)
    let (features, rows) = (9, 64)
    let forest = try EngineTests.forest(
      &random, .leafWise, features: features, distinct: 200, outputs: 1, rounds: 300, leafLimit: 64)
    let choices = [true, false].map {
      EngineChoice(codesBlocks: false, codesRows: true, permutesCodes: $0)
    }
    let engines = choices.map { CompiledForest(nodes: forest.nodeArrays, outputs: 1, choice: $0) }
    #expect(engines[0].bits != nil && engines[1].single != nil)
    let flat = EngineTests.rows(&random, count: rows, features: features, distinct: 200)
    let expected = (0..<rows).flatMap {
      ForestTests.naive(forest, Array(flat[$0 * features..<($0 + 1) * features]))
    }
    let scratch = RowScratch(size: 100)
    // Places are nested as deep as callers overlap.
    func nested(_ depth: Int, _ seen: [UnsafeMutablePointer<UInt8>]) {
      scratch.withPlace { place in
        #expect(!seen.contains(place))
        for byte in 0..<100 { place[byte] = UInt8(depth) }
        if depth < 40 { nested(depth + 1, seen + [place]) }
        #expect((0..<100).allSatisfy { place[$0] == UInt8(depth) })
      }
    }
    nested(0, [])
    let pool = ThreadPool(threads: 24)
    let wrong = SharedCount()
    pool.parallelFor(count: 2000) { item, _ in
      let row = item % rows
      var margin = forest.header.baseScores[0]
      engines[item / rows % 2].accumulate(
        row: Array(flat[row * features..<(row + 1) * features]), hasFeatures: true, margins: &margin)
      if margin != expected[row] { wrong.add() }
    }
    #expect(wrong.value == 0)
  }
}

/// Counts from several threads.
private final class SharedCount: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .sequentiallyConsistent) }
  func add() { count.wrappingAdd(1, ordering: .sequentiallyConsistent) }
}
