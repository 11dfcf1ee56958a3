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
    root.sums.output = growth.search.weight(
      gradient: growth.search.gradientValue(root.sums.gradient),
      hessian: growth.search.hessianValue(root.sums.hessian))
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
    let place = dataset.layout.places[feature]
    let test = self.test(best, place: place, bins: bins)
    let leftRows = partition.split(
      begin: node.begin, count: node.sums.rows, copy: node.copy,
      words: dataset.words.pointer + place.block * dataset.rows, test: test, pool: pool)
    mark(index, test: test, growth: &growth)
    let estimated = best.leftRows >= 0 ? Int(best.leftRows) : leftRows
    let smoothing = (left: estimated, right: node.sums.rows - estimated)
    let sums = childSums(of: node, leftRows: leftRows, smoothing: smoothing, growth: growth)
    let path = keepsPaths && !node.path.contains(best.feature) ? node.path + [best.feature] : node.path
    var left = OpenNode(
      tree: growth.tree.nodes.count, begin: node.begin, depth: node.depth + 1, copy: 1 - node.copy,
      sums: sums.left, parent: node.sums, smoothingRows: smoothing.left, extraLambda: best.extraLambda,
      path: path)
    var right = OpenNode(
      tree: growth.tree.nodes.count + 1, begin: node.begin + leftRows, depth: node.depth + 1,
      copy: 1 - node.copy, sums: sums.right, parent: node.sums, smoothingRows: smoothing.right,
      extraLambda: best.extraLambda, path: path)
    growth.leaves += 1
    evaluate(&left, &right, parent: index, growth: &growth)
    append(left, growth: &growth)
    append(right, growth: &growth)
  }

  /// Sums, values and bounds of the two children.
  private func childSums(
    of node: OpenNode, leftRows: Int, smoothing: (left: Int, right: Int), growth: TreeGrowth
  ) -> (left: NodeSums, right: NodeSums) {
    let best = node.best
    func child(gradient: Int64, hessian: Int64, rows: Int, smoothingRows: Int) -> NodeSums {
      var sums = NodeSums(gradient: gradient, hessian: hessian, rows: rows)
      sums.depth = node.depth + 1
      sums.lower = node.sums.lower
      sums.upper = node.sums.upper
      sums.output = growth.search.output(
        SplitSide(
          gradient: growth.search.gradientValue(gradient), hessian: growth.search.hessianValue(hessian),
          rows: smoothingRows), parent: node.sums, extraLambda: best.extraLambda)
      return sums
    }
    var left = child(
      gradient: best.leftGradient, hessian: best.leftHessian, rows: leftRows, smoothingRows: smoothing.left)
    var right = child(
      gradient: node.sums.gradient &- best.leftGradient, hessian: node.sums.hessian &- best.leftHessian,
      rows: node.sums.rows - leftRows, smoothingRows: smoothing.right)
    // Leaves on either side of a constrained split stay on their side of the middle.
    let middle = (left.output + right.output) / 2
    switch directions[Int(best.feature)] {
    case 1:
      left.upper = middle
      right.lower = middle
    case -1:
      left.lower = middle
      right.upper = middle
    default: break
    }
    return (left, right)
  }

  /// How a row's byte decides.
  private func test(
    _ split: SplitCandidate, place: FeatureLayout.Place, bins: FeatureBins
  ) -> GrownTree.Test {
    let own = GrownTree.Test(
      block: place.block, shift: place.shift, bin: Int(split.bin),
      missingBin: bins.hasMissing ? bins.numericBins : 256, missingLeft: split.missingLeft,
      isCategorical: bins.isCategorical, leftBins: leftBins(split, bins: bins))
    guard place.isBundled else { return own }
    var bundled = GrownTree.Test(block: place.block, shift: place.shift, isCategorical: true)
    for code in 0..<256 where own.goesLeft(place.bin(ofCode: code, bins: bins.bins)) {
      bundled.leftBins.insert(code)
    }
    return bundled
  }

  /// The bins that go left by a categorical split.
  private func leftBins(_ split: SplitCandidate, bins: FeatureBins) -> BinSet {
    guard split.isCategorical else { return .zero }
    if configuration.style == .lightgbm { return split.members }
    var left = ~split.members
    if bins.hasMissing, !split.missingLeft {
      var missing = BinSet.zero
      missing.insert(bins.numericBins)
      left &= ~missing
    }
    return left
  }

  /// Makes a tree node an inner node with a set of categories.
  private func markCategorical(_ index: Int, growth: inout TreeGrowth) {
    let best = growth.open[index].best
    let codes = dataset.bins[Int(best.feature)].codes
    growth.tree.nodes[index].setCategories(
      codes.indices.lazy.filter { best.members.holds($0) }.map { Int(codes[$0]) },
      flags: configuration.style == .lightgbm ? [.membersGoLeft, .truncatesNegative] : [])
    growth.tree.nodes[index].defaultLeft = best.missingLeft
  }

  /// Makes a tree node an inner node.
  private func mark(_ index: Int, test: GrownTree.Test, growth: inout TreeGrowth) {
    let best = growth.open[index].best
    let bins = dataset.bins[Int(best.feature)]
    growth.tree.nodes[index].feature = best.feature
    if best.isCategorical {
      markCategorical(index, growth: &growth)
    } else {
      let threshold = best.bin < 0 ? -Float.infinity : bins.cuts[Int(best.bin)]
      growth.tree.nodes[index].threshold = threshold
      // Where training saw no missing value, XGBoost sends one right and LightGBM treats it as zero.
      growth.tree.nodes[index].defaultLeft =
        bins.hasMissing ? best.missingLeft : configuration.style == .lightgbm && 0 < threshold
    }
    growth.tree.nodes[index].left = Int32(growth.tree.nodes.count)
    growth.tree.nodes[index].right = Int32(growth.tree.nodes.count + 1)
    growth.tree.nodes[index].gain = Float(best.gain)
    growth.tree.tests[index] = test
  }

  /// Finds the children's best splits where they may be split: the smaller child's histogram is summed, the larger
  /// one's is the parent's minus it.
  private func evaluate(
    _ left: inout OpenNode, _ right: inout OpenNode, parent index: Int, growth: inout TreeGrowth
  ) {
    let full = configuration.maxLeaves != 0 && growth.leaves >= configuration.maxLeaves
    var mayLeft = !full && mayGrow(left.sums, depth: left.depth, growth: growth)
    var mayRight = !full && mayGrow(right.sums, depth: right.depth, growth: growth)
    // LightGBM gives both siblings up unless one of them has rows for two leaves.
    if configuration.style == .lightgbm,
      max(left.sums.rows, right.sums.rows) < 2 * configuration.minDataInLeaf
    {
      mayLeft = false
      mayRight = false
    }
    let histogram = growth.open[index].histogram
    growth.open[index].histogram = nil
    guard let histogram else { return }
    guard mayLeft || mayRight else {
      histograms.give(histogram)
      return
    }
    if left.sums.rows <= right.sums.rows {
      evaluate(small: &left, large: &right, parent: histogram, isLargeOpen: mayRight, growth: growth)
    } else {
      evaluate(small: &right, large: &left, parent: histogram, isLargeOpen: mayLeft, growth: growth)
    }
    // The smaller child is searched for its histogram's sake.
    if !mayLeft { left.best = SplitCandidate() }
    if !mayRight { right.best = SplitCandidate() }
  }

  private func evaluate(
    small: inout OpenNode, large: inout OpenNode, parent histogram: Histogram, isLargeOpen: Bool,
    growth: TreeGrowth
  ) {
    small.histogram = histograms.take()
    if isLargeOpen {
      large.histogram = histogram
      evaluate(built: &small, sibling: &large, parent: histogram, growth: growth)
    } else {
      evaluate(built: &small, sibling: nil, parent: histogram, growth: growth)
      histograms.give(histogram)
    }
  }

  /// Whether a node may have children at all.
  private func mayGrow(_ sums: NodeSums, depth: Int, growth: TreeGrowth) -> Bool {
    if configuration.maxDepth > 0, depth >= configuration.maxDepth { return false }
    if sums.rows < 2 { return false }
    return growth.search.hessianValue(sums.hessian) >= 2 * configuration.minChildWeight
  }

  /// Adds a node to the tree as a leaf, and to the frontier if a split of it is worth while.
  private func append(_ node: OpenNode, growth: inout TreeGrowth) {
    let hessian = growth.search.hessianValue(node.sums.hessian)
    growth.tree.nodes.append(
      TreeNode(value: scaled(node.sums.output), cover: Float(hessian), count: Int32(node.sums.rows)))
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
