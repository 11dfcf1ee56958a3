extension Workspace {
  /// `(x - mean)/√(variance + ε)·weight + bias` over the features of each row; the variance is the biased one.
  public func layerNorm(_ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, epsilon: Float) -> Tensor {
    let width = x.shape.last
    require(
      (weight?.count ?? width) == width && (bias?.count ?? width) == width,
      "layerNorm: \(x.shape) has other features")
    let result = tensor(x.shape)
    let (a, c, w, b) = (x.pointer, result.pointer, weight?.pointer, bias?.pointer)
    rowBlocks(x.shape.rows, rowsPerBlock(width)) { first, count, _ in
      for row in first..<first + count {
        LayerNormKernel.forward(a + row * width, w, b, c + row * width, width, epsilon)
      }
    }
    return result
  }

  /// The gradients of x, weight and bias of a layer normalisation; statistics are computed again from x.
  /// - Parameter present: a gradient of x from elsewhere, which its own is added to.
  public func layerNormGradient(
    _ gradient: Tensor, _ x: Tensor, _ weight: Tensor?, epsilon: Float, addingTo present: Tensor? = nil
  ) -> (x: Tensor, weight: Tensor, bias: Tensor) {
    let (width, rows) = (x.shape.last, x.shape.rows)
    let block = max(rowsPerBlock(width), (rows + 31) / 32)
    let parts = max(1, (rows + block - 1) / block)
    let result = tensor(x.shape)
    let weights = tensor(Shape(parts, width))
    let biases = tensor(Shape(parts, width))
    let (g, a, w, c) = (gradient.pointer, x.pointer, weight?.pointer, result.pointer)
    let (dw, db, other) = (weights.pointer, biases.pointer, present?.pointer)
    if rows == 0 {
      dw.update(repeating: 0, count: width)
      db.update(repeating: 0, count: width)
    }
    rowBlocks(rows, block) { first, count, _ in
      let (sw, sb) = (dw + first / block * width, db + first / block * width)
      sw.update(repeating: 0, count: width)
      sb.update(repeating: 0, count: width)
      for row in first..<first + count {
        LayerNormKernel.backward(
          g + row * width, a + row * width, w, other.map { $0 + row * width }, c + row * width, sw, sb, width,
          epsilon)
      }
    }
    return (result, sumOfParts(weights, Shape(width)), sumOfParts(biases, Shape(width)))
  }
}

private enum LayerNormKernel {
  /// Mean and 1/√(variance + ε) of a row, in two passes.
  @inline(__always)
  static func statistics(_ x: UnsafePointer<Float>, _ width: Int, _ epsilon: Float) -> (
    mean: Float, scale: Float
  ) {
    var sum = Vector.zero
    var j = 0
    while j < width {
      sum += load(x + j, first: min(16, width - j))
      j += 16
    }
    let mean = laneSum(sum) / Float(width)
    var square = Vector.zero
    j = 0
    while j < width {
      let difference = masked(load(x + j, first: min(16, width - j)) - mean, first: width - j, otherwise: 0)
      square = square.addingProduct(difference, difference)
      j += 16
    }
    return (mean, 1 / (laneSum(square) / Float(width) + epsilon).squareRoot())
  }

  @inline(__always)
  static func forward(
    _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>?, _ b: UnsafePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>, _ width: Int, _ epsilon: Float
  ) {
    let (mean, scale) = statistics(x, width, epsilon)
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      var value = (load(x + j, first: filled) - mean) * scale
      if let w { value *= load(w + j, first: filled) }
      if let b { value += load(b + j, first: filled) }
      store(value, y + j, first: filled)
      j += 16
    }
  }

  /// With n = (x - mean)·scale and h = g·w: dx = scale·(h - mean(h) - n·mean(h·n)) + present, dw += g·n, db += g.
  @inline(__always)
  static func backward(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>?,
    _ present: UnsafePointer<Float>?, _ dx: UnsafeMutablePointer<Float>, _ dw: UnsafeMutablePointer<Float>,
    _ db: UnsafeMutablePointer<Float>, _ width: Int, _ epsilon: Float
  ) {
    let (mean, scale) = statistics(x, width, epsilon)
    var first = Vector.zero
    var second = Vector.zero
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      let slope = load(g + j, first: filled)
      let normal = (load(x + j, first: filled) - mean) * scale
      store(load(dw + j, first: filled).addingProduct(slope, normal), dw + j, first: filled)
      store(load(db + j, first: filled) + slope, db + j, first: filled)
      let h = w.map { slope * load($0 + j, first: filled) } ?? slope
      first += h
      // Lanes behind the end hold h = 0.
      second = second.addingProduct(h, normal)
      j += 16
    }
    let meanH = laneSum(first) / Float(width)
    let meanHN = laneSum(second) / Float(width)
    j = 0
    while j < width {
      let filled = min(16, width - j)
      let slope = load(g + j, first: filled)
      let normal = (load(x + j, first: filled) - mean) * scale
      let h = w.map { slope * load($0 + j, first: filled) } ?? slope
      let own = (h - meanH - normal * meanHN) * scale
      store(present.map { load($0 + j, first: filled) + own } ?? own, dx + j, first: filled)
      j += 16
    }
  }
}
