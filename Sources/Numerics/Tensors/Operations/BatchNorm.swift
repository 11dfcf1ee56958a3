extension Workspace {
  /// Batch normalisation by running statistics: `(x - mean)/√(variance + ε)·weight + bias` for each feature of x (rows, features).
  public func batchNorm(
    _ x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float
  ) -> Tensor {
    let width = x.shape.last
    require(weight.count == width && bias.count == width, "batchNorm: \(x.shape) has other features")
    let factors = tensor(Shape(2, width))
    let (f, w, b, m, v) = (factors.pointer, weight.pointer, bias.pointer, mean.pointer, variance.pointer)
    for j in 0..<width {
      f[j] = w[j] / (v[j] + epsilon).squareRoot()
      f[width + j] = b[j] - m[j] * f[j]
    }
    let result = tensor(x.shape)
    let (a, c) = (x.pointer, result.pointer)
    rowBlocks(x.shape.rows, rowsPerBlock(width)) { first, count, _ in
      for row in first..<first + count {
        BatchNormKernel.scale(a + row * width, f, f + width, c + row * width, width)
      }
    }
    return result
  }

  /// Batch normalisation by the statistics of each virtual batch, the rows cut into near-equal chunks as `torch.chunk` cuts them.
  /// - Returns: the result and (chunks, 3, features): mean, 1/√(variance + ε) and biased variance of each chunk.
  public func batchNormTraining(
    _ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float, virtualBatch: Int?
  ) -> (result: Tensor, statistics: Tensor) {
    let (width, rows) = (x.shape.last, x.shape.rows)
    require(weight.count == width && bias.count == width, "batchNorm: \(x.shape) has other features")
    let chunk = VirtualBatches(rows: rows, virtual: virtualBatch)
    let result = tensor(x.shape)
    let statistics = tensor(Shape(chunk.count, 3, width))
    let (a, c, s, w, b) = (x.pointer, result.pointer, statistics.pointer, weight.pointer, bias.pointer)
    BatchNormKernel.each(chunk, width, self) { index, rows, column, filled in
      let statistic = s + index * 3 * width + column
      BatchNormKernel.forward(
        a + column, c + column, rows, width, filled, w + column, b + column, statistic, epsilon)
    }
    return (result, statistics)
  }

  /// The gradients of x, weight and bias of a batch normalisation in training.
  public func batchNormGradient(
    _ gradient: Tensor, _ x: Tensor, weight: Tensor, statistics: Tensor, virtualBatch: Int?
  ) -> (x: Tensor, weight: Tensor, bias: Tensor) {
    let (width, rows) = (x.shape.last, x.shape.rows)
    let chunk = VirtualBatches(rows: rows, virtual: virtualBatch)
    let result = tensor(x.shape)
    let weights = filled(Shape(max(chunk.count, 1), width))
    let biases = filled(Shape(max(chunk.count, 1), width))
    let (g, a, c, s, w) = (gradient.pointer, x.pointer, result.pointer, statistics.pointer, weight.pointer)
    let (dw, db) = (weights.pointer, biases.pointer)
    BatchNormKernel.each(chunk, width, self) { index, rows, column, filled in
      BatchNormKernel.backward(
        g + column, a + column, c + column, rows, width, filled, w + column, s + index * 3 * width + column,
        dw + index * width + column, db + index * width + column)
    }
    return (result, sumOfParts(weights, Shape(width)), sumOfParts(biases, Shape(width)))
  }

  /// Moves running statistics by the virtual batches in order, with the unbiased variance.
  public func updateRunning(
    mean: Tensor, variance: Tensor, statistics: Tensor, rows: Int, virtualBatch: Int?, momentum: Float
  ) {
    let width = mean.count
    let chunk = VirtualBatches(rows: rows, virtual: virtualBatch)
    let (m, v, s) = (mean.pointer, variance.pointer, statistics.pointer)
    for index in 0..<chunk.count {
      let count = Float(chunk[index].count)
      let unbias = count > 1 ? count / (count - 1) : 1
      let statistic = s + index * 3 * width
      for j in 0..<width {
        m[j] += momentum * (statistic[j] - m[j])
        v[j] += momentum * (statistic[2 * width + j] * unbias - v[j])
      }
    }
  }
}

/// ⌈rows/virtual⌉ near-equal chunks of the rows, in the sizes of `torch.chunk`; a last chunk of a single row, which has no variance,
/// joins the one before.
struct VirtualBatches {
  let rows: Int
  let size: Int

  init(rows: Int, virtual: Int?) {
    self.rows = rows
    let wanted = virtual.map { max(1, (rows + max($0, 1) - 1) / max($0, 1)) } ?? 1
    size = max(1, (rows + wanted - 1) / wanted)
  }

  var count: Int { rows > size && size > 1 && rows % size == 1 ? rows / size : (rows + size - 1) / size }
  subscript(_ index: Int) -> Range<Int> {
    index * size..<(index == count - 1 ? rows : (index + 1) * size)
  }
}

private enum BatchNormKernel {
  /// Runs `body(chunk, rows, first column, columns)` over chunks and slices of 16 columns.
  @inline(__always)
  static func each(
    _ chunk: VirtualBatches, _ width: Int, _ workspace: Workspace, _ body: (Int, Range<Int>, Int, Int) -> Void
  ) {
    let slices = (width + 15) / 16
    workspace.pool.parallelFor(count: chunk.count * slices) { item, _ in
      let column = item % slices * 16
      body(item / slices, chunk[item / slices], column, min(16, width - column))
    }
  }

  @inline(__always)
  static func scale(
    _ x: UnsafePointer<Float>, _ factor: UnsafePointer<Float>, _ offset: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ width: Int
  ) {
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      let value = load(offset + j, first: filled).addingProduct(
        load(x + j, first: filled), load(factor + j, first: filled))
      store(value, y + j, first: filled)
      j += 16
    }
  }

  @inline(__always)
  static func forward(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rows: Range<Int>, _ stride: Int,
    _ filled: Int,
    _ w: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ statistic: UnsafeMutablePointer<Float>,
    _ epsilon: Float
  ) {
    let number = Float(rows.count)
    var sum = Vector.zero
    for row in rows { sum += load(x + row * stride, first: filled) }
    let mean = sum / number
    var square = Vector.zero
    for row in rows {
      let difference = load(x + row * stride, first: filled) - mean
      square = square.addingProduct(difference, difference)
    }
    let variance = square / number
    let scale = 1 / (variance + epsilon).squareRoot()
    store(mean, statistic, first: filled)
    store(scale, statistic + stride, first: filled)
    store(variance, statistic + 2 * stride, first: filled)
    let (factor, offset) = (scale * load(w, first: filled), load(b, first: filled))
    for row in rows {
      store(
        offset.addingProduct(load(x + row * stride, first: filled) - mean, factor), y + row * stride,
        first: filled)
    }
  }

  /// With n = (x - mean)·scale: dx = w·scale·(g - mean(g) - n·mean(g·n)), dw = Σ g·n, db = Σ g.
  @inline(__always)
  static func backward(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
    _ rows: Range<Int>,
    _ stride: Int, _ filled: Int, _ w: UnsafePointer<Float>, _ statistic: UnsafePointer<Float>,
    _ dw: UnsafeMutablePointer<Float>, _ db: UnsafeMutablePointer<Float>
  ) {
    let (mean, scale) = (load(statistic, first: filled), load(statistic + stride, first: filled))
    var first = Vector.zero
    var second = Vector.zero
    for row in rows {
      let slope = load(g + row * stride, first: filled)
      first += slope
      second = second.addingProduct(slope, (load(x + row * stride, first: filled) - mean) * scale)
    }
    store(second, dw, first: filled)
    store(first, db, first: filled)
    let number = Float(rows.count)
    let (meanG, meanGN, factor) = (first / number, second / number, scale * load(w, first: filled))
    for row in rows {
      let normal = (load(x + row * stride, first: filled) - mean) * scale
      store(
        (load(g + row * stride, first: filled) - meanG - normal * meanGN) * factor, dx + row * stride,
        first: filled)
    }
  }
}
