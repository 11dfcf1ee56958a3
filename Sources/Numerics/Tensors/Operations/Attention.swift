extension Workspace {
  /// Attention of several heads: query (batch, queries, d), key and value (batch, keys, d) → (batch, queries, d).
  ///
  /// `softmax(q·kᵀ/√(d/heads))·v` for each head, dropout on the probabilities; with `causal` query i sees the keys up to
  /// i + keys - queries. The probabilities of one head live in a lane's scratch space only, and the way back computes them again,
  /// unless there is room to keep them.
  /// - Parameter kept: receives the probabilities without dropout; from `attentionProbabilities`.
  public func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, causal: Bool = false, dropout: DropoutKey? = nil,
    keeping kept: Tensor? = nil
  ) -> Tensor {
    let plan = AttentionPlan(query.shape, key.shape, value.shape, heads, causal, dropout)
    plan.check(kept)
    let result = tensor(query.shape)
    let (q, k, v, out) = (query.pointer, key.pointer, value.pointer, result.pointer)
    let probabilities = kept?.pointer
    let lanes = scratch(plan.panels + plan.scores)
    pool.parallelFor(count: plan.batch) { item, lane in
      let panels = lanes[lane]
      let space = panels + plan.panels
      plan.packTogether(k, item, into: panels)
      for head in 0..<heads {
        let (a, b) = (plan.query(item, head), plan.key(item, head))
        let scores = probabilities.map { $0 + plan.scores(item, head) } ?? space
        let dropped = dropout == nil ? scores : space
        plan.products(q + a, k + b, head, panels: panels, into: scores)
        plan.probabilities(item, head, scores, dropped: dropped)
        plan.weighted(dropped, v + b, into: out + a)
      }
    }
    return result
  }

  /// Room for the probabilities of an attention with few keys, which are no more than its queries; nil for others.
  public func attentionProbabilities(query: Tensor, key: Tensor, heads: Int) -> Tensor? {
    let keys = key.shape[1]
    guard keys <= AttentionPlan.keptKeys, heads * AttentionPlan.keptKeys <= query.shape[2] else { return nil }
    return tensor(Shape(query.shape[0], heads, query.shape[1], AttentionPlan.keptKeys))
  }

  /// The gradients of query, key and value of an attention.
  /// - Parameter kept: the probabilities that `attention` has kept; nil computes them again.
  public func attentionGradient(
    _ gradient: Tensor, query: Tensor, key: Tensor, value: Tensor, heads: Int, causal: Bool,
    dropout: DropoutKey?, kept: Tensor? = nil
  ) -> (query: Tensor, key: Tensor, value: Tensor) {
    let plan = AttentionPlan(query.shape, key.shape, value.shape, heads, causal, dropout)
    plan.check(kept)
    let (dQuery, dKey, dValue) = (tensor(query.shape), tensor(key.shape), tensor(value.shape))
    let (g, q, k, v) = (gradient.pointer, query.pointer, key.pointer, value.pointer)
    let (dq, dk, dv) = (dQuery.pointer, dKey.pointer, dValue.pointer)
    let probabilities = kept?.pointer
    let space = scratch(2 * plan.panels + 3 * plan.scores)
    pool.parallelFor(count: plan.batch) { item, lane in
      let panels = space[lane]
      let own = panels + 2 * plan.panels
      let slopes = own + plan.scores
      if probabilities == nil { plan.packTogether(k, item, into: panels) }
      plan.packTogether(v, item, into: panels + plan.panels)
      for head in 0..<heads {
        let (a, b) = (plan.query(item, head), plan.key(item, head))
        let scores = probabilities.map { $0 + plan.scores(item, head) } ?? own
        let dropped = dropout == nil ? scores : slopes + plan.scores
        if probabilities == nil {
          plan.products(q + a, k + b, head, panels: panels, into: scores)
          plan.probabilities(item, head, scores, dropped: dropped)
        } else {
          plan.drop(item, head, scores, into: dropped)
        }
        plan.transposed(dropped, g + a, into: dv + b)
        plan.products(g + a, v + b, head, panels: panels + plan.panels, into: slopes)
        SoftmaxKernel.slopes(
          slopes, scores, dropped: dropped, rows: plan.queries, keys: plan.keys, width: plan.width,
          scale: plan.scale)
        plan.weighted(slopes, k + b, into: dq + a)
        plan.transposed(slopes, q + a, into: dk + b)
      }
    }
    return (dQuery, dKey, dValue)
  }
}

/// Extents and steps of one attention.
private struct AttentionPlan {
  /// Keys up to which probabilities are kept: one vector of them for each query and head.
  static let keptKeys = 16

  let batch: Int
  let queries: Int
  let keys: Int
  let features: Int
  let heads: Int
  let depth: Int
  let scale: Float
  let isCausal: Bool
  let dropout: DropoutKey?
  /// Distance between rows of scores.
  let width: Int

  init(
    _ query: Shape, _ key: Shape, _ value: Shape, _ heads: Int, _ causal: Bool, _ dropout: DropoutKey?
  ) {
    require(
      query.rank == 3 && key.rank == 3 && key == value && query[0] == key[0] && query[2] == key[2]
        && heads > 0 && query[2] % heads == 0,
      "attention: \(query), \(key) and \(value) do not fit \(heads) heads")
    batch = query[0]
    queries = query[1]
    keys = key[1]
    features = query[2]
    self.heads = heads
    depth = features / heads
    scale = 1 / Float(max(depth, 1)).squareRoot()
    isCausal = causal
    self.dropout = dropout
    width =
      keys <= AttentionPlan.keptKeys ? AttentionPlan.keptKeys : DropoutKey.blocks(keys) * DropoutKey.block
  }

  func check(_ kept: Tensor?) {
    require(
      kept.map { $0.shape == Shape(batch, heads, queries, width) && width == AttentionPlan.keptKeys } ?? true,
      "attention: the probabilities of \(keys) keys are not kept so")
  }

  /// Few keys are packed for all heads at once, of which a head's depth is a part.
  var isTogether: Bool { keys <= PackedMatrix.width }
  var panels: Int { PackedMatrix.capacity(columns: keys, depth: isTogether ? features : depth) }
  var scores: Int { queries * width }

  /// Where the probabilities of a head are kept.
  func scores(_ item: Int, _ head: Int) -> Int { (item * heads + head) * scores }

  func query(_ item: Int, _ head: Int) -> Int { item * queries * features + head * depth }
  func key(_ item: Int, _ head: Int) -> Int { item * keys * features + head * depth }

  /// Packs the keys, or values, of all heads of an item if they are packed together.
  func packTogether(_ b: UnsafePointer<Float>, _ item: Int, into panels: UnsafeMutablePointer<Float>) {
    guard isTogether else { return }
    PackedMatrix.pack(
      transposed: b + key(item, 0), stride: features, columns: keys, depth: features, into: panels)
  }

  /// `a·bᵀ` of one head: a (queries, depth), b (keys, depth) → (queries, keys).
  func products(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ head: Int, panels: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    if !isTogether {
      PackedMatrix.pack(transposed: b, stride: features, columns: keys, depth: depth, into: panels)
    }
    BlockProduct.multiply(
      rows: queries, columns: keys, depth: depth, a: a, aRow: features, aDepth: 1, aGroup: 8 * features,
      b: isTogether ? panels + head * depth * PackedMatrix.width : panels, bDepth: 32,
      panelStride: 32 * depth, bias: nil, c: target, cRow: width, adding: false)
  }

  /// The softmax of the scaled products in their place, and the same with dropout, which may be there too.
  func probabilities(
    _ item: Int, _ head: Int, _ scores: UnsafeMutablePointer<Float>, dropped: UnsafeMutablePointer<Float>
  ) {
    let first = (item * heads + head) * queries
    if isCausal {
      for row in 0..<queries {
        let seen = max(0, min(keys, keys - queries + row + 1))
        let (p, d) = (scores + row * width, dropped + row * width)
        SoftmaxKernel.probabilities(
          p, dropped: d, rows: 1, keys: seen, width: width, scale: scale,
          firstRow: first + row, blocks: DropoutKey.blocks(keys), dropout: dropout)
        (p + seen).update(repeating: 0, count: keys - seen)
        (d + seen).update(repeating: 0, count: keys - seen)
      }
    } else {
      SoftmaxKernel.probabilities(
        scores, dropped: dropped, rows: queries, keys: keys, width: width, scale: scale, firstRow: first,
        dropout: dropout)
    }
  }

  /// Drops elements of probabilities that were kept as `probabilities` does.
  func drop(
    _ item: Int, _ head: Int, _ scores: UnsafePointer<Float>, into dropped: UnsafeMutablePointer<Float>
  ) {
    guard let dropout else { return }
    SoftmaxKernel.drop(
      scores, into: dropped, rows: queries, firstRow: (item * heads + head) * queries, dropout: dropout)
  }

  /// `p·b` of one head: p (queries, keys), b (keys, depth) → (queries, depth).
  func weighted(
    _ p: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    // The panels are read in place; columns of the next head or of the slack are computed and not stored.
    BlockProduct.multiply(
      rows: queries, columns: depth, depth: keys, a: p, aRow: width, aDepth: 1, aGroup: 8 * width,
      b: b, bDepth: features, panelStride: 32, bias: nil, c: target, cRow: features, adding: false)
  }

  /// `pᵀ·b` of one head: p (queries, keys), b (queries, depth) → (keys, depth).
  func transposed(
    _ p: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    BlockProduct.multiply(
      rows: keys, columns: depth, depth: queries, a: p, aRow: 1, aDepth: width, aGroup: 8,
      b: b, bDepth: features, panelStride: 32, bias: nil, c: target, cRow: features, adding: false)
  }
}
