import Glibc

/// Which engines serve a forest; what they cannot serve goes to `WalkingForest` all the same.
struct EngineChoice: Sendable, Equatable {
  /// Blocks of rows go to `CodedForest`, else to `WalkingForest`.
  var codesBlocks: Bool
  /// Single rows go to `BitForest` or `RowForest`, else to `WalkingForest`.
  var codesRows: Bool
  /// Single rows go to `BitForest` if it serves the forest, else to `RowForest`.
  var permutesCodes: Bool

  init(codesBlocks: Bool, codesRows: Bool, permutesCodes: Bool = BitForest.isFast) {
    self.codesBlocks = codesBlocks
    self.codesRows = codesRows
    self.permutesCodes = permutesCodes
  }

  /// The cheaper engines for the trees' shape, by measured costs of their steps.
  ///
  /// Coding costs something for each feature and then little for each tree, walking much for each tree. So a round of
  /// training, one tree or one for each class, is walked, and a forest is coded.
  init(_ source: ForestNodes, permutesCodes: Bool = BitForest.isFast) {
    let trees = Double(source.treeOffsets.count - 1)
    var isUsed = [Bool](repeating: false, count: Int((source.splitFeature.max() ?? -1) + 1))
    var inner = 0.0
    for feature in source.splitFeature where feature >= 0 {
      isUsed[Int(feature)] = true
      inner += 1
    }
    let columns = Double(isUsed.count { $0 })
    let steps = 1 + log2(1 + inner / max(trees, 1))
    codesBlocks =
      Cost.code * columns + Cost.leaf * trees + Cost.compare * inner < trees * Cost.walk * (1 + steps)
    let largest = zip(source.treeOffsets, source.treeOffsets.dropFirst()).map { $1 - $0 }.max() ?? 0
    let hasBits =
      permutesCodes && columns <= Double(BitForest.columnLimit) && Int(largest) < 2 * BitForest.places
    let stepOne = hasBits ? Cost.bitsOne : Cost.stepOne
    codesRows = Cost.codeOne * columns < trees * (Cost.walkOne - stepOne) * steps
    self.permutesCodes = permutesCodes
  }

  /// Processor cycles for each row.
  private enum Cost {
    /// To code a feature, add a leaf's value, and compare at a node, where 64 rows share the work.
    static let code = 7.0
    static let leaf = 1.0
    static let compare = 0.05
    /// To take a step down a tree in `WalkingForest`.
    static let walk = 6.0
    /// To code a feature of a single row, and to take a step in `BitForest`, `RowForest` and `WalkingForest`.
    static let codeOne = 13.0
    static let bitsOne = 2.0
    static let stepOne = 3.0
    static let walkOne = 10.0
  }
}
