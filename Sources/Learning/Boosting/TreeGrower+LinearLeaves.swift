import Trees

extension TreeGrower {
  /// Gives every leaf the linear function of its path's numeric features that lowers the loss most
  /// (Shi et al., "Gradient Boosting with Piece-Wise Linear Regression Trees", IJCAI 2019, equation 3):
  ///
  ///     (Xᵀ H X + linear_lambda)⁻¹ Xᵀ g, negative, X having a last column of ones
  ///
  /// over the rows without a missing value among these features. The leaf keeps its constant value for other rows, and
  /// for all if there are fewer rows than coefficients.
  func fitLinearLeaves(_ grown: inout GrownTree, derivatives: UnsafePointer<SIMD2<Float>>, growth: TreeGrowth)
  {
    let leaves = grown.leaves
    var functions = [LinearLeaf?](repeating: nil, count: leaves.count)
    functions.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      let output = SharedPointer(base)
      pool.parallelFor(count: leaves.count) { item, _ in
        let features = growth.open[leaves[item].node].path.filter { !dataset.bins[Int($0)].isCategorical }
          .sorted()
        output.pointer[item] = linearLeaf(leaves[item], features: features, derivatives: derivatives)
      }
    }
    for (leaf, function) in zip(leaves, functions) { grown.nodes[leaf.node].linear = function }
  }

  private func linearLeaf(
    _ leaf: GrownTree.Leaf, features: [Int32], derivatives: UnsafePointer<SIMD2<Float>>
  ) -> LinearLeaf? {
    if features.isEmpty { return nil }
    let size = features.count + 1
    var matrix = [Double](repeating: 0, count: size * size)
    var right = [Double](repeating: 0, count: size)
    var row = [Double](repeating: 1, count: size)
    let own = partition.rows(leaf.copy) + leaf.begin
    var used = 0
    for i in 0..<leaf.count {
      let index = Int(own[i])
      var isMissing = false
      for (place, feature) in features.enumerated() {
        let x = dataset.values[Int(feature)][index]
        isMissing = isMissing || x.isNaN
        row[place] = Double(x)
      }
      if isMissing { continue }
      used += 1
      let value = SIMD2<Double>(derivatives[index])
      for a in 0..<size {
        right[a] -= row[a] * value.x
        let weighted = row[a] * value.y
        for b in a..<size { matrix[a * size + b] += weighted * row[b] }
      }
    }
    if used < size { return nil }
    for a in 0..<size {
      for b in 0..<a { matrix[a * size + b] = matrix[b * size + a] }
      if a < features.count { matrix[a * size + a] += configuration.growth.linearLambda }
    }
    let solution = LinearSystem.solve(matrix, right)
    guard solution.allSatisfy(\.isFinite) else { return nil }
    // LightGBM leaves out what counts as zero.
    let kept = features.indices.filter { abs(solution[$0]) > 1e-35 }
    return LinearLeaf(
      constant: rate * solution[features.count], features: kept.map { features[$0] },
      coefficients: kept.map { rate * solution[$0] })
  }
}

extension GrownTree {
  /// The output of a leaf for a row of a data set that holds values.
  @inline(__always)
  func output(_ leaf: Int, row: Int, values: [[Float]]) -> Float {
    guard let linear = nodes[leaf].linear else { return nodes[leaf].value }
    var sum = linear.constant
    for (feature, coefficient) in zip(linear.features, linear.coefficients) {
      let x = values[Int(feature)][row]
      if x.isNaN { return nodes[leaf].value }
      sum += coefficient * Double(x)
    }
    return Float(sum)
  }
}
