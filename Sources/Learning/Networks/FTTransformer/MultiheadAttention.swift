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
  /// - Parameter observe: sees the mapped queries and keys; without it a single query forms no keys.
  func callAsFunction<B: Backend>(
    _ queries: B.Value, context: B.Value, _ backend: B,
    observe: ((_ query: B.Value, _ key: B.Value) -> Void)?
  ) -> B.Value {
    let q = query(queries, backend)
    if backend.shape(q)[1] == 1, keyCompression == nil, observe == nil {
      let x = backend.pooledAttention(
        query: q, context: context, key: (key.weight, key.bias), value: (value.weight, value.bias),
        heads: heads, dropout: dropout)
      return output.map { $0(x, backend) } ?? x
    }
    return attend((q, key(context, backend), value(context, backend)), backend, observe: observe)
  }

  /// Attends with mapped queries, keys and values.
  func attend<B: Backend>(
    _ mapped: (query: B.Value, key: B.Value, value: B.Value), _ backend: B,
    observe: ((_ query: B.Value, _ key: B.Value) -> Void)?
  ) -> B.Value {
    let q = mapped.query
    var (k, v) = (mapped.key, mapped.value)
    if let keyCompression {
      k = compressed(k, keyCompression, backend)
      v = compressed(v, valueCompression ?? keyCompression, backend)
    }
    observe?(q, k)
    let x = backend.attention(query: q, key: k, value: v, heads: heads, dropout: dropout, causal: false)
    return output.map { $0(x, backend) } ?? x
  }

  /// The maps of queries, keys and values for tokens `x_j·slope_j + offset_j`.
  func maps<B: Backend>(_ tokens: TokenMap<B.Value>, _ backend: B) -> FirstMaps<B.Value> {
    func map(_ linear: Linear) -> TokenMap<B.Value> {
      TokenMap(
        slopes: backend.linear(tokens.slopes, linear.weight, nil, .identity),
        offsets: linear(tokens.offsets, backend))
    }
    return FirstMaps(tokens: tokens, query: map(query), key: map(key), value: map(value))
  }

  /// The parameters that those maps come from.
  var mappingParameters: [Parameter] {
    [query, key, value].flatMap { [$0.weight, $0.bias].compactMap(\.self) }
  }

  private func compressed<B: Backend>(_ x: B.Value, _ map: Linear, _ backend: B) -> B.Value {
    backend.transpose(map(backend.transpose(x, 1, 2), backend), 1, 2)
  }
}
