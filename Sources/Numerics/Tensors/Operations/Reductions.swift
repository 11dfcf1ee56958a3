extension Workspace {
  /// The sum over one axis, times a factor; the axis disappears.
  ///
  /// Terms are added in the order of the axis, in fixed blocks of it when it is the first and long.
  public func sum(_ x: Tensor, axis: Int, factor: Float = 1) -> Tensor {
    let axis = x.shape.resolved(axis)
    let (outer, length, inner) = (x.shape.before(axis), x.shape[axis], x.shape.after(axis))
    let shape = x.shape.removing(axis)
    if outer == 1, length > 1024 {
      let block = max(256, (length + 31) / 32)
      let parts = tensor(Shape((length + block - 1) / block, inner))
      let (a, p) = (x.pointer, parts.pointer)
      rowBlocks(length, block) { first, count, _ in
        ReductionKernel.sum(a + first * inner, p + first / block * inner, count, inner, 1)
      }
      let total = sumOfParts(parts, Shape(inner)).reshaped(shape)
      return factor == 1 ? total : affine(total, factor: factor, offset: 0)
    }
    let result = tensor(shape)
    let (a, c) = (x.pointer, result.pointer)
    rowBlocks(outer, rowsPerBlock(length * inner)) { first, count, _ in
      for index in first..<first + count {
        ReductionKernel.sum(a + index * length * inner, c + index * inner, length, inner, factor)
      }
    }
    return result
  }

  /// The mean over one axis, which disappears; over an axis without elements it is zero.
  public func mean(_ x: Tensor, axis: Int) -> Tensor {
    sum(x, axis: axis, factor: 1 / Float(max(x.shape[axis], 1)))
  }

  /// The sum of all elements, a scalar.
  public func sumOfAll(_ x: Tensor) -> Tensor {
    sum(x.reshaped(Shape(x.count)), axis: 0)
  }

  /// The gradient of a sum over an axis: repeated along it, times the sum's factor.
  public func sumGradient(_ gradient: Tensor, _ shape: Shape, axis: Int, factor: Float = 1) -> Tensor {
    let axis = shape.resolved(axis)
    let (outer, length, inner) = (shape.before(axis), shape[axis], shape.after(axis))
    let result = tensor(shape)
    let (g, c) = (gradient.pointer, result.pointer)
    rowBlocks(outer * length, rowsPerBlock(inner)) { first, count, _ in
      for index in first..<first + count {
        let (source, target) = (g + index / length * inner, c + index * inner)
        for j in 0..<inner { target[j] = source[j] * factor }
      }
    }
    return result
  }
}

private enum ReductionKernel {
  /// `y[j] = factor·Σ_i x[i][j]`.
  @inline(__always)
  static func sum(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ length: Int, _ inner: Int, _ factor: Float
  ) {
    if inner == 1 {
      var total = Vector.zero
      var i = 0
      while i < length {
        total += load(x + i, first: min(16, length - i))
        i += 16
      }
      y[0] = laneSum(total) * factor
      return
    }
    var j = 0
    while j < inner {
      let filled = min(16, inner - j)
      var total = Vector.zero
      for i in 0..<length { total += load(x + i * inner + j, first: filled) }
      store(total * factor, y + j, first: filled)
      j += 16
    }
  }
}
