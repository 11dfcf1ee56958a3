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
