public import Tensors

/// The backend that computes and remembers nothing: predictions.
public struct Eager: Backend {
  /// The memory and threads it computes with.
  public let workspace: Workspace
  /// Always true.
  public var computes: Bool { true }
  /// Always false.
  public var records: Bool { false }

  /// A backend over a workspace.
  public init(_ workspace: Workspace) { self.workspace = workspace }

  /// The tensor itself.
  public func constant(_ tensor: Tensor) -> Tensor { tensor }
  /// The parameter's values.
  public func parameter(_ parameter: Parameter) -> Tensor { parameter.value }
  /// The tensor itself.
  public func tensor(_ value: Tensor) -> Tensor { value }
}

extension Eager {
  /// See `Backend`.
  public func linear(
    _ x: Tensor, _ weight: Parameter, _ bias: Parameter?, _ activation: Activation
  ) -> Tensor {
    workspace.linear(
      x, weight.value, packed: weight.packedMatrix(), bias: bias?.value, activation: activation)
  }

  /// See `Backend`.
  public func product(_ a: Tensor, _ b: Tensor, transposed: Bool) -> Tensor {
    workspace.product(a, b, transposedB: transposed)
  }

  /// See `Backend`.
  public func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, dropout: Float, causal: Bool
  ) -> Tensor {
    workspace.attention(query: query, key: key, value: value, heads: heads, causal: causal)
  }

  /// See `Backend`.
  public func pooledAttention(
    query: Tensor, context: Tensor, key: (weight: Parameter, bias: Parameter?),
    value: (weight: Parameter, bias: Parameter?), heads: Int, dropout: Float
  ) -> Tensor {
    let asked = query.reshaped(Shape(query.shape[0], query.shape[2]))
    return workspace.pooledAttention(
      query: asked, context: context, key: key.weight.value, value: value.weight.value,
      packedValue: value.weight.packedMatrix(), valueBias: value.bias?.value, heads: heads
    ).result.reshaped(query.shape)
  }

  /// See `Backend`.
  public func layerNorm(_ x: Tensor, _ weight: Parameter?, _ bias: Parameter?, epsilon: Float) -> Tensor {
    workspace.layerNorm(x, weight?.value, bias?.value, epsilon: epsilon)
  }

  /// See `Backend`.
  public func batchNorm(_ x: Tensor, _ parameters: BatchNormParameters, virtualBatch: Int?) -> Tensor {
    workspace.batchNorm(
      x, weight: parameters.weight.value, bias: parameters.bias.value, mean: parameters.mean.value,
      variance: parameters.variance.value, epsilon: parameters.epsilon)
  }

  /// See `Backend`.
  public func activation(_ x: Tensor, _ function: Activation) -> Tensor { workspace.activation(x, function) }
  /// See `Backend`.
  public func gated(_ x: Tensor, _ gate: Gate, dropout: Float) -> Tensor { workspace.gated(x, gate) }
  /// See `Backend`.
  public func softmax(_ x: Tensor) -> Tensor { workspace.softmax(x) }
  /// See `Backend`.
  public func sparsemax(_ x: Tensor) -> Tensor { workspace.sparsemax(x) }
  /// See `Backend`.
  public func entmax15(_ x: Tensor) -> Tensor { workspace.entmax15(x) }
  /// The identity.
  public func dropout(_ x: Tensor, rate: Float) -> Tensor { x }
  /// See `Backend`.
  public func add(_ a: Tensor, _ b: Tensor) -> Tensor { workspace.combine(a, .add, b) }
  /// See `Backend`.
  public func subtract(_ a: Tensor, _ b: Tensor) -> Tensor { workspace.combine(a, .subtract, b) }
  /// See `Backend`.
  public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor { workspace.combine(a, .multiply, b) }
  /// See `Backend`.
  public func divide(_ a: Tensor, _ b: Tensor) -> Tensor { workspace.combine(a, .divide, b) }
  /// See `Backend`.
  public func affine(_ x: Tensor, factor: Float, offset: Float) -> Tensor {
    workspace.affine(x, factor: factor, offset: offset)
  }
  /// See `Backend`.
  public func residual(_ x: Tensor, _ branch: Tensor, dropout: Float, scale: Float) -> Tensor {
    workspace.residual(x, branch, dropout: nil, scale: scale)
  }
  /// See `Backend`.
  public func entropyTerms(_ x: Tensor, epsilon: Float) -> Tensor {
    workspace.entropyTerms(x, epsilon: epsilon)
  }
  /// See `Backend`.
  public func sineCosine(_ x: Tensor) -> Tensor { workspace.sineCosine(x) }
  /// See `Backend`.
  public func sum(_ x: Tensor, axis: Int) -> Tensor { workspace.sum(x, axis: axis) }
  /// See `Backend`.
  public func mean(_ x: Tensor, axis: Int) -> Tensor { workspace.mean(x, axis: axis) }
}

extension Eager {
  /// See `Backend`.
  public func reshape(_ x: Tensor, _ shape: Shape) -> Tensor { x.reshaped(shape) }
  /// See `Backend`.
  public func transpose(_ x: Tensor, _ a: Int, _ b: Int) -> Tensor { workspace.transpose(x, a, b) }
  /// See `Backend`.
  public func slice(_ x: Tensor, axis: Int, _ range: Range<Int>) -> Tensor {
    workspace.slice(x, axis: axis, range)
  }
  /// See `Backend`.
  public func concatenate(_ a: Tensor, _ b: Tensor, axis: Int) -> Tensor {
    workspace.concatenate(a, b, axis: axis)
  }
  /// See `Backend`.
  public func concatenate(_ values: [Tensor], axis: Int) -> Tensor {
    workspace.concatenate(values, axis: axis)
  }
  /// See `Backend`.
  public func gather(_ x: Tensor, _ indices: IndexTensor) -> Tensor { workspace.gather(x, indices) }

  /// See `Backend`.
  public func embedding(_ table: Parameter, _ indices: IndexTensor) -> Tensor {
    workspace.gather(table.value, indices).reshaped(indices.shape.appending(table.shape.last))
  }

  /// See `Backend`.
  public func featureTokens(_ x: Tensor, _ weight: Parameter, _ bias: Parameter?) -> Tensor {
    workspace.featureTokens(x, weight.value, bias?.value)
  }
  /// See `Backend`.
  public func tokens(_ x: Tensor, slopes: Tensor, offsets: Tensor) -> Tensor {
    workspace.tokens(x, slopes: slopes, offsets: offsets)
  }
  /// See `Backend`.
  public func prepend(_ token: Parameter, _ x: Tensor) -> Tensor { workspace.prepend(token.value, x) }
  /// See `Backend`.
  public func featureLinear(_ x: Tensor, _ weight: Parameter, _ bias: Parameter?) -> Tensor {
    workspace.featureLinear(x, weight.value, bias?.value)
  }
  /// See `Backend`.
  public func unfold(_ x: Tensor, length: Int, stride: Int) -> Tensor {
    workspace.unfold(x, length: length, stride: stride)
  }

  /// See `Backend`.
  public func lstm(_ x: Tensor, _ parameters: LSTMParameters, hidden: Tensor?, cell: Tensor?) -> Tensor {
    let projected = parameters.project(workspace.transpose(x, 0, 1), workspace)
    let states = workspace.lstm(
      projected, recurrent: parameters.hiddenWeight.packedMatrix(), hidden: hidden, cell: cell)
    return workspace.transpose(states.hidden, 0, 1)
  }

  /// See `Backend`. Every lane has a workspace of its own, whose memory the next part finds in its cache.
  public func inParts(
    _ x: Tensor?, _ indices: IndexTensor?, shared: [Tensor], size: Int, outputs: Int, parameters: Parameters,
    _ body: @escaping (Eager, Tensor?, IndexTensor?, [Tensor]) -> Tensor
  ) -> Tensor {
    let parts = BatchParts(x, indices, size: size)
    guard parts.count > 1 else { return body(self, x, indices, shared) }
    parameters.prepare(on: workspace.pool, withGradients: false)
    let lanes = workspace.parts(workspace.pool.threads)
    let result = workspace.tensor(Shape(parts.rows, outputs))
    let target = result.pointer
    workspace.pool.parallelFor(count: parts.count) { part, lane in
      let own = lanes[lane]
      let range = parts[part]
      let y = body(Eager(own), parts.rows(x, range, own), parts.rows(indices, range, own), shared)
      (target + range.lowerBound * outputs).update(from: y.pointer, count: range.count * outputs)
    }
    return result
  }

  /// Runs the block.
  public func checkpoint(_ x: Tensor, _ block: @escaping (Tensor) -> Tensor) -> Tensor { block(x) }
}

extension LSTMParameters {
  /// The gates' parts from the inputs, with all biases: (time, batch, inputs) → (time, batch, 4·hidden).
  public func project(_ x: Tensor, _ workspace: Workspace) -> Tensor {
    let result = workspace.linear(
      x, inputWeight.value, packed: inputWeight.packedMatrix(), bias: inputBias?.value)
    return hiddenBias.map { workspace.combine(result, .add, $0.value) } ?? result
  }
}
