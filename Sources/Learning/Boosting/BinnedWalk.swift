/// Finds the leaves of rows of a binned data set, four rows side by side and without a branch that a row decides.
///
/// A node has a table of the 256 bytes' directions; a leaf is its own child on both sides.
struct BinnedWalk {
  private let bytes: UnsafePointer<UInt8>
  /// (nodes): place of the tested byte from the start of a row's first word.
  private let offsets: Storage<Int>
  /// (nodes, 256): 1 where a byte goes left.
  private let directions: Storage<UInt8>
  /// (nodes, 2): the right child, then the left one.
  private let children: Storage<Int32>

  /// The tree's tests, on rows of the data set that it was grown on.
  init(_ tree: GrownTree, dataset: BinnedDataset) {
    // Words are stored with the lowest byte first.
    bytes = UnsafeRawPointer(dataset.words.pointer).assumingMemoryBound(to: UInt8.self)
    offsets = Storage(tree.nodes.count, initial: 0)
    directions = Storage(256 * tree.nodes.count, initial: 0)
    children = Storage(2 * tree.nodes.count, initial: 0)
    for (node, test) in tree.tests.enumerated() {
      let isLeaf = tree.nodes[node].isLeaf
      children.pointer[2 * node] = isLeaf ? Int32(node) : tree.nodes[node].right
      children.pointer[2 * node + 1] = isLeaf ? Int32(node) : tree.nodes[node].left
      if isLeaf { continue }
      offsets.pointer[node] = 8 * test.block * dataset.rows + Int(test.shift / 8)
      test.fill(directions.pointer + 256 * node)
    }
  }

  /// Calls `body(row, leaf)` for each row.
  @inline(__always)
  func forEach(_ rows: UnsafePointer<Int32>, count: Int, _ body: (_ row: Int, _ leaf: Int) -> Void) {
    var first = 0
    while first < count {
      let last = count - 1
      let (r, s) = (Int(rows[first]), Int(rows[min(first + 1, last)]))
      let (t, u) = (Int(rows[min(first + 2, last)]), Int(rows[min(first + 3, last)]))
      var (a, b, c, d) = (0, 0, 0, 0)
      while true {
        let (e, f, g, h) = (child(a, r), child(b, s), child(c, t), child(d, u))
        if e == a, f == b, g == c, h == d { break }
        (a, b, c, d) = (e, f, g, h)
      }
      body(r, a)
      if first + 1 < count { body(s, b) }
      if first + 2 < count { body(t, c) }
      if first + 3 < count { body(u, d) }
      first += 4
    }
  }

  @inline(__always)
  private func child(_ node: Int, _ row: Int) -> Int {
    let code = Int(bytes[offsets.pointer[node] &+ 8 &* row])
    return Int(children.pointer[2 &* node &+ Int(directions.pointer[256 &* node &+ code])])
  }
}
