import Diagnostics
import Glibc
import Trees

/// A peer's trees as plain arrays, so that Tern is timed on the very model that the peer is timed on.
///
/// Little-endian: `Int32` trees, nodes and features; then (trees + 1) offsets, and of each node the feature, -1 for a
/// leaf, the threshold as `Float`, whether a missing value goes left, the left and the right child counted from
/// the tree's first node, all `Int32` but the threshold; then the leaf values (nodes) and the base as `Double`.
struct ForestFile {
  let forest: Forest

  /// Reads a forest of one output.
  ///
  /// - Parameter precision: the arithmetic of the peer's sums.
  init(path: String, precision: Forest.Precision) throws(TernError) {
    guard let file = fopen(path, "rb") else { throw TernError(.data, "cannot be opened", file: path) }
    defer { fclose(file) }
    func read<Element>(_ count: Int, _ zero: Element) throws(TernError) -> [Element] {
      guard count >= 0, count <= 1 << 28 else {
        throw TernError(.data, "impossible size", file: path, found: "\(count)")
      }
      var values = [Element](repeating: zero, count: count)
      guard fread(&values, MemoryLayout<Element>.stride, count, file) == count else {
        throw TernError(.data, "is too short", file: path)
      }
      return values
    }
    let sizes = try read(3, Int32(0)).map(Int.init)
    var nodes = ForestNodes(treeOffsets: try read(sizes[0] + 1, Int32(0)))
    nodes.splitFeature = try read(sizes[1], Int32(0))
    nodes.threshold = try read(sizes[1], Float(0))
    nodes.defaultLeft = try read(sizes[1], Int32(0))
    nodes.leftChild = try read(sizes[1], Int32(0))
    nodes.rightChild = try read(sizes[1], Int32(0))
    let values = try read(sizes[1], 0.0)
    nodes.value = values.map(Float.init)
    nodes.gain = [Float](repeating: 0, count: sizes[1])
    nodes.cover = nodes.gain
    nodes.count = [Int32](repeating: 0, count: sizes[1])
    let base = try read(1, 0.0)[0]
    var header = Forest.Header(
      link: .identity, outputs: 1, featureNames: (0..<sizes[2]).map { "f\($0)" }, baseScores: [Float(base)])
    if precision == .double {
      nodes.exactValue = values
      header.precision = .double
      header.biases = [base - Double(Float(base))]
    }
    forest = try Forest(header: header, nodes: nodes)
  }
}
