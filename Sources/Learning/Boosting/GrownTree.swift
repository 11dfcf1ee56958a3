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
    /// Whether `leftBins` decides, for missing values too.
    var isCategorical = false
    var leftBins = BinSet.zero

    /// Whether rows of a bin go left.
    @inline(__always)
    func goesLeft(_ code: Int) -> Bool {
      if isCategorical { return leftBins.holds(code) }
      return code == missingBin ? missingLeft : code <= bin
    }

    /// Writes 1 for each of the 256 bytes that go left, else 0.
    func fill(_ directions: UnsafeMutablePointer<UInt8>) {
      if isCategorical {
        for word in 0..<4 {
          let members = leftBins[word]
          for bit in 0..<64 {
            directions[64 * word + bit] = UInt8(truncatingIfNeeded: members >> UInt64(bit) & 1)
          }
        }
        return
      }
      let left = min(max(bin + 1, 0), 256)
      directions.update(repeating: 1, count: left)
      (directions + left).update(repeating: 0, count: 256 - left)
      if missingBin < 256 { directions[missingBin] = missingLeft ? 1 : 0 }
    }
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

  /// The leaf of a row by the values of its features.
  func leaf(of row: Int, values: [[Float]]) -> Int {
    var at = 0
    while !nodes[at].isLeaf {
      let node = nodes[at]
      let x = values[Int(node.feature)][row]
      let goesLeft: Bool
      if x.isNaN {
        goesLeft = node.defaultLeft
      } else if node.flags.contains(.categorical) {
        let code = Int(max(x, -1))
        let isMember =
          code >= 0 && code / 32 < node.categories.count
          && node.categories[code / 32] >> UInt32(code % 32) & 1 != 0
        goesLeft = isMember == node.flags.contains(.membersGoLeft)
      } else {
        goesLeft = x < node.threshold
      }
      at = Int(goesLeft ? node.left : node.right)
    }
    return at
  }

  /// The leaf of a row of the data set.
  func leaf(of row: Int, in dataset: BinnedDataset) -> Int {
    var at = 0
    while !nodes[at].isLeaf {
      let test = tests[at]
      let code = Int((dataset.words.pointer[test.block * dataset.rows + row] >> test.shift) & 255)
      at = Int(test.goesLeft(code) ? nodes[at].left : nodes[at].right)
    }
    return at
  }
}
