/// How the second operand of an elementwise operation is laid over the first.
public enum Broadcast: Sendable {
  /// Element by element.
  case same
  /// A vector over the features of each row.
  case features
  /// One number for each row: (…, 1).
  case rows
  /// One number.
  case scalar

  /// How `b` fits `a`.
  public init(_ a: Shape, _ b: Shape) {
    if a == b {
      self = .same
    } else if b.count == 1 {
      self = .scalar
    } else if b.count == a.last, b.last == a.last {
      self = .features
    } else if b.rank == a.rank, b.last == 1, b.rows == a.rows {
      self = .rows
    } else {
      stop("\(b) cannot be laid over \(a)")
    }
  }
}

/// An operation of two numbers.
public enum BinaryOperation: Sendable {
  /// `a + b`.
  case add
  /// `a - b`.
  case subtract
  /// `a·b`.
  case multiply
  /// `a/b`.
  case divide
}

extension Workspace {
  /// `a + b`, `a - b`, `a·b` or `a/b`, the second operand laid over the first: of the same shape, a vector over the features, one
  /// number for each row, or one number.
  public func combine(_ a: Tensor, _ operation: BinaryOperation, _ b: Tensor) -> Tensor {
    let broadcast = Broadcast(a.shape, b.shape)
    let result = tensor(a.shape)
    let (x, y, z) = (a.pointer, b.pointer, result.pointer)
    let width = broadcast == .same || broadcast == .scalar ? 16_384 : a.shape.last
    // Equal shapes and single numbers have no rows: any stretch of elements will do.
    pool.parallelChunks(of: a.count, chunk: max(width, 16_384 / max(width, 1) * width)) { range, _ in
      var first = range.lowerBound
      while first < range.upperBound {
        let count = min(width, range.upperBound - first)
        switch broadcast {
        case .same: BinaryKernel.both(operation, x + first, y + first, z + first, count)
        case .features: BinaryKernel.both(operation, x + first, y, z + first, count)
        case .rows: BinaryKernel.number(operation, x + first, y[first / width], z + first, count)
        case .scalar: BinaryKernel.number(operation, x + first, y[0], z + first, count)
        }
        first += count
      }
    }
    return result
  }

  /// `a + b` of equal shapes into memory that may be one of theirs.
  public func add(_ a: Tensor, _ b: Tensor, into target: Tensor) {
    require(a.shape == b.shape && a.shape == target.shape, "sums are of equal shapes")
    let (x, y, z) = (a.pointer, b.pointer, target.pointer)
    elementwise(a.count) { range in
      for i in range { z[i] = x[i] + y[i] }
    }
  }

  /// The sum of tensors of one shape, in order.
  public func sum(of parts: [Tensor]) -> Tensor {
    require(!parts.isEmpty && parts.allSatisfy { $0.shape == parts[0].shape }, "sums are of equal shapes")
    let result = tensor(parts[0].shape)
    let c = result.pointer
    pool.parallelChunks(of: result.count, chunk: 4096) { range, _ in
      (c + range.lowerBound).update(from: parts[0].pointer + range.lowerBound, count: range.count)
      for part in parts.dropFirst() {
        let q = part.pointer
        for i in range { c[i] += q[i] }
      }
    }
    return result
  }

  /// `factor·x + offset`.
  public func affine(_ x: Tensor, factor: Float, offset: Float) -> Tensor {
    let result = tensor(x.shape)
    let (a, c) = (x.pointer, result.pointer)
    elementwise(x.count) { range in
      for i in range { c[i] = offset.addingProduct(a[i], factor) }
    }
    return result
  }

  /// What a gradient of `shape` becomes for an operand that was laid over it: summed over what it was repeated for.
  public func reduced(_ gradient: Tensor, to shape: Shape) -> Tensor {
    switch Broadcast(gradient.shape, shape) {
    case .same: return gradient
    case .features:
      return sum(gradient.reshaped(Shape(gradient.shape.rows, gradient.shape.last)), axis: 0).reshaped(shape)
    case .rows: return sum(gradient, axis: -1).reshaped(shape)
    case .scalar: return sumOfAll(gradient).reshaped(shape)
    }
  }

  /// `(x + dropout(branch))·scale` of equal shapes.
  public func residual(_ x: Tensor, _ branch: Tensor, dropout: DropoutKey?, scale: Float) -> Tensor {
    require(x.shape == branch.shape, "residual: \(x.shape) and \(branch.shape) differ")
    let result = tensor(x.shape)
    let (a, b, c) = (x.pointer, branch.pointer, result.pointer)
    elementwise(x.count) { range in
      if let dropout {
        DropoutKernel.each(range, dropout) { i, filled, factors in
          store(
            load(a + i, first: filled).addingProduct(load(b + i, first: filled), factors) * scale, c + i,
            first: filled)
        }
      } else {
        for i in range { c[i] = (a[i] + b[i]) * scale }
      }
    }
    return result
  }

  /// The elements that dropout keeps, scaled, times `scale`; its own gradient, as the same elements are kept.
  public func dropout(_ x: Tensor, _ dropout: DropoutKey, scale: Float = 1) -> Tensor {
    let result = tensor(x.shape)
    let (a, c) = (x.pointer, result.pointer)
    elementwise(x.count) { range in
      DropoutKernel.each(range, dropout) { i, filled, factors in
        store(load(a + i, first: filled) * (factors * scale), c + i, first: filled)
      }
    }
    return result
  }

  /// Runs `body` over fixed ranges of elements on the lanes.
  @inline(__always)
  func elementwise(_ count: Int, _ body: (Range<Int>) -> Void) {
    pool.parallelChunks(of: count, chunk: 16_384) { range, _ in body(range) }
  }

  /// Runs `body(first row, number of rows, lane)` over fixed blocks of rows on the lanes.
  @inline(__always)
  func rowBlocks(_ rows: Int, _ block: Int, _ body: (Int, Int, Int) -> Void) {
    pool.parallelChunks(of: rows, chunk: block) { range, lane in body(range.lowerBound, range.count, lane) }
  }

  /// Rows of a block whose elements fill some 64 kB, so that what one kernel wrote is near when the next reads it.
  @inline(__always)
  func rowsPerBlock(_ width: Int) -> Int { max(1, min(256, 16_384 / max(width, 1))) }
}

/// Dropout over the elements of a range, which begins with a block.
enum DropoutKernel {
  /// Runs `body(first element, number of elements, factors)` for up to sixteen elements at a time.
  @inline(__always)
  static func each(_ range: Range<Int>, _ dropout: DropoutKey, _ body: (Int, Int, Vector) -> Void) {
    var i = range.lowerBound
    while i < range.upperBound {
      let (low, high) = dropout.factors(i / DropoutKey.block)
      let left = range.upperBound - i
      body(i, min(16, left), low)
      if left > 16 { body(i + 16, min(16, left - 16), high) }
      i += DropoutKey.block
    }
  }
}

private enum BinaryKernel {
  @inline(__always)
  static func both(
    _ operation: BinaryOperation, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    _ z: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    switch operation {
    case .add: for i in 0..<count { z[i] = x[i] + y[i] }
    case .subtract: for i in 0..<count { z[i] = x[i] - y[i] }
    case .multiply: for i in 0..<count { z[i] = x[i] * y[i] }
    case .divide: for i in 0..<count { z[i] = x[i] / y[i] }
    }
  }

  @inline(__always)
  static func number(
    _ operation: BinaryOperation, _ x: UnsafePointer<Float>, _ y: Float, _ z: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    switch operation {
    case .add: for i in 0..<count { z[i] = x[i] + y }
    case .subtract: for i in 0..<count { z[i] = x[i] - y }
    case .multiply: for i in 0..<count { z[i] = x[i] * y }
    case .divide: for i in 0..<count { z[i] = x[i] / y }
    }
  }
}
