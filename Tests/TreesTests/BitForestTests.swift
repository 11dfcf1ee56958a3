import Compute
import Testing

@testable import Trees

/// What a single row's engine makes of a tree.
@Suite("Bit forests")
struct BitForestTests {
  private static func outline(_ tree: [TreeNode]) -> TreeOutline {
    var nodes = ForestNodes()
    nodes.append(tree: tree)
    var outline = TreeOutline()
    outline.read(nodes, tree: 0)
    return outline
  }

  /// The Strahler number of a subtree.
  private static func strahler(_ tree: [TreeNode], _ node: Int) -> Int {
    if tree[node].isLeaf { return 0 }
    let left = strahler(tree, Int(tree[node].left))
    let right = strahler(tree, Int(tree[node].right))
    return left == right ? left + 1 : max(left, right)
  }

  /// Whatever the tests answer, a row gets to the leaf that the tree sends it to, in the steps that the tree's shape allows.
  @Test(arguments: [EngineTests.Shape.leafWise, .complete, .nearlyComplete, .chain])
  func pathsLeadToTheLeafOfTheTree(shape: EngineTests.Shape) throws {
    var random = Philox(seed: 31)
    for _ in 0..<60 {
      let tree = EngineTests.tree(
        &random, shape, features: 3, distinct: 9, leaves: 1 + random.integer(below: 64))
      let outline = BitForestTests.outline(tree)
      guard outline.leaves.count <= 64 else {
        #expect(TreePaths(outline) == nil)
        continue
      }
      let paths = try #require(TreePaths(outline))
      #expect(paths.steps == BitForestTests.strahler(tree, 0) && paths.steps <= 6)
      #expect(
        Set(paths.places).count == paths.places.count && paths.places.allSatisfy { $0 < TreePaths.root })
      for _ in 0..<20 {
        let passes = tree.map { _ in random.integer(below: 2) == 1 }
        var node = 0
        while !tree[node].isLeaf { node = Int(passes[node] ? tree[node].right : tree[node].left) }
        var answers: UInt64 = 0
        for (inner, place) in paths.places.enumerated() where passes[outline.inner[inner].node] {
          answers |= 1 << UInt64(place)
        }
        var place = TreePaths.root
        for _ in 0..<paths.steps {
          let open = (answers ^ paths.passing) & paths.nodes[place]
          if open != 0 { place = open.trailingZeroBitCount }
        }
        #expect(outline.leaves[paths.ends[place]] == node)
      }
    }
  }

  /// A chain is one path however long it is, and a tree of more than 64 leaves has no word.
  @Test
  func chainsTakeOneStep() throws {
    func chain(_ leaves: Int) -> TreeOutline {
      var tree = [TreeNode(value: 0, cover: 1, count: 1)]
      for _ in 1..<leaves {
        let last = tree.count - 1
        tree[last].feature = 0
        tree[last].left = Int32(tree.count)
        tree[last].right = Int32(tree.count + 1)
        tree += [1, 2].map { TreeNode(value: $0, cover: 1, count: 1) }
      }
      return BitForestTests.outline(tree)
    }
    #expect(try #require(TreePaths(chain(64))).steps == 1)
    #expect(TreePaths(chain(65)) == nil)
    #expect(try #require(TreePaths(chain(1))).steps == 0)
  }

  /// Permutations name any byte, once, often or never.
  @Test
  func permutationsPickBytes() {
    var random = Philox(seed: 32)
    for _ in 0..<50 {
      var table = CodeVector(repeating: 0)
      var places = CodeVector(repeating: 0)
      for lane in 0..<64 {
        table[lane] = UInt8(random.integer(below: 256))
        places[lane] = UInt8(random.integer(below: 64))
      }
      let found = table.permuted(places)
      #expect((0..<64).allSatisfy { found[$0] == table[Int(places[$0])] })
    }
  }

  /// Features that miss values on either side and have many thresholds take several columns; what one vector cannot hold
  /// goes to another engine.
  @Test(arguments: [12, 20, 33, 90])
  func columnsFillOneVector(features: Int) throws {
    var random = Philox(seed: 33)
    let forest = try EngineTests.forest(
      &random, .leafWise, features: features, distinct: 9, outputs: 1, rounds: 90, leafLimit: 64)
    let compiled = CompiledForest(
      nodes: forest.nodeArrays, outputs: 1,
      choice: EngineChoice(codesBlocks: false, codesRows: true, permutesCodes: true))
    if let bits = compiled.bits {
      #expect(bits.columnCount > features && bits.columnCount <= BitForest.columnLimit)
    } else {
      #expect(compiled.single != nil || compiled.largeSingle != nil)
    }
    #expect((compiled.bits != nil) == (features < 33), "\(compiled.bits?.columnCount ?? 0) columns")
    let flat = EngineTests.rows(&random, count: 40, features: features, distinct: 9)
    EngineTests.check(forest, compiled, flat, rows: 40, "\(features) features")
  }
}
