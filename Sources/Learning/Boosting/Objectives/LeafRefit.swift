import Compute
import Trees

/// Re-fits leaves to a quantile of their rows' residuals y - f, because the Newton step of a loss with hessian 1 that is
/// none says little.
struct LeafRefit: Sendable {
  let level: Double
  let style: BoostingConfiguration.Style
  /// (data set rows).
  let labels: [Float]
  /// (data set rows), or nil for ones.
  let weights: [Float]?
}

extension LeafRefit {
  /// Replaces the leaf values of a tree by a rate times the quantile of the residuals of the leaves' rows.
  ///
  /// - Parameters:
  ///   - leaves: node and rows of each leaf.
  ///   - margins: (rows) before the tree.
  func apply(
    to tree: inout GrownTree, leaves: [(node: Int, rows: UnsafeBufferPointer<Int32>)], margins: [Float],
    rate: Double, pool: ThreadPool
  ) {
    // LightGBM leaves a tree without a split alone.
    if style == .lightgbm, tree.nodes.count == 1 { return }
    let values = Storage<Double>(leaves.count, initial: 0)
    let quantile = Quantile(level: level, style: style)
    pool.parallelFor(count: leaves.count) { index, _ in
      let own = leaves[index].rows
      if own.isEmpty { return }
      let residuals = own.map { Double(labels[Int($0)]) - Double(margins[Int($0)]) }
      values.pointer[index] = quantile.value(
        of: residuals, weights: weights.map { all in own.map { all[Int($0)] } })
    }
    for (index, leaf) in leaves.enumerated() {
      tree.nodes[leaf.node].value = Float(rate * values.pointer[index])
    }
  }
}

extension TreeGrower {
  func refit(_ tree: inout GrownTree, _ refit: LeafRefit, margins: [Float]) {
    let leaves = tree.leaves.map { leaf in
      (
        node: leaf.node,
        rows: UnsafeBufferPointer(start: partition.rows(leaf.copy) + leaf.begin, count: leaf.count)
      )
    }
    refit.apply(to: &tree, leaves: leaves, margins: margins, rate: rate, pool: pool)
  }
}

extension ApproximateGrower {
  func refit(_ tree: inout GrownTree, _ refit: LeafRefit, margins: [Float]) {
    grower?.refit(&tree, refit, margins: margins)
  }
}

extension ExactGrower {
  func refit(_ tree: inout GrownTree, _ refit: LeafRefit, margins: [Float]) {
    var rows = [[Int32]](repeating: [], count: tree.nodes.count)
    for row in grownRows { rows[tree.leaf(of: Int(row), values: dataset.values)].append(row) }
    let order = rows.indices.filter { tree.nodes[$0].isLeaf }
    let all = order.flatMap { rows[$0] }
    all.withUnsafeBufferPointer { all in
      var begin = 0
      let leaves = order.map { node in
        defer { begin += rows[node].count }
        return (node: node, rows: UnsafeBufferPointer(rebasing: all[begin..<begin + rows[node].count]))
      }
      refit.apply(to: &tree, leaves: leaves, margins: margins, rate: rate, pool: pool)
    }
  }
}
