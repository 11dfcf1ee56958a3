import Diagnostics
import Layers
import Tensors

/// One block: `x ← x + Drop(Attention(LN(x)))`, then `x ← x + Drop(W₂·Drop(ReGLU(W₁·LN(x))))`.
///
/// The first block has no normalisation in front of its attention; with it, training is known to fail. The last one
/// computes only the first token, which is all that the head reads.
struct FTTransformerBlock {
  private let attentionNorm: LayerNormalisation?
  private let attention: MultiheadAttention
  private let feedForwardNorm: LayerNormalisation
  private let widening: Linear
  private let narrowing: Linear
  private let activation: FTTransformerConfiguration.FeedForwardActivation
  private let feedForwardDropout: Float
  private let residualDropout: Float
  private let readsFirstTokenOnly: Bool

  /// Pulls `attention`, `attention_norm` except in the first block, `feed_forward_norm` and `feed_forward`.
  init(
    _ configuration: FTTransformerConfiguration, block: Int, tokens: Int, _ scope: ParameterScope
  ) throws(TernError) {
    let (width, hidden) = (configuration.blockWidth, configuration.hiddenWidth)
    activation = configuration.feedForwardActivation
    attentionNorm = block > 0 ? try LayerNormalisation(width, scope["attention_norm"]) : nil
    attention = try MultiheadAttention(configuration, tokens: tokens, scope["attention"])
    feedForwardNorm = try LayerNormalisation(width, scope["feed_forward_norm"])
    widening = try Linear(width, activation == .reglu ? 2 * hidden : hidden, scope["feed_forward"][0])
    narrowing = try Linear(hidden, width, scope["feed_forward"][1])
    feedForwardDropout = configuration.feedForwardDropout
    residualDropout = configuration.residualDropout
    readsFirstTokenOnly = block == configuration.blocks - 1
  }

  /// The maps of the first block's queries, keys and values, from that of its tokens.
  func maps<B: Backend>(_ tokens: TokenMap<B.Value>, _ backend: B) -> FirstMaps<B.Value> {
    attention.maps(tokens, backend)
  }

  /// The parameters that those maps come from, beside those of the tokens.
  var mappingParameters: [Parameter] { attention.mappingParameters }

  /// x (batch, tokens, d) → the same, or (batch, 1, d) from the last block.
  /// - Parameter mapped: what gives the queries, keys and values without x, and the numbers to give them of.
  func callAsFunction<B: Backend>(
    _ x: B.Value, _ backend: B, mapped: MappedTokens<B.Value>? = nil,
    observe: ((_ query: B.Value, _ key: B.Value) -> Void)?
  ) -> B.Value {
    if let mapped {
      let (maps, numbers) = (mapped.maps, mapped.numbers)
      let attended = attention.attend(
        (
          maps.query.tokens(numbers, backend), maps.key.tokens(numbers, backend),
          maps.value.tokens(numbers, backend)
        ), backend, observe: observe)
      return behind(backend.residual(x, attended, dropout: residualDropout, scale: 1), backend)
    }
    let context = attentionNorm.map { $0(x, backend) } ?? x
    let (kept, queries) =
      readsFirstTokenOnly
      ? (backend.slice(x, axis: 1, 0..<1), backend.slice(context, axis: 1, 0..<1)) : (x, context)
    let attended = attention(queries, context: context, backend, observe: observe)
    return behind(backend.residual(kept, attended, dropout: residualDropout, scale: 1), backend)
  }

  private func behind<B: Backend>(_ y: B.Value, _ backend: B) -> B.Value {
    let fed = feedForward(feedForwardNorm(y, backend), backend)
    return backend.residual(y, fed, dropout: residualDropout, scale: 1)
  }

  private func feedForward<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    switch activation {
    case .reglu:
      narrowing(backend.gated(widening(x, backend), .reglu, dropout: feedForwardDropout), backend)
    case .relu:
      narrowing(
        backend.dropout(widening(x, backend, activation: .relu), rate: feedForwardDropout), backend)
    }
  }
}
