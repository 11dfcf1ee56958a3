/// Trees over the answers to their tests as bits, for a single row: the tests of a whole tree take a few vector operations, and
/// what is left of a walk is a handful of operations on one word.
///
/// The codes of a row's columns fill one vector of 64 bytes, and rows of more columns have other engines: choosing between
/// vectors costs far more than a permutation. A vector of tests names a column and
/// a rank in each of its bytes: one permutation brings the codes beside the ranks, one comparison answers 64
/// tests, and eight such vectors put the answers of eight trees with up to 63 tests into eight words. Then
///
/// - symmetric trees, of which a vector holds one level of 64, have the leaf's number in a byte;
/// - complete trees find their way down by shifting their words, eight side by side;
/// - others go from path to path (`TreePaths`), each time to the lowest bit of a few.
///
/// Nothing branches on the row, and a forest of 200 trees with 63 leaves reads about 60 kB for one.
///
/// A class over memory of its own, so that a row touches no reference count.
final class BitForest: @unchecked Sendable {
  /// Whether the processor that the program is built for permutes 64 bytes in one instruction; without it other engines are
  /// faster.
  static var isFast: Bool {
    #if BYTE_PERMUTATION
      true
    #else
      false
    #endif
  }

  /// Most columns: those of one vector.
  static let columnLimit = 64
  /// Deepest symmetric trees: a leaf's number is a byte.
  static let symmetricDepth = 8
  /// Deepest trees that are complete: their tests are numbered from 1 to 63.
  static let completeDepth = 6
  /// Trees whose words fill a vector.
  static let words = 8
  /// Symmetric trees whose leaf numbers fill a vector.
  static let bytes = 64
  /// Places of a word, with a leaf value each.
  static let places = 64

  enum Kind: UInt8, Sendable {
    /// One vector of tests for each level, the root's first; the leaves are counted from the left.
    case symmetric
    /// Node h has the children 2h and 2h + 1, and the root is node 1.
    case complete
    /// Any tree of up to 64 leaves.
    case paths
  }

  /// Consecutive trees of one output and kind.
  struct Group: Sendable {
    var kind: Kind
    /// Output that the trees add to.
    var output: Int32
    /// Levels of symmetric trees, all of one depth, and of complete ones; most paths that a row leaves.
    var steps: Int32
    /// First of the vectors of tests: `steps` for each 64 symmetric trees, else eight for each eight trees.
    var first: Int32
    /// First leaf value: `2^steps` for a symmetric tree, else 64.
    var leaf: Int32
    /// First of the `paths`: 64 for a tree.
    var path: Int32
    /// First of the vectors of `passing`: one for each eight trees.
    var passing: Int32
    /// Number of trees.
    var count: Int32
  }

  /// A vector of tests: codes of the columns from the ranks on pass.
  struct Tests: Sendable {
    var columns: CodeVector
    var ranks: CodeVector
  }

  /// Node of the source that holds the value of each place at which a walk can end; for others anything.
  let leafNodes: [Int32]
  let columnCount: Int
  let columns: UnsafePointer<FeatureCodes.Column>
  let thresholds: UnsafePointer<SIMD16<Int32>>
  let groupCount: Int
  /// In the order of outputs, then of rounds.
  let groups: UnsafePointer<Group>
  let tests: UnsafePointer<Tests>
  /// (trees, 64): `TreePaths.nodes`.
  let paths: UnsafePointer<UInt64>
  /// (trees): `TreePaths.passing`, in whole vectors.
  let passing: UnsafePointer<SIMD8<UInt64>>

  /// Compiles all trees; nil if one of them has more than 64 leaves, or there are too many columns.
  init?(nodes source: ForestNodes, outputs: Int, codes: FeatureCodes, tests nodeTests: [FeatureCodes.Test]) {
    guard let built = BitForestBuilder(nodes: source, outputs: outputs, codes: codes, tests: nodeTests) else {
      return nil
    }
    leafNodes = built.leafNodes
    columnCount = codes.columns.count
    columns = codes.columns.alignedCopy()
    thresholds = codes.thresholds.alignedCopy()
    groupCount = built.groups.count
    groups = built.groups.alignedCopy()
    tests = built.tests.alignedCopy()
    paths = built.paths.alignedCopy()
    passing = built.passing.alignedCopy()
  }

  deinit {
    for pointer in [
      UnsafeRawPointer(columns), UnsafeRawPointer(thresholds), UnsafeRawPointer(groups),
      UnsafeRawPointer(tests), UnsafeRawPointer(paths), UnsafeRawPointer(passing),
    ] { pointer.deallocate() }
  }
}
