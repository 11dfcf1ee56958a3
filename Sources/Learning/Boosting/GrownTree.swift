import Trees

/// A tree just grown, with what is needed to add it to the margins of the training rows.
struct GrownTree {
  /// How a row's bin number decides at an inner node.
  struct Test {
    var block = 0
    var shift: UInt64 = 0
    var bin = 0
    var missingBin = 256
    var missingLeft = false
  }

  /// A leaf and its place in the row partition.
  struct Leaf {
    var node: Int
    var begin: Int
    var count: Int
    var copy: Int
  }

  var nodes: [TreeNode] = []
  var tests: [Test] = []
  var leaves: [Leaf] = []

  /// The leaf of a row of the data set.
  func leaf(of row: Int, in dataset: BinnedDataset) -> Int {
    var at = 0
    while !nodes[at].isLeaf {
      let test = tests[at]
      let code = Int((dataset.words.pointer[test.block * dataset.rows + row] >> test.shift) & 255)
      let goesLeft = code == test.missingBin ? test.missingLeft : code <= test.bin
      at = Int(goesLeft ? nodes[at].left : nodes[at].right)
    }
    return at
  }
}
