/// The tests of a tree and where they stand.
struct TreeStructure: Sendable, Equatable {
  /// The tests of the levels of a symmetric tree, else of the inner nodes, parents first.
  var splits: [ObliviousSplit]
  /// The leaf that each inner node has split, nil for a symmetric tree.
  ///
  /// Rows that pass the test of node i become leaf i + 1, the others stay. Bit d of a leaf's number in a symmetric tree
  /// is 1 where a row passes the test of level d.
  let splitLeaves: [Int]?

  /// A symmetric tree.
  init(levels: [ObliviousSplit]) {
    splits = levels
    splitLeaves = nil
  }

  /// A tree of inner nodes.
  ///
  /// - Precondition: a node splits one of the leaves before it.
  init(splits: [ObliviousSplit], splitLeaves: [Int]) {
    precondition(splits.count == splitLeaves.count, "every node splits a leaf")
    precondition(splitLeaves.enumerated().allSatisfy { 0...$0 ~= $1 }, "a leaf exists before it is split")
    self.splits = splits
    self.splitLeaves = splitLeaves
  }

  /// Number of leaves.
  var leafCount: Int { splitLeaves == nil ? 1 << splits.count : splits.count + 1 }

  /// What follows an inner node, failing rows first: another inner node, or -1 minus a leaf.
  var children: [(left: Int, right: Int)] {
    guard let splitLeaves else { return [] }
    var result: [(left: Int, right: Int)] = []
    result.reserveCapacity(splits.count)
    // Where a leaf hangs: its node and side.
    var places: [(node: Int, isRight: Bool)] = []
    places.reserveCapacity(splits.count + 1)
    places.append((-1, false))
    for (node, leaf) in splitLeaves.enumerated() {
      let place = places[leaf]
      if place.node >= 0 {
        if place.isRight { result[place.node].right = node } else { result[place.node].left = node }
      }
      result.append((-1 - leaf, -2 - node))
      places[leaf] = (node, false)
      places.append((node, true))
    }
    return result
  }
}
