extension Workspace {
  /// Tokens of numeric features: x (batch, n), weight and bias (n, d) → (batch, n, d) with `x_j·w_j + b_j`.
  public func featureTokens(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let (features, depth) = (weight.shape[0], weight.shape[1])
    require(
      x.shape.rank == 2 && x.shape[1] == features && bias.map { $0.shape == weight.shape } ?? true,
      "featureTokens: \(x.shape) does not fit \(weight.shape)")
    let result = tensor(Shape(x.shape[0], features, depth))
    let (a, w, b, c) = (x.pointer, weight.pointer, bias?.pointer, result.pointer)
    rowBlocks(x.count, rowsPerBlock(depth)) { first, count, _ in
      for index in first..<first + count {
        let (row, target, value) = (w + index % features * depth, c + index * depth, a[index])
        if let b {
          let offset = b + index % features * depth
          for j in 0..<depth { target[j] = offset[j].addingProduct(value, row[j]) }
        } else {
          for j in 0..<depth { target[j] = value * row[j] }
        }
      }
    }
    return result
  }

  /// The gradients of x, weight and bias of the tokens.
  public func featureTokensGradient(
    _ gradient: Tensor, _ x: Tensor, _ weight: Tensor, needsInput: Bool
  ) -> (x: Tensor?, weight: Tensor, bias: Tensor) {
    let (batch, features, depth) = (x.shape[0], weight.shape[0], weight.shape[1])
    let (weights, biases) = (tensor(weight.shape), tensor(weight.shape))
    let (g, a, w, dw, db) = (gradient.pointer, x.pointer, weight.pointer, weights.pointer, biases.pointer)
    let slices = (depth + 15) / 16
    pool.parallelChunks(of: features * slices, chunk: 4) { range, _ in
      for item in range {
        let (feature, j) = (item / slices, item % slices * 16)
        let filled = min(16, depth - j)
        var (sum, weighted) = (Vector.zero, Vector.zero)
        for row in 0..<batch {
          let slope = load(g + (row * features + feature) * depth + j, first: filled)
          sum += slope
          weighted = weighted.addingProduct(slope, Vector(repeating: a[row * features + feature]))
        }
        store(sum, db + feature * depth + j, first: filled)
        store(weighted, dw + feature * depth + j, first: filled)
      }
    }
    guard needsInput else { return (nil, weights, biases) }
    let inputs = tensor(x.shape)
    let dx = inputs.pointer
    rowBlocks(x.count, rowsPerBlock(depth)) { first, count, _ in
      for index in first..<first + count {
        var sum = Vector.zero
        for j in stride(from: 0, to: depth, by: 16) {
          let filled = min(16, depth - j)
          sum = sum.addingProduct(
            load(g + index * depth + j, first: filled), load(w + index % features * depth + j, first: filled))
        }
        dx[index] = laneSum(sum)
      }
    }
    return (inputs, weights, biases)
  }

  /// Tokens of numeric features with one in front: x (batch, n), slopes (n, d), offsets (n + 1, d) → (batch, n + 1, d), the first
  /// offset and then `x_j·slope_j + offset_j`.
  public func tokens(_ x: Tensor, slopes: Tensor, offsets: Tensor) -> Tensor {
    let (features, depth) = (slopes.shape[0], slopes.shape[1])
    require(
      x.shape.rank == 2 && x.shape[1] == features && offsets.shape == Shape(features + 1, depth),
      "tokens: \(x.shape) and \(offsets.shape) do not fit \(slopes.shape)")
    let result = tensor(Shape(x.shape[0], features + 1, depth))
    let (a, w, b, c) = (x.pointer, slopes.pointer, offsets.pointer, result.pointer)
    rowBlocks(x.shape[0], rowsPerBlock((features + 1) * depth)) { first, count, _ in
      for row in first..<first + count {
        let target = c + row * (features + 1) * depth
        target.update(from: b, count: depth)
        for feature in 0..<features {
          let (slope, value) = (w + feature * depth, a[row * features + feature])
          let (offset, token) = (b + (feature + 1) * depth, target + (feature + 1) * depth)
          for j in 0..<depth { token[j] = offset[j].addingProduct(value, slope[j]) }
        }
      }
    }
    return result
  }

  /// The gradients of x, slopes and offsets of such tokens.
  public func tokensGradient(
    _ gradient: Tensor, _ x: Tensor, slopes: Tensor, needsInput: Bool
  ) -> (x: Tensor?, slopes: Tensor, offsets: Tensor) {
    let (batch, features, depth) = (x.shape[0], slopes.shape[0], slopes.shape[1])
    let (ofSlopes, ofOffsets) = (tensor(slopes.shape), tensor(Shape(features + 1, depth)))
    let (g, a, w, dw, db) = (
      gradient.pointer, x.pointer, slopes.pointer, ofSlopes.pointer, ofOffsets.pointer
    )
    let (tokens, pieces) = (features + 1, (depth + 15) / 16)
    pool.parallelChunks(of: tokens * pieces, chunk: 4) { range, _ in
      for item in range {
        let (token, j) = (item / pieces, item % pieces * 16)
        let filled = min(16, depth - j)
        var (sum, weighted) = (Vector.zero, Vector.zero)
        for row in 0..<batch {
          let slope = load(g + (row * tokens + token) * depth + j, first: filled)
          sum += slope
          if token > 0 {
            weighted = weighted.addingProduct(slope, Vector(repeating: a[row * features + token - 1]))
          }
        }
        store(sum, db + token * depth + j, first: filled)
        if token > 0 { store(weighted, dw + (token - 1) * depth + j, first: filled) }
      }
    }
    guard needsInput else { return (nil, ofSlopes, ofOffsets) }
    let inputs = tensor(x.shape)
    let dx = inputs.pointer
    rowBlocks(x.count, rowsPerBlock(depth)) { first, count, _ in
      for index in first..<first + count {
        let (row, feature) = (index / features, index % features)
        let slope = g + (row * tokens + feature + 1) * depth
        var sum = Vector.zero
        for j in stride(from: 0, to: depth, by: 16) {
          let filled = min(16, depth - j)
          sum = sum.addingProduct(
            load(slope + j, first: filled), load(w + feature * depth + j, first: filled))
        }
        dx[index] = laneSum(sum)
      }
    }
    return (inputs, ofSlopes, ofOffsets)
  }

  /// One vector (d) in front of every sequence: (batch, n, d) → (batch, n + 1, d).
  public func prepend(_ token: Tensor, _ x: Tensor) -> Tensor {
    let (batch, count, depth) = (x.shape[0], x.shape[1], x.shape[2])
    require(token.count == depth, "prepend: \(token.shape) does not fit \(x.shape)")
    let result = tensor(Shape(batch, count + 1, depth))
    let (t, a, c) = (token.pointer, x.pointer, result.pointer)
    rowBlocks(batch, rowsPerBlock((count + 1) * depth)) { first, rows, _ in
      for item in first..<first + rows {
        let target = c + item * (count + 1) * depth
        target.update(from: t, count: depth)
        (target + depth).update(from: a + item * count * depth, count: count * depth)
      }
    }
    return result
  }

  /// A linear map for each feature: x (batch, n, inputs), weight (n, inputs, outputs), bias (n, outputs) → (batch, n, outputs).
  public func featureLinear(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let (features, inputs, outputs) = (weight.shape[0], weight.shape[1], weight.shape[2])
    require(
      x.shape.rank == 3 && x.shape[1] == features && x.shape[2] == inputs
        && (bias?.count ?? features * outputs) == features * outputs,
      "featureLinear: \(x.shape) does not fit \(weight.shape)")
    let batch = x.shape[0]
    let result = tensor(Shape(batch, features, outputs))
    let (a, w, b, c) = (x.pointer, weight.pointer, bias?.pointer, result.pointer)
    pool.parallelFor(count: features) { feature, _ in
      BlockProduct.multiply(
        rows: batch, columns: outputs, depth: inputs, a: a + feature * inputs, aRow: features * inputs,
        aDepth: 1,
        aGroup: 8 * features * inputs, b: w + feature * inputs * outputs, bDepth: outputs, panelStride: 32,
        bias: b.map { $0 + feature * outputs }, c: c + feature * outputs, cRow: features * outputs,
        adding: false)
    }
    return result
  }

  /// The gradients of x, weight and bias of linear maps for each feature.
  public func featureLinearGradient(
    _ gradient: Tensor, _ x: Tensor, _ weight: Tensor
  ) -> (x: Tensor, weight: Tensor, bias: Tensor) {
    let (batch, features, inputs, outputs) = (x.shape[0], weight.shape[0], weight.shape[1], weight.shape[2])
    let (dx, dw, db) = (tensor(x.shape), tensor(weight.shape), tensor(Shape(features, outputs)))
    let (g, a, w) = (gradient.pointer, x.pointer, weight.pointer)
    let (px, pw, pb) = (dx.pointer, dw.pointer, db.pointer)
    let space = scratch(PackedMatrix.capacity(columns: inputs, depth: outputs))
    pool.parallelFor(count: features) { feature, lane in
      let panels = space[lane]
      let map = w + feature * inputs * outputs
      let slope = g + feature * outputs
      PackedMatrix.pack(transposed: map, stride: outputs, columns: inputs, depth: outputs, into: panels)
      BlockProduct.multiply(
        rows: batch, columns: inputs, depth: outputs, a: slope, aRow: features * outputs, aDepth: 1,
        aGroup: 8 * features * outputs, b: panels, bDepth: 32, panelStride: 32 * outputs, bias: nil,
        c: px + feature * inputs, cRow: features * inputs, adding: false)
      BlockProduct.multiply(
        rows: inputs, columns: outputs, depth: batch, a: a + feature * inputs, aRow: 1,
        aDepth: features * inputs,
        aGroup: 8, b: slope, bDepth: features * outputs, panelStride: 32, bias: nil,
        c: pw + feature * inputs * outputs, cRow: outputs, adding: false)
      ColumnSums.sum(
        slope, stride: features * outputs, rows: batch, columns: outputs, into: pb + feature * outputs,
        adding: false)
    }
    return (dx, dw, db)
  }
}
