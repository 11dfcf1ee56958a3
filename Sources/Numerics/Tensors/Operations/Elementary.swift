import Glibc

extension Workspace {
  /// `x·ln(x + ε)`.
  public func entropyTerms(_ x: Tensor, epsilon: Float) -> Tensor {
    let result = tensor(x.shape)
    let (a, c) = (x.pointer, result.pointer)
    elementwise(x.count) { range in
      for i in range { c[i] = a[i] * logf(a[i] + epsilon) }
    }
    return result
  }

  /// The gradient of `x·ln(x + ε)`: `g·(ln(x + ε) + x/(x + ε))`.
  public func entropyTermsGradient(_ gradient: Tensor, _ x: Tensor, epsilon: Float) -> Tensor {
    let result = tensor(x.shape)
    let (g, a, c) = (gradient.pointer, x.pointer, result.pointer)
    elementwise(x.count) { range in
      for i in range {
        let shifted = a[i] + epsilon
        c[i] = g[i] * (logf(shifted) + a[i] / shifted)
      }
    }
    return result
  }

  /// `sin x` in front of `cos x` over the features: (…, n) → (…, 2n).
  public func sineCosine(_ x: Tensor) -> Tensor {
    let width = x.shape.last
    let result = tensor(x.shape.replacing(-1, with: 2 * width))
    let (a, c) = (x.pointer, result.pointer)
    rowBlocks(x.shape.rows, rowsPerBlock(2 * width)) { first, count, _ in
      for row in first..<first + count {
        var j = 0
        while j < width {
          let filled = min(16, width - j)
          let (sine, cosine) = sineAndCosine(load(a + row * width + j, first: filled))
          store(sine, c + 2 * row * width + j, first: filled)
          store(cosine, c + (2 * row + 1) * width + j, first: filled)
          j += 16
        }
      }
    }
    return result
  }

  /// The gradient of x from the output (sin, cos): `g₁·cos x - g₂·sin x`.
  public func sineCosineGradient(_ gradient: Tensor, _ y: Tensor) -> Tensor {
    let width = y.shape.last / 2
    let result = tensor(y.shape.replacing(-1, with: width))
    let (g, k, c) = (gradient.pointer, y.pointer, result.pointer)
    rowBlocks(y.shape.rows, rowsPerBlock(2 * width)) { first, count, _ in
      for row in first..<first + count {
        let (slope, kept, target) = (g + 2 * row * width, k + 2 * row * width, c + row * width)
        for j in 0..<width { target[j] = slope[j] * kept[width + j] - slope[width + j] * kept[j] }
      }
    }
    return result
  }
}
