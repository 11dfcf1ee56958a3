/// What a gate makes of its second half, with the derivative.
private protocol GateFunction {
  static func value(_ x: Vector) -> Vector
  static func slope(_ x: Vector, _ y: Vector) -> Vector
}

extension Rectifier: GateFunction {}
extension Logistic: GateFunction {}
extension SwishUnit: GateFunction {}

extension Workspace {
  /// `a·f(b)` of each row (a, b), with dropout behind it: (…, 2n) → (…, n).
  public func gated(_ x: Tensor, _ gate: Gate, dropout: DropoutKey? = nil) -> Tensor {
    let width = halfWidth(x)
    let result = tensor(x.shape.replacing(-1, with: width))
    let (a, c) = (x.pointer, result.pointer)
    rowBlocks(x.shape.rows, rowsPerBlock(2 * width)) { first, count, _ in
      switch gate {
      case .glu: GateKernel.forward(Logistic.self, a, c, first, count, width, dropout)
      case .reglu: GateKernel.forward(Rectifier.self, a, c, first, count, width, dropout)
      case .swiglu: GateKernel.forward(SwishUnit.self, a, c, first, count, width, dropout)
      }
    }
    return result
  }

  /// The gradient of a gate's input.
  public func gatedGradient(_ gradient: Tensor, _ x: Tensor, _ gate: Gate, dropout: DropoutKey?) -> Tensor {
    let width = halfWidth(x)
    let result = tensor(x.shape)
    let (g, a, c) = (gradient.pointer, x.pointer, result.pointer)
    rowBlocks(x.shape.rows, rowsPerBlock(2 * width)) { first, count, _ in
      switch gate {
      case .glu: GateKernel.backward(Logistic.self, g, a, c, first, count, width, dropout)
      case .reglu: GateKernel.backward(Rectifier.self, g, a, c, first, count, width, dropout)
      case .swiglu: GateKernel.backward(SwishUnit.self, g, a, c, first, count, width, dropout)
      }
    }
    return result
  }

  private func halfWidth(_ x: Tensor) -> Int {
    require(x.shape.rank > 0 && x.shape.last % 2 == 0, "a gate halves its features: \(x.shape)")
    return x.shape.last / 2
  }
}

private enum GateKernel {
  @inline(__always)
  static func forward<F: GateFunction>(
    _ function: F.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ first: Int,
    _ count: Int,
    _ width: Int, _ dropout: DropoutKey?
  ) {
    for row in first..<first + count {
      let (a, b, c) = (x + 2 * row * width, x + (2 * row + 1) * width, y + row * width)
      each(row, width, dropout) { j, filled, factors in
        var value = load(a + j, first: filled) * F.value(load(b + j, first: filled))
        if let factors { value *= factors }
        store(value, c + j, first: filled)
      }
    }
  }

  @inline(__always)
  static func backward<F: GateFunction>(
    _ function: F.Type, _ gradient: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>, _ first: Int, _ count: Int, _ width: Int, _ dropout: DropoutKey?
  ) {
    for row in first..<first + count {
      let (a, b) = (x + 2 * row * width, x + (2 * row + 1) * width)
      let (da, db) = (out + 2 * row * width, out + (2 * row + 1) * width)
      each(row, width, dropout) { j, filled, factors in
        var g = load(gradient + row * width + j, first: filled)
        if let factors { g *= factors }
        let second = load(b + j, first: filled)
        let value = F.value(second)
        let slope = F.slope(second, value)
        let first = load(a + j, first: filled)
        store(g * value, da + j, first: filled)
        store(g * first * slope, db + j, first: filled)
      }
    }
  }

  /// Runs `body(first column, number of columns, factors)` over a row, up to sixteen columns at a time.
  @inline(__always)
  private static func each(
    _ row: Int, _ width: Int, _ dropout: DropoutKey?, _ body: (Int, Int, Vector?) -> Void
  ) {
    if let dropout {
      let own = row * DropoutKey.blocks(width)
      var j = 0
      while j < width {
        let (low, high) = dropout.factors(own + j / DropoutKey.block)
        body(j, min(16, width - j), low)
        if width - j > 16 { body(j + 16, min(16, width - j - 16), high) }
        j += DropoutKey.block
      }
    } else {
      var j = 0
      while j < width {
        body(j, min(16, width - j), nil)
        j += 16
      }
    }
  }
}
