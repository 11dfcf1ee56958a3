extension Workspace {
  /// Rows of a linear layer that one lane takes at a time.
  private static var linearBlock: Int { 64 }

  /// `activation(x·Wᵀ + b)`: x (…, inputs), weight (outputs, inputs) and its packed form, bias (outputs) → (…, outputs).
  public func linear(
    _ x: Tensor, _ weight: Tensor, packed: PackedMatrix, bias: Tensor?, activation: Activation = .identity
  ) -> Tensor {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    require(x.shape.rank >= 1 && x.shape.last == inputs, "linear: \(x.shape) does not fit \(weight.shape)")
    require(bias.map { $0.count == outputs } ?? true, "linear: the bias does not fit \(weight.shape)")
    let result = tensor(x.shape.replacing(-1, with: outputs))
    let rows = x.shape.rows
    let (a, c, start) = (x.pointer, result.pointer, bias?.pointer)
    if let library = largeProducts, library.takes(rows: min(rows, 512), columns: outputs, depth: inputs) {
      let w = weight.pointer
      rowBlocks(rows, 512) { first, count, _ in
        let target = c + first * outputs
        if let start {
          for row in 0..<count { (target + row * outputs).update(from: start, count: outputs) }
        }
        library.multiply(
          rows: count, columns: outputs, depth: inputs, a: a + first * inputs, aStride: inputs,
          aTransposed: false, b: w, bStride: inputs, bTransposed: true, c: target, cStride: outputs,
          adding: start != nil)
        ActivationKernel.apply(activation, target, target, count * outputs)
      }
      return result
    }
    let panels = packed.storage.pointer
    rowBlocks(rows, Workspace.linearBlock) { first, count, _ in
      let target = c + first * outputs
      BlockProduct.multiply(
        rows: count, columns: outputs, depth: inputs, a: a + first * inputs, aRow: inputs, aDepth: 1,
        aGroup: 8 * inputs, b: panels, bDepth: 32, panelStride: 32 * inputs, bias: start, c: target,
        cRow: outputs, adding: false)
      ActivationKernel.apply(activation, target, target, count * outputs)
    }
    return result
  }

  /// `g·W`, the gradient of `x` of a linear layer: g (…, outputs), weight (outputs, inputs) → (…, inputs).
  /// - Parameter packed: the transposed weight in the order in which products read it; nil packs it.
  public func linearInputGradient(_ gradient: Tensor, _ weight: Tensor, packed given: PackedMatrix? = nil)
    -> Tensor
  {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let result = tensor(gradient.shape.replacing(-1, with: inputs))
    let rows = gradient.shape.rows
    let (a, c, w) = (gradient.pointer, result.pointer, weight.pointer)
    if let library = largeProducts, library.takes(rows: min(rows, 512), columns: inputs, depth: outputs) {
      rowBlocks(rows, 512) { first, count, _ in
        library.multiply(
          rows: count, columns: inputs, depth: outputs, a: a + first * outputs, aStride: outputs,
          aTransposed: false, b: w, bStride: inputs, bTransposed: false, c: c + first * inputs,
          cStride: inputs, adding: false)
      }
      return result
    }
    let packed = given?.storage ?? storage(PackedMatrix.capacity(columns: inputs, depth: outputs))
    let panels = packed.pointer
    if given == nil {
      PackedMatrix.pack(w, stride: inputs, columns: inputs, depth: outputs, into: panels)
    }
    rowBlocks(rows, Workspace.linearBlock) { first, count, _ in
      BlockProduct.multiply(
        rows: count, columns: inputs, depth: outputs, a: a + first * outputs, aRow: outputs, aDepth: 1,
        aGroup: 8 * outputs, b: panels, bDepth: 32, panelStride: 32 * outputs, bias: nil,
        c: c + first * inputs, cRow: inputs, adding: false)
    }
    return result
  }

  /// `gᵀ·x` and the sums of g's columns, the gradients of weight and bias of a linear layer: (outputs, inputs), (outputs).
  ///
  /// The rows are cut into at most eight fixed parts, each summed on one lane, and the parts are added in order. A part of a
  /// batch is summed as a whole.
  /// - Parameter present: gradients of earlier parts, which are added to where they lie.
  public func linearWeightGradient(
    _ gradient: Tensor, _ x: Tensor, withBias: Bool, addingTo present: (weight: Tensor, bias: Tensor?)? = nil
  ) -> (weight: Tensor, bias: Tensor?) {
    let (outputs, inputs, rows) = (gradient.shape.last, x.shape.last, x.shape.rows)
    if isPart || present != nil {
      let weights = present?.weight ?? tensor(Shape(outputs, inputs))
      let biases = withBias ? present?.bias ?? tensor(Shape(outputs)) : nil
      let panelSpace = PackedMatrix.capacity(columns: inputs, depth: GradientBlock.rows)
      let space = scratch(panelSpace + GradientBlock.rows * (outputs + 16))[0]
      GradientBlock.sum(
        rows: 0..<rows, outputs: 0..<outputs, gradient: gradient.pointer, gradientStride: outputs,
        x: x.pointer, inputs: inputs, weight: weights.pointer, bias: biases?.pointer,
        panels: space, groups: space + panelSpace, adding: present != nil)
      return (weights, biases)
    }
    let part = max(256, (rows + 7) / 8)
    let parts = max(1, (rows + part - 1) / part)
    let slice = parts >= 4 ? max(outputs, 8) : max(8, min((outputs + 7) / 8 * 8, 64))
    let slices = max(1, (outputs + slice - 1) / slice)
    let weights = tensor(Shape(parts, outputs, inputs))
    let biases = withBias ? tensor(Shape(parts, outputs)) : nil
    let (g, a, w, b) = (gradient.pointer, x.pointer, weights.pointer, biases?.pointer)
    let panelSpace = PackedMatrix.capacity(columns: inputs, depth: GradientBlock.rows)
    let space = scratch(panelSpace + GradientBlock.rows * (slice + 16))
    pool.parallelFor(count: parts * slices) { item, lane in
      let (index, from) = (item / slices, item % slices * slice)
      GradientBlock.sum(
        rows: index * part..<min(rows, (index + 1) * part), outputs: from..<min(outputs, from + slice),
        gradient: g, gradientStride: outputs, x: a, inputs: inputs,
        weight: w + index * outputs * inputs, bias: b.map { $0 + index * outputs },
        panels: space[lane], groups: space[lane] + panelSpace, adding: false)
    }
    return (sumOfParts(weights, Shape(outputs, inputs)), biases.map { sumOfParts($0, Shape(outputs)) })
  }

  /// The sum over the first axis in order, into the first part.
  func sumOfParts(_ parts: Tensor, _ shape: Shape) -> Tensor {
    let (count, size) = (parts.shape[0], shape.count)
    let p = parts.pointer
    if count == 1 { return Tensor(parts.storage, shape) }
    let result = tensor(shape)
    let c = result.pointer
    pool.parallelChunks(of: size, chunk: 4096) { range, _ in
      for i in range { c[i] = p[i] + p[size + i] }
      for index in 2..<max(count, 2) {
        let q = p + index * size
        for i in range { c[i] += q[i] }
      }
    }
    return result
  }
}

/// Part of a weight's gradient on one lane.
private enum GradientBlock {
  /// Rows that are packed and multiplied together: their panels stay in the second-level cache.
  static let rows = 256

  /// Sums over a range of rows for a range of outputs, in order of the rows.
  static func sum(
    rows: Range<Int>, outputs: Range<Int>, gradient: UnsafePointer<Float>, gradientStride: Int,
    x: UnsafePointer<Float>, inputs: Int, weight: UnsafeMutablePointer<Float>,
    bias: UnsafeMutablePointer<Float>?, panels: UnsafeMutablePointer<Float>,
    groups: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let (from, count) = (outputs.lowerBound, outputs.count)
    let target = weight + from * inputs
    if rows.isEmpty {
      if adding { return }
      target.update(repeating: 0, count: count * inputs)
      bias.map { ($0 + from).update(repeating: 0, count: count) }
      return
    }
    let blocks = (rows.count + GradientBlock.rows - 1) / GradientBlock.rows
    let block = (rows.count + blocks - 1) / blocks
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: block) {
      let depth = min(block, rows.upperBound - first)
      let isFirst = first == rows.lowerBound && !adding
      let g = gradient + first * gradientStride + from
      PackedMatrix.pack(x + first * inputs, stride: inputs, columns: inputs, depth: depth, into: panels)
      pack(g, stride: gradientStride, columns: count, depth: depth, into: groups)
      BlockProduct.multiply(
        rows: count, columns: inputs, depth: depth, a: groups, aRow: 1, aDepth: 8, aGroup: 8 * depth,
        b: panels, bDepth: 32, panelStride: 32 * depth, bias: nil, c: target, cRow: inputs,
        adding: !isFirst)
      if let bias {
        ColumnSums.sum(
          g, stride: gradientStride, rows: depth, columns: count, into: bias + from, adding: !isFirst)
      }
    }
  }

  /// Groups of eight columns, in each the rows in order. Two groups at a time: they share the lines of the cache.
  private static func pack(
    _ g: UnsafePointer<Float>, stride: Int, columns: Int, depth: Int, into groups: UnsafeMutablePointer<Float>
  ) {
    for column in Swift.stride(from: 0, to: columns, by: 16) {
      let (from, first) = (g + column, groups + column * depth)
      let second = first + 8 * depth
      let filled = min(16, columns - column)
      for k in 0..<depth {
        let values = load(from + k * stride, first: filled)
        UnsafeMutableRawPointer(first + k * 8).storeBytes(of: values.lowHalf, as: SIMD8<Float>.self)
        UnsafeMutableRawPointer(second + k * 8).storeBytes(of: values.highHalf, as: SIMD8<Float>.self)
      }
    }
  }
}

/// Sums over rows for each column.
enum ColumnSums {
  /// `into[j] (+)= Σ_i x[i][j]`, the rows in order.
  static func sum(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, into: UnsafeMutablePointer<Float>,
    adding: Bool
  ) {
    for column in Swift.stride(from: 0, to: columns, by: 16) {
      let filled = min(16, columns - column)
      var sum = adding ? load(into + column, first: filled) : .zero
      for row in 0..<rows { sum += load(x + row * stride + column, first: filled) }
      store(sum, into + column, first: filled)
    }
  }
}
