import Diagnostics
import Layers
import Tensors

/// Attention of some tokens to all: `softmax(Q·Kᵀ/√(d/heads))·V` for each head, and a map behind it when there is more than one.
struct MultiheadAttention {
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let output: Linear?
  private let keyCompression: Linear?
  private let valueCompression: Linear?
  private let heads: Int
  private let dropout: Float

  /// Pulls `query`, `key`, `value`, `output` and the compressions.
  init(
    _ configuration: FTTransformerConfiguration, tokens: Int, _ scope: ParameterScope
  ) throws(TernError) {
    let width = configuration.blockWidth
    heads = configuration.attentionHeads
    dropout = configuration.attentionDropout
    query = try Linear(width, width, scope["query"], bias: .constant(0))
    key = try Linear(width, width, scope["key"], bias: .constant(0))
    value = try Linear(width, width, scope["value"], bias: .constant(0))
    output = heads > 1 ? try Linear(width, width, scope["output"], bias: .constant(0)) : nil
    let keys = configuration.keys(tokens: tokens)
    let isCompressed = configuration.compressionRatio != nil
    keyCompression =
      isCompressed ? try Linear(tokens, keys, scope["key_compression"], bias: nil) : nil
    valueCompression =
      isCompressed && configuration.compressionSharing == .headwise
      ? try Linear(tokens, keys, scope["value_compression"], bias: nil) : nil
  }

  /// Attends from queries (batch, queries, d) to context (batch, tokens, d).
  /// - Parameter observe: sees the mapped queries and keys.
  func callAsFunction<B: Backend>(
    _ queries: B.Value, context: B.Value, _ backend: B, observe: (_ query: B.Value, _ key: B.Value) -> Void
  ) -> B.Value {
    let q = query(queries, backend)
    var k = key(context, backend)
    var v = value(context, backend)
    if let keyCompression {
      k = compressed(k, keyCompression, backend)
      v = compressed(v, valueCompression ?? keyCompression, backend)
    }
    observe(q, k)
    let x = backend.attention(query: q, key: k, value: v, heads: heads, dropout: dropout, causal: false)
    return output.map { $0(x, backend) } ?? x
  }

  private func compressed<B: Backend>(_ x: B.Value, _ map: Linear, _ backend: B) -> B.Value {
    backend.transpose(map(backend.transpose(x, 1, 2), backend), 1, 2)
  }
}
