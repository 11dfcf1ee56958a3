import Compute
import Trees

extension BoostingSession {
  /// Takes the dropped trees out of the margins (-1) or puts them back (1).
  mutating func addDropped(factor: Double) {
    guard let dropout else { return }
    for unit in dropout.dropped {
      for tree in dropout.trees(of: unit) { addWeighted(tree, weight: factor * dropout.weights[unit]) }
    }
  }

  /// Puts the dropped trees back with their new weights, and adds the new ones with theirs.
  mutating func addNewAndDropped(count: Int) {
    guard let dropout else { return }
    addDropped(factor: 1)
    for tree in dropout.trees.count - count..<dropout.trees.count {
      addWeighted(tree, weight: dropout.weight(ofTree: tree))
    }
  }

  /// Adds a tree of the dropout's, times a weight, to the margins of all rows.
  private mutating func addWeighted(_ index: Int, weight: Double) {
    guard let dropout, weight != 0 else { return }
    let tree = dropout.trees[index]
    let outputs = header.outputs
    let output = index % outputs
    let factor = Float(weight)
    let (dataset, pool) = (dataset, pool)
    margins.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let shared = SharedPointer(base)
      pool.parallelChunks(of: dataset.rows, chunk: 4096) { range, _ in
        for row in range {
          let leaf =
            dataset.values.isEmpty
            ? tree.leaf(of: row, in: dataset) : tree.leaf(of: row, values: dataset.values)
          shared.pointer[row * outputs + output] += factor * tree.nodes[leaf].value
        }
      }
    }
    if valid == nil { return }
    var single = ForestNodes()
    for other in 0..<outputs {
      var nodes = [TreeNode(value: 0, cover: 0, count: 0)]
      if other == output {
        nodes = tree.nodes
        for node in nodes.indices { nodes[node].value *= factor }
      }
      single.append(tree: nodes)
    }
    ForestSlice(nodes: single, outputs: outputs).add(
      rowMajor: validRows, features: dataset.features, to: &validMargins, pool: pool)
  }
}
