public import Diagnostics
public import Layers
public import Tensors

extension FTTransformer {
  /// How much each column's token reaches the token that is read, by the rollout of attention (Abnar and Zuidema, 2020).
  ///
  ///     R_0 = I;  R_l = ½(A_l + I)·R_{l-1}, with A_l the mean over heads of block l's attention
  ///
  /// It follows attention only: what the values hold and what the feed-forward branches do is not in it.
  ///
  /// - Returns: (batch, columns), numeric columns in front; each row adds up to 1.
  /// - Throws: `TernError` of kind `configuration` when keys are compressed, because attention is not to tokens then.
  public func attentionRollout(_ batch: TabularBatch, on backend: Eager) throws(TernError) -> Tensor {
    guard configuration.compressionRatio == nil else {
      throw TernError(
        .configuration, "attention to compressed keys says nothing about columns",
        key: "linformer_kv_compression_ratio")
    }
    let tokens = 1 + inputs.numeric + inputs.cardinalities.count
    let input = TabularInput(numeric: batch.numeric, categories: batch.categories)
    var reach: Tensor?
    _ = forward(input, backend) { [self] _, query, key in
      let mixed = attention(query, key, backend)
      reach = reach.map { backend.product(mixed, $0, transposed: false) } ?? mixed
    }
    guard let reach else { preconditionFailure("a network has blocks") }
    let count = reach.shape[0]
    let result = Tensor(uninitialised: Shape(count, tokens - 1))
    for row in 0..<count {
      let from = reach.pointer + row * tokens
      let total = (1..<tokens).reduce(Float(0)) { $0 + from[$1] }
      for column in 0..<tokens - 1 {
        result.pointer[row * (tokens - 1) + column] = total > 0 ? from[column + 1] / total : 0
      }
    }
    return result
  }

  /// `½(A + I)` for the queries (batch, queries, tokens): from the last block the first token's row alone.
  private func attention(_ query: Tensor, _ key: Tensor, _ backend: Eager) -> Tensor {
    let (heads, width) = (
      configuration.attentionHeads, configuration.blockWidth / configuration.attentionHeads
    )
    let (queries, keys) = (query.shape[1], key.shape[1])
    let result = Tensor(repeating: 0, Shape(query.shape[0], queries, keys))
    for head in 0..<heads {
      let range = head * width..<(head + 1) * width
      let scores = backend.product(
        backend.slice(query, axis: 2, range), backend.slice(key, axis: 2, range), transposed: true)
      let scaled = backend.affine(scores, factor: 1 / Float(width).squareRoot(), offset: 0)
      let probabilities = backend.softmax(scaled)
      for index in 0..<result.count {
        result.pointer[index] += probabilities.pointer[index] * 0.5 / Float(heads)
      }
    }
    for row in 0..<query.shape[0] {
      for own in 0..<queries { result.pointer[(row * queries + own) * keys + own] += 0.5 }
    }
    return result
  }
}
