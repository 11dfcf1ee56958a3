extension Workspace {
  /// Two axes exchanged.
  public func transpose(_ x: Tensor, _ first: Int, _ second: Int) -> Tensor {
    let (a, b) = (
      min(x.shape.resolved(first), x.shape.resolved(second)),
      max(x.shape.resolved(first), x.shape.resolved(second))
    )
    if a == b { return x }
    let (outer, m, n, inner) = (x.shape.before(a), x.shape[a], x.shape[b], x.shape.after(b))
    let middle = x.shape.before(b) / max(x.shape.before(a + 1), 1)
    let result = tensor(x.shape.replacing(a, with: n).replacing(b, with: m))
    let (source, target) = (x.pointer, result.pointer)
    pool.parallelChunks(of: outer * n, chunk: max(1, 16_384 / max(m * middle * inner, 1))) { range, _ in
      for item in range {
        let (o, j) = (item / n, item % n)
        for k in 0..<middle {
          for i in 0..<m {
            let from = source + (((o * m + i) * middle + k) * n + j) * inner
            let to = target + (((o * n + j) * middle + k) * m + i) * inner
            if inner == 1 { to[0] = from[0] } else { to.update(from: from, count: inner) }
          }
        }
      }
    }
    return result
  }

  /// Part of one axis.
  public func slice(_ x: Tensor, axis: Int, _ range: Range<Int>) -> Tensor {
    let axis = x.shape.resolved(axis)
    require(
      range.lowerBound >= 0 && range.upperBound <= x.shape[axis], "slice: \(range) is outside \(x.shape)")
    if range.count == x.shape[axis] { return x }
    let result = tensor(x.shape.replacing(axis, with: range.count))
    let (inner, whole) = (x.shape.after(axis), x.shape[axis])
    copyBlocks(
      x.shape.before(axis), range.count * inner, from: x.pointer + range.lowerBound * inner, whole * inner,
      to: result.pointer, range.count * inner)
    return result
  }

  /// Writes a value behind `offset` positions of an axis of another one: `slice` the other way.
  public func place(_ x: Tensor, axis: Int, at offset: Int, in target: Tensor) {
    let axis = target.shape.resolved(axis)
    let (inner, part, whole) = (target.shape.after(axis), x.shape[axis], target.shape[axis])
    require(
      offset >= 0 && offset + part <= whole && x.shape.replacing(axis, with: whole) == target.shape,
      "\(x.shape) has no place in \(target.shape)")
    copyBlocks(
      target.shape.before(axis), part * inner, from: x.pointer, part * inner,
      to: target.pointer + offset * inner, whole * inner)
  }

  /// Two values one behind the other along an axis.
  public func concatenate(_ a: Tensor, _ b: Tensor, axis: Int) -> Tensor {
    let axis = a.shape.resolved(axis)
    let result = tensor(a.shape.replacing(axis, with: a.shape[axis] + b.shape[axis]))
    place(a, axis: axis, at: 0, in: result)
    place(b, axis: axis, at: a.shape[axis], in: result)
    return result
  }

  /// Several values one behind the other along an axis.
  public func concatenate(_ values: [Tensor], axis: Int) -> Tensor {
    require(!values.isEmpty, "nothing to concatenate")
    let axis = values[0].shape.resolved(axis)
    let result = tensor(values[0].shape.replacing(axis, with: values.reduce(0) { $0 + $1.shape[axis] }))
    var offset = 0
    for value in values {
      place(value, axis: axis, at: offset, in: result)
      offset += value.shape[axis]
    }
    return result
  }

  /// Adds a value behind `offset` positions of an axis of another one.
  public func addPart(_ x: Tensor, axis: Int, at offset: Int, to target: Tensor) {
    let axis = target.shape.resolved(axis)
    let (inner, part, whole) = (target.shape.after(axis), x.shape[axis], target.shape[axis])
    let (source, base) = (x.pointer, target.pointer + offset * inner)
    let size = part * inner
    rowBlocks(target.shape.before(axis), rowsPerBlock(size)) { first, count, _ in
      for block in first..<first + count {
        let (from, to) = (source + block * size, base + block * whole * inner)
        for j in 0..<size { to[j] += from[j] }
      }
    }
  }

  private func copyBlocks(
    _ blocks: Int, _ size: Int, from: UnsafePointer<Float>, _ fromStep: Int, to: UnsafeMutablePointer<Float>,
    _ toStep: Int
  ) {
    rowBlocks(blocks, rowsPerBlock(size)) { first, count, _ in
      for block in first..<first + count {
        (to + block * toStep).update(from: from + block * fromStep, count: size)
      }
    }
  }

  /// Rows of x (rows, …) by number, each within 0..<rows.
  public func gather(_ x: Tensor, _ indices: IndexTensor) -> Tensor {
    let size = x.shape.after(0)
    let result = tensor(x.shape.replacing(0, with: indices.count))
    let (source, target, numbers, rows) = (x.pointer, result.pointer, indices.pointer, x.shape[0])
    for index in 0..<indices.count {
      let row = Int(numbers[index])
      require(row >= 0 && row < rows, "row \(row) of \(rows) does not exist")
      (target + index * size).update(from: source + row * size, count: size)
    }
    return result
  }

  /// The gradient of what rows were gathered from: each row's gradients added in order.
  public func gatherGradient(_ gradient: Tensor, _ indices: IndexTensor, _ shape: Shape) -> Tensor {
    let size = shape.after(0)
    let result = filled(shape)
    let (g, target, numbers) = (gradient.pointer, result.pointer, indices.pointer)
    for index in 0..<indices.count {
      let (from, to) = (g + index * size, target + Int(numbers[index]) * size)
      for j in 0..<size { to[j] += from[j] }
    }
    return result
  }

  /// Windows over time: x (batch, time, channels) → (batch, windows, length·channels), one every `stride` steps.
  public func unfold(_ x: Tensor, length: Int, stride: Int) -> Tensor {
    let windows = windowCount(x.shape, length, stride)
    let (batch, time, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let result = tensor(Shape(batch, windows, length * channels))
    let (source, target, size) = (x.pointer, result.pointer, length * channels)
    rowBlocks(batch * windows, rowsPerBlock(size)) { first, count, _ in
      for index in first..<first + count {
        let from = source + (index / windows * time + index % windows * stride) * channels
        (target + index * size).update(from: from, count: size)
      }
    }
    return result
  }

  /// The gradient of what was unfolded: overlapping windows added in order.
  public func unfoldGradient(_ gradient: Tensor, _ shape: Shape, length: Int, stride: Int) -> Tensor {
    let windows = windowCount(shape, length, stride)
    let (batch, time, channels) = (shape[0], shape[1], shape[2])
    let result = filled(shape)
    let (g, target, size) = (gradient.pointer, result.pointer, length * channels)
    pool.parallelFor(count: batch) { item, _ in
      for window in 0..<windows {
        let from = g + (item * windows + window) * size
        let to = target + (item * time + window * stride) * channels
        for j in 0..<size { to[j] += from[j] }
      }
    }
    return result
  }

  private func windowCount(_ shape: Shape, _ length: Int, _ stride: Int) -> Int {
    require(
      shape.rank == 3 && length > 0 && stride > 0 && shape[1] >= length,
      "unfold: \(shape) has no windows of \(length)")
    return (shape[1] - length) / stride + 1
  }
}
