import Compute

extension GradientQuantisation {
  /// LightGBM's few levels (Shi et al., "Quantized Training of Gradient Boosting Decision Trees", NeurIPS 2022): the
  /// gradient has `levels` / 2 on either side of zero, the hessian `levels`, or one if it is the same for all rows.
  init(
    levels: Int, hasConstantHessian: Bool, _ derivatives: UnsafePointer<SIMD2<Float>>,
    rows: UnsafePointer<Int32>, count: Int, pool: ThreadPool
  ) {
    let sizes = GradientQuantisation.sizes(derivatives, rows: rows, count: count, pool: pool)
    let gradient = sizes.largest.x / Double(levels / 2)
    let hessian = sizes.largest.y / (hasConstantHessian ? 1 : Double(levels))
    self.init(
      gradientStep: gradient > 0 ? gradient : 1, hessianStep: hessian > 0 ? hessian : 1,
      isFinite: sizes.sum.x.isFinite && sizes.sum.y.isFinite)
  }

  /// Packs the derivatives of `rows` rounded to levels, by chance or to the nearest.
  ///
  /// A row's chance depends on the row, the tree and the seed only.
  func packLevels(
    _ derivatives: UnsafePointer<SIMD2<Float>>, rows: UnsafePointer<Int32>, count: Int,
    into target: UnsafeMutablePointer<Int64>, seed: UInt64, tree: Int, isStochastic: Bool, pool: ThreadPool
  ) {
    let inverse = SIMD2(1 / gradientStep, 1 / hessianStep)
    let output = SharedPointer(target)
    let key = SIMD2(
      UInt32(truncatingIfNeeded: seed),
      UInt32(truncatingIfNeeded: (seed ^ RandomStream.rounding.rawValue) >> 32))
    pool.parallelChunks(of: count, chunk: 16_384) { range, _ in
      for i in range {
        let value = SIMD2<Double>(derivatives[Int(rows[i])]) * inverse
        var chance = SIMD2(0.5, 0.5)
        if isStochastic {
          let block = Philox.block(
            counter: SIMD4(UInt32(bitPattern: rows[i]), UInt32(truncatingIfNeeded: tree), 0, 7), key: key)
          chance = SIMD2(Double(block.x), Double(block.y)) * 0x1p-32
        }
        let g = Int64(value.x >= 0 ? value.x + chance.x : value.x - chance.x)
        output.pointer[i] = g << 32 + Int64(value.y + chance.y)
      }
    }
  }
}
