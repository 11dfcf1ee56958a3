extension Workspace {
  /// Attention of one query of each item to keys and values that are linear maps of a context, which are never formed:
  /// query (batch, d), context (batch, tokens, c), weights (d, c), value bias (d) → (batch, d).
  ///
  /// A head's scores are `q·(W_k·n_t) = (W_kᵀ·q)·n_t`, and its result `Σ p_t·(W_v·n_t + b_v) = W_v·(Σ p_t·n_t) + b_v·Σ p_t`: two maps of an
  /// item instead of two of every token. A bias of the keys adds the same to all scores of a query, which softmax ignores.
  /// - Returns: the result, and what the way back reads.
  public func pooledAttention(
    query: Tensor, context: Tensor, key: Tensor, value: Tensor, packedValue: PackedMatrix, valueBias: Tensor?,
    heads: Int, dropout: DropoutKey? = nil
  ) -> (result: Tensor, kept: PooledAttention) {
    let plan = PooledPlan(query.shape, context.shape, key.shape, value.shape, heads, dropout)
    let (asked, pooled) = (tensor(plan.mixed), tensor(plan.mixed))
    let (powers, dropped) = (tensor(plan.scores), tensor(plan.scores))
    let result = tensor(query.shape)
    plan.spread(query.pointer, key.pointer, into: asked.pointer, self)
    let (n, u, y, p, d) = (
      context.pointer, asked.pointer, pooled.pointer, powers.pointer, dropped.pointer
    )
    let space = scratch(plan.panels)
    pool.parallelFor(count: plan.batch) { item, lane in
      let own = n + item * plan.tokens * plan.inputs
      let (scores, kept) = (p + item * heads * plan.width, d + item * heads * plan.width)
      plan.products(u + item * heads * plan.inputs, own, panels: space[lane], into: scores)
      SoftmaxKernel.probabilities(
        scores, dropped: kept, rows: heads, keys: plan.tokens, width: plan.width, scale: plan.scale,
        firstRow: item * heads, dropout: dropout)
      BlockProduct.multiply(
        rows: heads, columns: plan.inputs, depth: plan.tokens, a: kept, aRow: plan.width, aDepth: 1,
        aGroup: 8 * plan.width, b: own, bDepth: plan.inputs, panelStride: 32, bias: nil,
        c: y + item * heads * plan.inputs, cRow: plan.inputs, adding: false)
    }
    plan.gather(pooled.pointer, packedValue, into: result.pointer, self)
    if let valueBias {
      let (b, out) = (valueBias.pointer, result.pointer)
      plan.eachHead { item, head in
        let sum = plan.sum(d + (item * heads + head) * plan.width)
        for j in head * plan.depth..<(head + 1) * plan.depth { out[item * plan.outputs + j] += sum * b[j] }
      }
    }
    return (
      result, PooledAttention(asked: asked, pooled: pooled, probabilities: powers, dropped: dropped)
    )
  }

  /// The gradients of query, context, both weights and the value bias of a pooled attention.
  public func pooledAttentionGradient(
    _ gradient: Tensor, _ kept: PooledAttention, query: Tensor, context: Tensor, key: Tensor,
    packedKey: PackedMatrix, value: Tensor, valueBias: Tensor?, heads: Int, dropout: DropoutKey?
  ) -> (query: Tensor, context: Tensor, key: Tensor, value: Tensor, valueBias: Tensor?) {
    let plan = PooledPlan(query.shape, context.shape, key.shape, value.shape, heads, dropout)
    let (ofPooled, ofAsked) = (tensor(plan.mixed), tensor(plan.mixed))
    let (dContext, dQuery) = (tensor(context.shape), tensor(query.shape))
    let (dKey, dValue) = (tensor(key.shape), tensor(value.shape))
    let dBias = valueBias.map { filled($0.shape) }
    plan.spread(gradient.pointer, value.pointer, into: ofPooled.pointer, self)
    let (g, n, u, dn) = (gradient.pointer, context.pointer, kept.asked.pointer, dContext.pointer)
    let (p, d, dy, du) = (
      kept.probabilities.pointer, kept.dropped.pointer, ofPooled.pointer, ofAsked.pointer
    )
    let bias = valueBias?.pointer
    let space = scratch(plan.panels + heads * plan.width)
    pool.parallelFor(count: plan.batch) { item, lane in
      let slopes = space[lane] + plan.panels
      let (own, part) = (item * plan.tokens * plan.inputs, item * heads * plan.inputs)
      let rows = item * heads * plan.width
      plan.products(dy + part, n + own, panels: space[lane], into: slopes)
      if let bias {
        for head in 0..<heads {
          var same: Float = 0
          for j in head * plan.depth..<(head + 1) * plan.depth {
            same += g[item * plan.outputs + j] * bias[j]
          }
          for t in 0..<plan.tokens { slopes[head * plan.width + t] += same }
        }
      }
      SoftmaxKernel.slopes(
        slopes, p + rows, dropped: d + rows, rows: heads, keys: plan.tokens, width: plan.width,
        scale: plan.scale)
      BlockProduct.multiply(
        rows: heads, columns: plan.inputs, depth: plan.tokens, a: slopes, aRow: plan.width, aDepth: 1,
        aGroup: 8 * plan.width, b: n + own, bDepth: plan.inputs, panelStride: 32, bias: nil, c: du + part,
        cRow: plan.inputs, adding: false)
      plan.spreadBack(slopes, u + part, into: dn + own, adding: false)
      plan.spreadBack(d + rows, dy + part, into: dn + own, adding: true)
    }
    plan.gather(ofAsked.pointer, packedKey, into: dQuery.pointer, self)
    plan.outer(query.pointer, ofAsked.pointer, into: dKey.pointer, self)
    plan.outer(gradient.pointer, kept.pooled.pointer, into: dValue.pointer, self)
    if let db = dBias?.pointer {
      plan.eachHead { item, head in
        let sum = plan.sum(d + (item * heads + head) * plan.width)
        for j in head * plan.depth..<(head + 1) * plan.depth { db[j] += sum * g[item * plan.outputs + j] }
      }
    }
    return (dQuery, dContext, dKey, dValue, dBias)
  }
}

/// What the way back of a pooled attention reads.
public struct PooledAttention {
  /// `W_kᵀ·q` (batch, heads·c).
  let asked: Tensor
  /// `Σ p_t·n_t` (batch, heads·c).
  let pooled: Tensor
  /// The probabilities, and the same with dropout, in rows of whole blocks.
  let probabilities: Tensor
  let dropped: Tensor
}

/// Extents of one pooled attention.
private struct PooledPlan {
  let batch: Int
  let tokens: Int
  let inputs: Int
  let outputs: Int
  let heads: Int
  let depth: Int
  let scale: Float
  /// Distance between rows of scores.
  let width: Int

  init(
    _ query: Shape, _ context: Shape, _ key: Shape, _ value: Shape, _ heads: Int, _ dropout: DropoutKey?
  ) {
    require(
      query.rank == 2 && context.rank == 3 && query[0] == context[0] && key == value
        && key == Shape(query[1], context[2]) && heads > 0 && query[1] % heads == 0,
      "pooledAttention: \(query), \(context), \(key) and \(value) do not fit \(heads) heads")
    (batch, tokens, inputs, outputs) = (context[0], context[1], context[2], query[1])
    self.heads = heads
    depth = outputs / heads
    scale = 1 / Float(max(depth, 1)).squareRoot()
    width = DropoutKey.blocks(tokens) * DropoutKey.block
  }

  var mixed: Shape { Shape(batch, heads * inputs) }
  var scores: Shape { Shape(batch, heads * width) }
  var panels: Int { PackedMatrix.capacity(columns: tokens, depth: inputs) }

  /// `a·nᵀ` of one item: a (heads, c), n (tokens, c) → (heads, tokens).
  func products(
    _ a: UnsafePointer<Float>, _ n: UnsafePointer<Float>, panels: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    PackedMatrix.pack(transposed: n, stride: inputs, columns: tokens, depth: inputs, into: panels)
    BlockProduct.multiply(
      rows: heads, columns: tokens, depth: inputs, a: a, aRow: inputs, aDepth: 1, aGroup: 8 * inputs,
      b: panels, bDepth: 32, panelStride: 32 * inputs, bias: nil, c: target, cRow: width, adding: false)
  }

  /// `aᵀ·y` of one item: a (heads, tokens), y (heads, c) → (tokens, c).
  func spreadBack(
    _ a: UnsafePointer<Float>, _ y: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    adding: Bool
  ) {
    BlockProduct.multiply(
      rows: tokens, columns: inputs, depth: heads, a: a, aRow: 1, aDepth: width, aGroup: 8, b: y,
      bDepth: inputs, panelStride: 32, bias: nil, c: target, cRow: inputs, adding: adding)
  }

  /// `W_hᵀ·x_h` of each head: x (batch, d), weight (d, c) → (batch, heads·c).
  func spread(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    _ workspace: Workspace
  ) {
    workspace.pool.parallelFor(count: heads) { head, _ in
      BlockProduct.multiply(
        rows: batch, columns: inputs, depth: depth, a: x + head * depth, aRow: outputs, aDepth: 1,
        aGroup: 8 * outputs, b: weight + head * depth * inputs, bDepth: inputs, panelStride: 32, bias: nil,
        c: target + head * inputs, cRow: heads * inputs, adding: false)
    }
  }

  /// `W_h·y_h` of each head: y (batch, heads·c), weight (d, c) → (batch, d). The columns of a head may lie in several panels.
  func gather(
    _ y: UnsafePointer<Float>, _ weight: PackedMatrix, into target: UnsafeMutablePointer<Float>,
    _ workspace: Workspace
  ) {
    let panels = weight.storage.pointer
    workspace.pool.parallelFor(count: heads) { head, _ in
      var column = head * depth
      let end = column + depth
      while column < end {
        let (panel, offset) = (column / PackedMatrix.width, column % PackedMatrix.width)
        let count = min(end - column, PackedMatrix.width - offset)
        BlockProduct.multiply(
          rows: batch, columns: count, depth: inputs, a: y + head * inputs, aRow: heads * inputs, aDepth: 1,
          aGroup: 8 * heads * inputs, b: panels + panel * PackedMatrix.width * inputs + offset,
          bDepth: PackedMatrix.width, panelStride: PackedMatrix.width * inputs, bias: nil,
          c: target + column, cRow: outputs, adding: false)
        column += count
      }
    }
  }

  /// `Σ x_h·y_hᵀ` over the batch of each head: x (batch, d), y (batch, heads·c) → (d, c).
  func outer(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    _ workspace: Workspace
  ) {
    workspace.pool.parallelFor(count: heads) { head, _ in
      BlockProduct.multiply(
        rows: depth, columns: inputs, depth: batch, a: x + head * depth, aRow: 1, aDepth: outputs, aGroup: 8,
        b: y + head * inputs, bDepth: heads * inputs, panelStride: 32, bias: nil,
        c: target + head * depth * inputs, cRow: inputs, adding: false)
    }
  }

  /// The sum of a row of dropped probabilities.
  @inline(__always)
  func sum(_ row: UnsafePointer<Float>) -> Float {
    var sum = Vector.zero
    var j = 0
    while j < tokens {
      sum += load(row + j, first: tokens - j)
      j += 16
    }
    return laneSum(sum)
  }

  /// Runs `body(item, head)` in order.
  @inline(__always)
  func eachHead(_ body: (Int, Int) -> Void) {
    for item in 0..<batch { for head in 0..<heads { body(item, head) } }
  }
}
