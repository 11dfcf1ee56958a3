/// Trees over the answers to all tests for a single row: two or four bytes a node and hardly a branch that depends on the
/// row.
///
/// A column's tests are answered together, by comparing its code with all ranks at once, and a node names the byte of its
/// answer: a step down a tree is two loads and a sum. The processor then rarely mispredicts, and looks into many trees at
/// once instead of one after another. Trees of little depth are complete, with a constant number of steps. Others are
/// cut into blocks of four levels: all trees go through their first blocks, those that are not at a leaf then go through their
/// next ones, and so on. Of leaf-wise trees, whose leaves are few steps deep for most rows and very deep for some, few
/// are left after the first blocks.
///
/// A class over memory of its own, so that a row touches no reference count.
final class RowForest<Place: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable>:
  @unchecked Sendable
{
  /// Most trees that go through their blocks side by side, so that their places stay on the stack.
  static var trees: Int { 128 }
  /// Levels of a block.
  static var blockLevels: Int { 4 }
  /// Paths through a block.
  static var blockSize: Int { 1 << blockLevels }

  enum Kind: UInt8, Sendable {
    /// One test for each level, the root's first; the leaves are counted from the left.
    case symmetric
    /// Node h has the children 2h and 2h + 1, the root is node 1, and node 0 is not used.
    case complete
    /// Blocks of a few levels that are complete each.
    case blocks
  }

  /// Consecutive trees of one output and kind, symmetric and complete ones of one depth and one behind the other.
  struct Group: Sendable {
    var kind: Kind
    /// Output that the trees add to.
    var output: Int32
    /// Depth of symmetric and complete trees.
    var steps: Int32
    /// First of the tests of symmetric and complete trees, first of the `roots` of others.
    var first: Int32
    /// First leaf of symmetric and complete trees.
    var leaf: Int32
    /// Number of trees, at most `trees`.
    var count: Int32
  }

  /// Node of the source that holds the value of each position at which a walk can end; for others anything.
  let leafNodes: [Int32]
  let scratch: RowScratch
  let columnCount: Int
  let columns: UnsafePointer<FeatureCodes.Column>
  let thresholds: UnsafePointer<SIMD16<Int32>>
  /// (columns): where the answers to its tests begin, the one to rank one first.
  let firstAnswers: UnsafePointer<Int32>
  let groupCount: Int
  /// In the order of outputs, then of rounds.
  let groups: UnsafePointer<Group>
  /// Tests of the symmetric and complete trees.
  let tests: UnsafePointer<Place>
  /// First block of each tree that consists of blocks.
  let roots: UnsafePointer<Int32>
  /// (blocks, 16): tests of a block, numbered as in a complete tree.
  let blockTests: UnsafePointer<Place>
  /// (blocks, 16): where each path through a block ends: a leaf, or the complement of the next block's number.
  let blockEnds: UnsafePointer<Int32>

  /// Compiles all trees; nil if they are too large, or the answers too many for a `Place`.
  init?(nodes source: ForestNodes, outputs: Int, codes: FeatureCodes, tests nodeTests: [FeatureCodes.Test]) {
    guard let built = RowForestBuilder<Place>(nodes: source, outputs: outputs, codes: codes, tests: nodeTests)
    else { return nil }
    leafNodes = built.leafNodes
    scratch = RowScratch(size: built.answers)
    columnCount = codes.columns.count
    columns = codes.columns.alignedCopy()
    thresholds = codes.thresholds.alignedCopy()
    firstAnswers = built.firstAnswers.alignedCopy()
    groupCount = built.groups.count
    groups = built.groups.alignedCopy()
    tests = built.tests.alignedCopy()
    roots = built.roots.alignedCopy()
    blockTests = built.blockTests.alignedCopy()
    blockEnds = built.blockEnds.alignedCopy()
  }

  deinit {
    for pointer in [
      UnsafeRawPointer(columns), UnsafeRawPointer(thresholds), UnsafeRawPointer(firstAnswers),
      UnsafeRawPointer(groups), UnsafeRawPointer(tests), UnsafeRawPointer(roots),
      UnsafeRawPointer(blockTests), UnsafeRawPointer(blockEnds),
    ] { pointer.deallocate() }
  }
}
