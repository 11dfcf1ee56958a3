import Trees

extension TreeGrower {
  /// Opens the root with its sums and its best split.
  func openRoot(rows: Int, growth: inout TreeGrowth) {
    var root = OpenNode(
      tree: 0, begin: 0, depth: 0, copy: 0, sums: NodeSums(gradient: 0, hessian: 0, rows: rows))
    let values = partition.values(0)
    for i in 0..<rows {
      root.sums.gradient &+= values[i] >> 32
      root.sums.hessian &+= values[i] & 0xFFFF_FFFF
    }
    if mayGrow(root.sums, depth: 0, growth: growth) {
      root.histogram = histograms.take()
      evaluate(built: &root, sibling: nil, parent: nil, growth: growth)
    }
    append(root, growth: &growth)
  }

  /// Splits a node of the frontier and evaluates its children.
  func split(_ index: Int, growth: inout TreeGrowth) {
    let node = growth.open[index]
    let best = node.best
    let feature = Int(best.feature)
    let bins = dataset.bins[feature]
    let block = feature / BinnedDataset.blockFeatures
    let test = GrownTree.Test(
      block: block, shift: UInt64(8 * (feature % BinnedDataset.blockFeatures)), bin: Int(best.bin),
      missingBin: bins.hasMissing ? bins.numericBins : 256, missingLeft: best.missingLeft)
    let leftRows = partition.split(
      begin: node.begin, count: node.sums.rows, copy: node.copy,
      words: dataset.words.pointer + block * dataset.rows, test: test, pool: pool)
    mark(index, test: test, growth: &growth)
    let leftSums = NodeSums(gradient: best.leftGradient, hessian: best.leftHessian, rows: leftRows)
    let rightSums = NodeSums(
      gradient: node.sums.gradient &- best.leftGradient, hessian: node.sums.hessian &- best.leftHessian,
      rows: node.sums.rows - leftRows)
    let left = OpenNode(
      tree: growth.tree.nodes.count, begin: node.begin, depth: node.depth + 1, copy: 1 - node.copy,
      sums: leftSums)
    let right = OpenNode(
      tree: growth.tree.nodes.count + 1, begin: node.begin + leftRows, depth: node.depth + 1,
      copy: 1 - node.copy,
      sums: rightSums)
    growth.leaves += 1
    var children = [left, right]
    evaluate(&children, parent: index, growth: &growth)
    append(children[0], growth: &growth)
    append(children[1], growth: &growth)
  }

  /// Makes a tree node an inner node.
  private func mark(_ index: Int, test: GrownTree.Test, growth: inout TreeGrowth) {
    let best = growth.open[index].best
    let bins = dataset.bins[Int(best.feature)]
    let threshold = best.bin < 0 ? -Float.infinity : bins.cuts[Int(best.bin)]
    growth.tree.nodes[index].feature = best.feature
    growth.tree.nodes[index].threshold = threshold
    // Where training saw no missing value, XGBoost sends one right and LightGBM treats it as zero.
    growth.tree.nodes[index].defaultLeft =
      bins.hasMissing ? best.missingLeft : configuration.style == .lightgbm && 0 < threshold
    growth.tree.nodes[index].left = Int32(growth.tree.nodes.count)
    growth.tree.nodes[index].right = Int32(growth.tree.nodes.count + 1)
    growth.tree.nodes[index].gain = Float(best.gain)
    growth.tree.tests[index] = test
  }

  /// Finds the children's best splits where they may be split: the smaller child's histogram is summed, the larger
  /// one's is the parent's minus it.
  private func evaluate(_ children: inout [OpenNode], parent index: Int, growth: inout TreeGrowth) {
    let full = configuration.maxLeaves != 0 && growth.leaves >= configuration.maxLeaves
    var may = children.map { !full && mayGrow($0.sums, depth: $0.depth, growth: growth) }
    if configuration.style == .lightgbm, may[0] || may[1] {
      // LightGBM gives both siblings up unless one of them has rows for two leaves.
      let enough = children.contains { $0.sums.rows >= 2 * configuration.minDataInLeaf }
      if !enough { may = [false, false] }
    }
    let histogram = growth.open[index].histogram
    growth.open[index].histogram = nil
    guard let histogram else { return }
    guard may[0] || may[1] else {
      histograms.give(histogram)
      return
    }
    let small = children[0].sums.rows <= children[1].sums.rows ? 0 : 1
    children[small].histogram = histograms.take()
    if may[1 - small] {
      children[1 - small].histogram = histogram
      var sibling = children[1 - small]
      evaluate(built: &children[small], sibling: &sibling, parent: histogram, growth: growth)
      children[1 - small] = sibling
    } else {
      evaluate(built: &children[small], sibling: nil, parent: histogram, growth: growth)
      histograms.give(histogram)
    }
    if !may[small] { children[small].best = SplitCandidate() }
  }

  /// Whether a node may have children at all.
  private func mayGrow(_ sums: NodeSums, depth: Int, growth: TreeGrowth) -> Bool {
    if configuration.maxDepth > 0, depth >= configuration.maxDepth { return false }
    if sums.rows < 2 { return false }
    return growth.search.hessianValue(sums.hessian) >= 2 * configuration.minChildWeight
  }

  /// Adds a node to the tree as a leaf, and to the frontier if a split of it is worth while.
  private func append(_ node: OpenNode, growth: inout TreeGrowth) {
    let gradient = growth.search.gradientValue(node.sums.gradient)
    let hessian = growth.search.hessianValue(node.sums.hessian)
    let value = configuration.learningRate * growth.search.weight(gradient: gradient, hessian: hessian)
    growth.tree.nodes.append(
      TreeNode(value: Float(value), cover: Float(hessian), count: Int32(node.sums.rows)))
    growth.tree.tests.append(GrownTree.Test())
    growth.open.append(node)
    let worthWhile =
      configuration.style == .xgboost ? node.best.gain >= configuration.gamma : node.best.gain > 0
    if node.best.exists, worthWhile {
      growth.frontier.push(node: growth.open.count - 1, depth: node.depth, gain: node.best.gain)
    } else {
      release(growth.open.count - 1, growth: &growth)
    }
  }

  /// Gives a node's histogram back.
  func release(_ index: Int, growth: inout TreeGrowth) {
    if let histogram = growth.open[index].histogram { histograms.give(histogram) }
    growth.open[index].histogram = nil
  }
}
