import Compute
import Diagnostics
import Layers
import Tensors

/// One operation with its operands, written once for every backend.
enum Operation: CaseIterable, Sendable {
  case linear, linearGelu, linearRelu, linearSigmoid, linearTanh, linearSilu, linearPlain
  case product, productTransposed, attention, attentionCausal, attentionOneQuery, attentionDropout
  case pooledAttention, pooledAttentionPlain, pooledAttentionDropout
  case layerNorm, layerNormPlain, batchNorm, ghostBatchNorm
  case relu, gelu, silu, sigmoid, tanh, glu, reglu, swiglu, regluDropout
  case softmax, sparsemax, entmax15, dropout
  case addSame, addFeatures, subtractRows, multiplySame, multiplyFeatures, multiplyScalar, affine
  case divideSame, divideFeatures, divideRows
  case residual, residualDropout, entropyTerms, sineCosine
  case sumFirst, sumMiddle, sumLast, meanMiddle
  case reshape, transposeLast, transposeFirst, slice, sliceTwice, concatenate, gather, embedding
  case tokens, tokensBehind, prepend, featureLinear, unfold, lstm, lstmStates, fanOut, checkpoint,
    parameterTwice
  case parts, partsTwice

  /// The shapes of the operands for a size: batch b, sequence n, width d (even, a multiple of the heads).
  func operands(_ b: Int, _ n: Int, _ d: Int) -> [Shape] {
    switch self {
    case .product: [Shape(b, 3, n), Shape(b, n, d)]
    case .productTransposed: [Shape(b, 3, n), Shape(b, d, n)]
    case .attention, .attentionCausal, .attentionDropout: Array(repeating: Shape(b, n, d), count: 3)
    case .attentionOneQuery: [Shape(b, 1, d), Shape(b, n, d), Shape(b, n, d)]
    case .pooledAttention, .pooledAttentionPlain, .pooledAttentionDropout: [Shape(b, 1, 8), Shape(b, n, d)]
    case .batchNorm, .ghostBatchNorm: [Shape(b * n, d)]
    case .addSame, .multiplySame, .divideSame, .residual, .residualDropout: [Shape(b, n, d), Shape(b, n, d)]
    case .addFeatures, .multiplyFeatures, .divideFeatures: [Shape(b, n, d), Shape(d)]
    case .subtractRows, .divideRows: [Shape(b, n, d), Shape(b, n, 1)]
    case .multiplyScalar: [Shape(b, n, d), Shape(1)]
    case .concatenate: [Shape(b, n, d), Shape(b, 2, d)]
    case .gather: [Shape(4, d)]
    case .embedding: []
    case .tokens: [Shape(b, n)]
    case .tokensBehind: [Shape(b, n), Shape(n, d), Shape(n + 1, d)]
    case .lstmStates: [Shape(b, n, d), Shape(b, 5), Shape(b, 5)]
    default: [Shape(b, n, d)]
    }
  }

  /// Whether results are only meaningful with elements.
  var allowsEmpty: Bool {
    switch self {
    case .batchNorm, .ghostBatchNorm, .unfold, .sliceTwice: false
    default: true
    }
  }

  func run<B: Backend>(_ b: B, _ x: [B.Value], _ p: TestParameters) -> B.Value {
    switch self {
    case .linear: return b.linear(x[0], p.weight, p.bias, .identity)
    case .linearPlain: return b.linear(x[0], p.weight, nil, .identity)
    case .linearGelu: return b.linear(x[0], p.weight, p.bias, .gelu)
    case .linearRelu: return b.linear(x[0], p.weight, p.bias, .relu)
    case .linearSigmoid: return b.linear(x[0], p.weight, p.bias, .sigmoid)
    case .linearTanh: return b.linear(x[0], p.weight, p.bias, .tanh)
    case .linearSilu: return b.linear(x[0], p.weight, p.bias, .silu)
    case .product: return b.product(x[0], x[1], transposed: false)
    case .productTransposed: return b.product(x[0], x[1], transposed: true)
    case .attention, .attentionOneQuery:
      return b.attention(query: x[0], key: x[1], value: x[2], heads: 2, dropout: 0, causal: false)
    case .attentionCausal:
      return b.attention(query: x[0], key: x[1], value: x[2], heads: 1, dropout: 0, causal: true)
    case .attentionDropout:
      return b.attention(query: x[0], key: x[1], value: x[2], heads: 2, dropout: 0.3, causal: false)
    case .pooledAttention, .pooledAttentionDropout:
      return b.pooledAttention(
        query: x[0], context: x[1], key: (p.keyWeight, p.keyBias), value: (p.valueWeight, p.valueBias),
        heads: 2, dropout: self == .pooledAttention ? 0 : 0.3)
    case .pooledAttentionPlain:
      return b.pooledAttention(
        query: x[0], context: x[1], key: (p.keyWeight, nil), value: (p.valueWeight, nil), heads: 1, dropout: 0
      )
    case .layerNorm: return b.layerNorm(x[0], p.scale, p.shift, epsilon: 1e-5)
    case .layerNormPlain: return b.layerNorm(x[0], nil, nil, epsilon: 1e-3)
    case .batchNorm: return b.batchNorm(x[0], p.batchNorm, virtualBatch: nil)
    case .ghostBatchNorm: return b.batchNorm(x[0], p.batchNorm, virtualBatch: 3)
    case .relu: return b.activation(x[0], .relu)
    case .gelu: return b.activation(x[0], .gelu)
    case .silu: return b.activation(x[0], .silu)
    case .sigmoid: return b.activation(x[0], .sigmoid)
    case .tanh: return b.activation(x[0], .tanh)
    case .glu: return b.gated(x[0], .glu, dropout: 0)
    case .reglu: return b.gated(x[0], .reglu, dropout: 0)
    case .swiglu: return b.gated(x[0], .swiglu, dropout: 0)
    case .regluDropout: return b.gated(x[0], .reglu, dropout: 0.4)
    case .softmax: return b.softmax(x[0])
    case .sparsemax: return b.sparsemax(x[0])
    case .entmax15: return b.entmax15(x[0])
    case .dropout: return b.dropout(x[0], rate: 0.5)
    case .addSame, .addFeatures: return b.add(x[0], x[1])
    case .subtractRows: return b.subtract(x[0], x[1])
    case .multiplySame, .multiplyFeatures, .multiplyScalar: return b.multiply(x[0], x[1])
    // Divisors away from zero, where differences mean something.
    case .divideSame, .divideFeatures, .divideRows:
      return b.divide(x[0], b.affine(b.activation(x[1], .sigmoid), factor: 1, offset: 0.5))
    case .affine: return b.affine(x[0], factor: -1.5, offset: 0.25)
    case .residual: return b.residual(x[0], x[1], dropout: 0, scale: 0.7)
    case .residualDropout: return b.residual(x[0], x[1], dropout: 0.25, scale: 1)
    case .entropyTerms: return b.entropyTerms(b.softmax(x[0]), epsilon: 1e-3)
    case .sineCosine: return b.sineCosine(b.affine(x[0], factor: 5, offset: 1))
    case .sumFirst: return b.sum(x[0], axis: 0)
    case .sumMiddle: return b.sum(x[0], axis: 1)
    case .sumLast: return b.sum(x[0], axis: -1)
    case .meanMiddle: return b.mean(x[0], axis: 1)
    case .reshape:
      let shape = b.shape(x[0])
      return b.reshape(x[0], Shape(shape[0] * shape[1], shape[2]))
    case .transposeLast: return b.transpose(x[0], 1, 2)
    case .transposeFirst: return b.transpose(x[0], 2, 0)
    case .slice: return b.slice(x[0], axis: 2, 1..<2)
    case .sliceTwice:
      return b.multiply(
        b.slice(x[0], axis: 1, 0..<1), b.slice(x[0], axis: 1, b.shape(x[0])[1] - 1..<b.shape(x[0])[1]))
    case .concatenate: return b.concatenate(x[0], x[1], axis: 1)
    case .gather: return b.gather(x[0], IndexTensor([2, 0, 2, 3], Shape(4)))
    case .embedding: return b.embedding(p.table, IndexTensor([1, 0, 1, 1, 2, 2], Shape(2, 3)))
    case .tokens: return b.featureTokens(x[0], p.tokenWeight, p.tokenBias)
    case .tokensBehind: return b.tokens(x[0], slopes: x[1], offsets: x[2])
    case .prepend: return b.prepend(p.scale, x[0])
    case .featureLinear: return b.featureLinear(x[0], p.featureWeight, p.featureBias)
    case .unfold: return b.unfold(x[0], length: 2, stride: 1)
    case .lstm: return b.lstm(x[0], p.lstm, hidden: nil, cell: nil)
    case .lstmStates: return b.lstm(x[0], p.lstm, hidden: x[1], cell: x[2])
    case .fanOut:
      let y = b.activation(x[0], .tanh)
      return b.add(b.multiply(y, x[0]), b.subtract(y, b.multiply(x[0], x[0])))
    case .checkpoint:
      let before = b.dropout(x[0], rate: 0.2)
      let inside = b.checkpoint(before) { value in
        let hidden = b.gated(b.concatenate(value, value, axis: -1), .swiglu, dropout: 0.3)
        return b.residual(value, b.layerNorm(hidden, p.scale, p.shift, epsilon: 1e-5), dropout: 0.1, scale: 1)
      }
      return b.dropout(b.activation(inside, .tanh), rate: 0.3)
    case .parameterTwice:
      return b.add(b.multiply(x[0], b.parameter(p.scale)), b.parameter(p.scale))
    case .parts: return parts(b, x[0], p)
    case .partsTwice: return b.add(parts(b, x[0], p), parts(b, b.activation(x[0], .tanh), p))
    }
  }
}

extension Operation {
  /// A small network over each item's sequence, in parts of two items.
  private func parts<B: Backend>(_ b: B, _ x: B.Value, _ p: TestParameters) -> B.Value {
    let shape = b.shape(x)
    let factor = b.activation(b.parameter(p.shift), .sigmoid)
    return b.inParts(
      x, nil, shared: [factor], size: 2, outputs: shape[1] * 37, parameters: p.all
    ) { part, own, _, shared in
      guard let own else { return x }
      let y = part.linear(
        part.multiply(part.layerNorm(own, p.scale, p.shift, epsilon: 1e-3), shared[0]), p.weight, p.bias,
        .tanh)
      return part.reshape(y, Shape(part.shape(own)[0], shape[1] * 37))
    }
  }
}

/// Parameters of every operation for one size.
struct TestParameters {
  let all = Parameters()
  let weight, bias, scale, shift, table, tokenWeight, tokenBias, featureWeight, featureBias: Parameter
  let keyWeight, keyBias, valueWeight, valueBias: Parameter
  let batchNorm: BatchNormParameters
  let lstm: LSTMParameters

  init(n: Int, d: Int, seed: UInt64) throws(TernError) {
    let scope = ParameterScope(RandomSource(seed: seed), into: all)
    weight = try scope.parameter("weight", Shape(37, d), .normal(deviation: 0.5))
    bias = try scope.parameter("bias", Shape(37), .uniform(0.5), role: .bias)
    scale = try scope.parameter("scale", Shape(d), .uniform(1))
    shift = try scope.parameter("shift", Shape(d), .uniform(1))
    table = try scope.parameter("table", Shape(4, d), .uniform(1))
    tokenWeight = try scope.parameter("tokens.weight", Shape(n, d), .uniform(1))
    tokenBias = try scope.parameter("tokens.bias", Shape(n, d), .uniform(1))
    featureWeight = try scope.parameter("features.weight", Shape(n, d, 3), .uniform(1))
    featureBias = try scope.parameter("features.bias", Shape(n, 3), .uniform(1))
    keyWeight = try scope.parameter("key.weight", Shape(8, d), .normal(deviation: 0.5))
    keyBias = try scope.parameter("key.bias", Shape(8), .uniform(0.5), role: .bias)
    valueWeight = try scope.parameter("value.weight", Shape(8, d), .normal(deviation: 0.5))
    valueBias = try scope.parameter("value.bias", Shape(8), .uniform(0.5), role: .bias)
    batchNorm = BatchNormParameters(
      weight: scale, bias: shift,
      mean: try scope.parameter("mean", Shape(d), .uniform(1), role: .statistic),
      variance: try scope.parameter("variance", Shape(d), .constant(0.7), role: .statistic))
    lstm = LSTMParameters(
      inputWeight: try scope.parameter("lstm.input", Shape(20, d), .uniform(0.6)),
      hiddenWeight: try scope.parameter("lstm.hidden", Shape(20, 5), .uniform(0.6)),
      inputBias: try scope.parameter("lstm.bias1", Shape(20), .uniform(0.5)),
      hiddenBias: try scope.parameter("lstm.bias2", Shape(20), .uniform(0.5)))
  }
}
