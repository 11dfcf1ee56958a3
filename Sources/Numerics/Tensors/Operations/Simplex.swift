extension Workspace {
  /// The Euclidean projection of each row onto the simplex (Martins and Astudillo, "From Softmax to Sparsemax", 2016).
  public func sparsemax(_ x: Tensor) -> Tensor { simplex(x, SparsemaxKernel.row) }

  /// α-entmax with α = 1.5 of each row (Peters, Niculae and Martins, "Sparse Sequence-to-Sequence Models", 2019).
  public func entmax15(_ x: Tensor) -> Tensor { simplex(x, EntmaxKernel.row) }

  /// The gradient of sparsemax's input from its output: on the support g minus its mean there, else zero.
  public func sparsemaxGradient(_ gradient: Tensor, _ p: Tensor) -> Tensor {
    simplexGradient(gradient, p) { Vector.zero.replacing(with: 1, where: $0 .> 0) }
  }

  /// The gradient of entmax's input from its output: `s·(g - Σ g·s / Σ s)` with s = √p.
  public func entmax15Gradient(_ gradient: Tensor, _ p: Tensor) -> Tensor {
    simplexGradient(gradient, p) { $0.squareRoot() }
  }

  @inline(__always)
  private func simplex(
    _ x: Tensor, _ row: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    let (width, result) = (x.shape.last, tensor(x.shape))
    let (a, c) = (x.pointer, result.pointer)
    rowBlocks(x.shape.rows, rowsPerBlock(8 * width)) { first, count, _ in
      for index in first..<first + count { row(a + index * width, c + index * width, width) }
    }
    return result
  }

  @inline(__always)
  private func simplexGradient(_ gradient: Tensor, _ p: Tensor, _ weights: (Vector) -> Vector) -> Tensor {
    let (width, result) = (p.shape.last, tensor(p.shape))
    let (g, y, c) = (gradient.pointer, p.pointer, result.pointer)
    rowBlocks(p.shape.rows, rowsPerBlock(4 * width)) { first, count, _ in
      for index in first..<first + count {
        let (slope, value, out) = (g + index * width, y + index * width, c + index * width)
        var total = Vector.zero
        var weighted = Vector.zero
        var j = 0
        while j < width {
          let filled = min(16, width - j)
          let s = weights(load(value + j, first: filled))
          total += s
          weighted = weighted.addingProduct(s, load(slope + j, first: filled))
          j += 16
        }
        let mean = Vector(repeating: laneSum(weighted) / laneSum(total))
        j = 0
        while j < width {
          let filled = min(16, width - j)
          let s = weights(load(value + j, first: filled))
          store(s * (load(slope + j, first: filled) - mean), out + j, first: filled)
          j += 16
        }
      }
    }
    return result
  }
}

/// The threshold grows from below: each pass takes the mean over the elements still above it, until none falls out
/// (Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex", 1986). No sorting.
///
/// An element that equals the threshold but for rounding would fall out and come back for ever, so the support must shrink.
private enum SparsemaxKernel {
  @inline(__always)
  static func row(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ width: Int) {
    if width == 0 { return }
    let top = rowMaximum(x, width)
    // Differences from the maximum lie in (-1, 0] on the support, where floats are dense.
    var threshold: Float = -1
    var support = Float.infinity
    while true {
      var count = Vector.zero
      var sum = Vector.zero
      var j = 0
      while j < width {
        let z = masked(load(x + j, first: min(16, width - j)) - top, first: width - j, otherwise: -.infinity)
        let inside = z .> threshold
        count += Vector.zero.replacing(with: 1, where: inside)
        sum += Vector.zero.replacing(with: z, where: inside)
        j += 16
      }
      let number = laneSum(count)
      if !(number < support && number > 0) { break }
      support = number
      threshold = (laneSum(sum) - 1) / number
    }
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      let value = load(x + j, first: filled) - top - threshold
      store(value.replacing(with: 0, where: value .< 0), y + j, first: filled)
      j += 16
    }
  }
}

/// `p = max(x/2 - τ, 0)²`: Newton's method for Σ p = 1, which is convex in τ and approached from the left.
private enum EntmaxKernel {
  @inline(__always)
  static func row(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ width: Int) {
    if width == 0 { return }
    let top = rowMaximum(x, width)
    var threshold: Float = -1
    for _ in 0..<16 {
      var sum = Vector.zero
      var square = Vector.zero
      var j = 0
      while j < width {
        let z = 0.5 * (load(x + j, first: min(16, width - j)) - top) - threshold
        let part = masked(z.replacing(with: 0, where: z .< 0), first: width - j, otherwise: 0)
        sum += part
        square = square.addingProduct(part, part)
        j += 16
      }
      let step = (laneSum(square) - 1) / (2 * laneSum(sum))
      threshold += step
      if !(step > 1e-7) { break }
    }
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      let z = 0.5 * (load(x + j, first: filled) - top) - threshold
      let part = z.replacing(with: 0, where: z .< 0)
      store(part * part, y + j, first: filled)
      j += 16
    }
  }
}

@inline(__always)
private func rowMaximum(_ x: UnsafePointer<Float>, _ width: Int) -> Float {
  var top = Vector(repeating: -.infinity)
  var j = 0
  while j < width {
    let value = masked(load(x + j, first: min(16, width - j)), first: width - j, otherwise: -.infinity)
    top = top.replacing(with: value, where: value .> top)
    j += 16
  }
  return greatest(top)
}
