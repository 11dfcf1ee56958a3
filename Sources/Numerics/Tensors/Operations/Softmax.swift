extension Workspace {
  /// `e^x / Σ e^x` over the features.
  public func softmax(_ x: Tensor) -> Tensor {
    let (width, result) = (x.shape.last, tensor(x.shape))
    let (a, c) = (x.pointer, result.pointer)
    rowBlocks(x.shape.rows, rowsPerBlock(width)) { first, count, _ in
      for row in first..<first + count {
        SoftmaxKernel.row(a + row * width, c + row * width, width, scale: 1)
      }
    }
    return result
  }

  /// The gradient of a softmax's input from its output p: `p·(g - Σ g·p)`.
  public func softmaxGradient(_ gradient: Tensor, _ p: Tensor) -> Tensor {
    let (width, result) = (p.shape.last, tensor(p.shape))
    let (g, y, c) = (gradient.pointer, p.pointer, result.pointer)
    rowBlocks(p.shape.rows, rowsPerBlock(width)) { first, count, _ in
      for row in first..<first + count {
        SoftmaxKernel.backward(g + row * width, y + row * width, c + row * width, width, scale: 1)
      }
    }
    return result
  }
}

enum SoftmaxKernel {
  /// `e^(scale·x - max)` in place, zeros behind the end to whole vectors: x has room for them. Returns one over the sum.
  @inline(__always)
  static func powers(_ x: UnsafeMutablePointer<Float>, _ width: Int, scale: Float) -> Float {
    let whole = width & ~15
    var top = Vector(repeating: -.infinity)
    var j = 0
    while j < whole {
      let value = load(x + j)
      top = top.replacing(with: value, where: value .> top)
      j += 16
    }
    if j < width {
      let value = masked(load(x + j), first: width - j, otherwise: -.infinity)
      top = top.replacing(with: value, where: value .> top)
    }
    let offset = Vector(repeating: -scale * greatest(top))
    var sum = Vector.zero
    j = 0
    while j < whole {
      let value = exponential(offset.addingProduct(load(x + j), Vector(repeating: scale)))
      sum += value
      store(value, x + j)
      j += 16
    }
    if j < width {
      let power = exponential(offset.addingProduct(load(x + j), Vector(repeating: scale)))
      let value = masked(power, first: width - j, otherwise: 0)
      sum += value
      store(value, x + j)
    }
    return 1 / laneSum(sum)
  }

  /// `y = softmax(scale·x)` of one row.
  @inline(__always)
  static func row(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ width: Int, scale: Float) {
    var top = Vector(repeating: -.infinity)
    var j = 0
    while j < width {
      let value = masked(load(x + j, first: min(16, width - j)), first: width - j, otherwise: -.infinity)
      top = top.replacing(with: value, where: value .> top)
      j += 16
    }
    let offset = Vector(repeating: -scale * greatest(top))
    var sum = Vector.zero
    j = 0
    while j < width {
      let filled = min(16, width - j)
      let power = exponential(offset.addingProduct(load(x + j, first: filled), Vector(repeating: scale)))
      let value = masked(power, first: filled, otherwise: 0)
      sum += value
      store(value, y + j, first: filled)
      j += 16
    }
    let factor = 1 / laneSum(sum)
    j = 0
    while j < width {
      let filled = min(16, width - j)
      store(load(y + j, first: filled) * factor, y + j, first: filled)
      j += 16
    }
  }

  /// `out = scale·p·(g - Σ g·p)` of one row.
  @inline(__always)
  static func backward(
    _ g: UnsafePointer<Float>, _ p: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ width: Int,
    scale: Float
  ) {
    var sum = Vector.zero
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      sum = sum.addingProduct(load(g + j, first: filled), load(p + j, first: filled))
      j += 16
    }
    let mean = Vector(repeating: laneSum(sum))
    j = 0
    while j < width {
      let filled = min(16, width - j)
      let value = load(p + j, first: filled) * (load(g + j, first: filled) - mean) * scale
      store(value, out + j, first: filled)
      j += 16
    }
  }
}

extension SoftmaxKernel {
  /// `softmax(scale·x)` of rows `width` apart in their place, and the same with dropout, which may be there too.
  ///
  /// Rows are whole blocks of dropout, or one vector of at most 16 keys; behind the end they hold anything.
  /// - Parameters:
  ///   - firstRow: number of the first row in the operation, which dropout goes by.
  ///   - blocks: blocks of dropout of a row; nil counts them from the keys.
  static func probabilities(
    _ x: UnsafeMutablePointer<Float>, dropped: UnsafeMutablePointer<Float>, rows: Int, keys: Int, width: Int,
    scale: Float, firstRow: Int, blocks: Int? = nil, dropout: DropoutKey?
  ) {
    let blocks = blocks ?? DropoutKey.blocks(keys)
    for row in 0..<rows {
      let (p, d) = (x + row * width, dropped + row * width)
      let factor = Vector(repeating: powers(p, keys, scale: scale))
      var j = 0
      if let dropout {
        var block = (firstRow + row) * blocks
        if keys <= 16 {
          let value = load(p) * factor
          store(value, p)
          store(value * dropout.firstFactors(block), d)
          continue
        }
        while j < keys {
          let (low, high) = dropout.factors(block)
          let (a, b) = (load(p + j) * factor, load(p + j + 16) * factor)
          store(a, p + j)
          store(b, p + j + 16)
          // Where both are one place, what stays is dropped.
          store(a * low, d + j)
          store(b * high, d + j + 16)
          j += DropoutKey.block
          block += 1
        }
      } else {
        while j < keys {
          let value = load(p + j) * factor
          store(value, p + j)
          store(value, d + j)
          j += 16
        }
      }
    }
  }

  /// Drops elements of rows of 16 probabilities as `probabilities` does.
  static func drop(
    _ probabilities: UnsafePointer<Float>, into dropped: UnsafeMutablePointer<Float>, rows: Int,
    firstRow: Int, dropout: DropoutKey
  ) {
    for row in 0..<rows {
      store(load(probabilities + 16 * row) * dropout.firstFactors(firstRow + row), dropped + 16 * row)
    }
  }

  /// What reaches the scores: `scale·(d·g - p·Σ d·g)` with probabilities p, the dropped ones d, and slopes g of those, which it
  /// replaces; rows as above.
  static func slopes(
    _ slopes: UnsafeMutablePointer<Float>, _ probabilities: UnsafePointer<Float>,
    dropped: UnsafePointer<Float>, rows: Int, keys: Int, width: Int, scale: Float
  ) {
    for row in 0..<rows {
      let (g, p, d) = (slopes + row * width, probabilities + row * width, dropped + row * width)
      var sum = Vector.zero
      var j = 0
      while j < keys {
        sum = sum.addingProduct(load(g + j, first: keys - j), load(d + j, first: keys - j))
        j += 16
      }
      let mean = Vector(repeating: -laneSum(sum))
      j = 0
      while j < keys {
        let value = (load(g + j) * load(d + j)).addingProduct(load(p + j), mean)
        store(value * scale, g + j)
        j += 16
      }
    }
  }
}
