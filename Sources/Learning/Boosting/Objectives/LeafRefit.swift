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

extension TreeGrower {
  /// Replaces the leaf values of a tree just grown by the learning rate times the quantile of the residuals of the
  /// rows that grew it.
  ///
  /// - Parameter margins: (rows, outputs) before the tree.
  func refit(_ tree: inout GrownTree, _ refit: LeafRefit, margins: UnsafeMutablePointer<Float>) {
    // LightGBM leaves a tree without a split alone.
    if refit.style == .lightgbm, tree.nodes.count == 1 { return }
    let leaves = tree.leaves
    let values = Storage<Double>(leaves.count, initial: 0)
    let margin = SharedPointer(margins)
    let quantile = Quantile(level: refit.level, style: refit.style)
    pool.parallelFor(count: leaves.count) { index, _ in
      let leaf = leaves[index]
      let own = partition.rows(leaf.copy) + leaf.begin
      var residuals: [Double] = []
      residuals.reserveCapacity(leaf.count)
      for i in 0..<leaf.count {
        let row = Int(own[i])
        residuals.append(Double(refit.labels[row]) - Double(margin.pointer[row]))
      }
      if residuals.isEmpty { return }
      let weights = refit.weights.map { all in (0..<leaf.count).map { all[Int(own[$0])] } }
      values.pointer[index] = quantile.value(of: residuals, weights: weights)
    }
    for (index, leaf) in leaves.enumerated() {
      tree.nodes[leaf.node].value = Float(configuration.learningRate * values.pointer[index])
    }
  }
}
