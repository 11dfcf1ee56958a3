public import Layers
public import Tensors

extension Tape {
  /// See `Backend`.
  public func linear(
    _ x: Variable, _ weight: Parameter, _ bias: Parameter?, _ activation: Activation
  ) -> Variable {
    if activation.derivativeReadsInput {
      return self.activation(linear(x, weight, bias, .identity), activation)
    }
    let result = workspace.linear(
      x.tensor, weight.value, packed: weight.packedMatrix(), bias: bias?.value, activation: activation)
    let kept = activation == .identity ? nil : result
    return record(result, needed: needs(x)) { gradient, tape in
      let slope = kept.map { tape.workspace.activationGradient(gradient, kept: $0, activation) } ?? gradient
      tape.accumulateLinear(slope, x.tensor, weight, bias)
      if x.node != nil {
        let part = tape.workspace.linearInputGradient(
          slope, weight.value, packed: weight.packedMatrixForGradients())
        tape.accumulate(part, into: x, isOwned: true)
      }
    }
  }

  /// Adds the gradients of a linear layer's weight and bias: the second part of a batch to where the first one's lie.
  private func accumulateLinear(_ slope: Tensor, _ x: Tensor, _ weight: Parameter, _ bias: Parameter?) {
    guard isTraining else { return }
    if sums != nil, let present = gradient(of: weight) {
      let ofBias = bias.flatMap { gradient(of: $0) }
      if (bias == nil) == (ofBias == nil) {
        _ = workspace.linearWeightGradient(
          slope, x, withBias: bias != nil, addingTo: (present, ofBias))
        return
      }
    }
    let parts = workspace.linearWeightGradient(slope, x, withBias: bias != nil)
    accumulate(parts.weight, into: weight)
    if let bias, let part = parts.bias { accumulate(part.reshaped(bias.shape), into: bias) }
  }

  /// See `Backend`.
  public func product(_ a: Variable, _ b: Variable, transposed: Bool) -> Variable {
    let result = workspace.product(a.tensor, b.tensor, transposedB: transposed)
    return record(result, needed: a.node != nil || b.node != nil) { gradient, tape in
      let workspace = tape.workspace
      if a.node != nil {
        let part = workspace.product(gradient, b.tensor, transposedB: !transposed)
        tape.accumulate(part, into: a, isOwned: true)
      }
      if b.node != nil {
        let part =
          transposed
          ? workspace.product(gradient, transposedA: true, a.tensor)
          : workspace.product(a.tensor, transposedA: true, gradient)
        tape.accumulate(part, into: b, isOwned: true)
      }
    }
  }

  /// See `Backend`.
  public func attention(
    query: Variable, key: Variable, value: Variable, heads: Int, dropout: Float, causal: Bool
  ) -> Variable {
    let drop = nextDropout(dropout)
    let needed = query.node != nil || key.node != nil || value.node != nil
    let kept =
      needed && isRecording
      ? workspace.attentionProbabilities(query: query.tensor, key: key.tensor, heads: heads) : nil
    let result = workspace.attention(
      query: query.tensor, key: key.tensor, value: value.tensor, heads: heads, causal: causal, dropout: drop,
      keeping: kept)
    return record(result, needed: needed) { gradient, tape in
      let parts = tape.workspace.attentionGradient(
        gradient, query: query.tensor, key: key.tensor, value: value.tensor, heads: heads, causal: causal,
        dropout: drop, kept: kept)
      tape.accumulate(parts.query, into: query, isOwned: true)
      tape.accumulate(parts.key, into: key, isOwned: true)
      tape.accumulate(parts.value, into: value, isOwned: true)
    }
  }

  /// See `Backend`.
  public func pooledAttention(
    query: Variable, context: Variable, key: (weight: Parameter, bias: Parameter?),
    value: (weight: Parameter, bias: Parameter?), heads: Int, dropout: Float
  ) -> Variable {
    let drop = nextDropout(dropout)
    let shape = query.tensor.shape
    let asked = query.tensor.reshaped(Shape(shape[0], shape[2]))
    let (result, kept) = workspace.pooledAttention(
      query: asked, context: context.tensor, key: key.weight.value, value: value.weight.value,
      packedValue: value.weight.packedMatrix(), valueBias: value.bias?.value, heads: heads, dropout: drop)
    return record(result.reshaped(shape), needed: true) { gradient, tape in
      let parts = tape.workspace.pooledAttentionGradient(
        gradient.reshaped(asked.shape), kept, query: asked, context: context.tensor, key: key.weight.value,
        packedKey: key.weight.packedMatrix(), value: value.weight.value, valueBias: value.bias?.value,
        heads: heads, dropout: drop)
      tape.accumulate(parts.key, into: key.weight)
      tape.accumulate(parts.value, into: value.weight)
      if let bias = value.bias, let part = parts.valueBias { tape.accumulate(part, into: bias) }
      // It moves all scores of a query alike, so nothing depends on it.
      if let bias = key.bias { tape.accumulate(tape.workspace.filled(bias.shape), into: bias) }
      tape.accumulate(parts.query.reshaped(shape), into: query, isOwned: true)
      tape.accumulate(parts.context, into: context, isOwned: true)
    }
  }

  /// See `Backend`.
  public func lstm(
    _ x: Variable, _ parameters: LSTMParameters, hidden: Variable?, cell: Variable?
  ) -> Variable {
    let inputs = workspace.transpose(x.tensor, 0, 1)
    let states = workspace.lstm(
      parameters.project(inputs, workspace), recurrent: parameters.hiddenWeight.packedMatrix(),
      hidden: hidden?.tensor, cell: cell?.tensor)
    let needed = needs(x) || hidden?.node != nil || cell?.node != nil
    return record(workspace.transpose(states.hidden, 0, 1), needed: needed) { gradient, tape in
      let workspace = tape.workspace
      let parts = workspace.lstmGradient(
        workspace.transpose(gradient, 0, 1), states, recurrent: parameters.hiddenWeight.value,
        cell: cell?.tensor)
      let input = workspace.linearWeightGradient(parts.projected, inputs, withBias: true)
      tape.accumulate(input.weight, into: parameters.inputWeight)
      let before = workspace.statesBefore(states.hidden, first: hidden?.tensor)
      let recurrent = workspace.linearWeightGradient(parts.projected, before, withBias: false)
      tape.accumulate(recurrent.weight, into: parameters.hiddenWeight)
      if let bias = input.bias {
        // Both biases enter in the same place; each gradient belongs to its parameter alone.
        if let parameter = parameters.hiddenBias {
          tape.accumulate(workspace.affine(bias, factor: 1, offset: 0), into: parameter)
        }
        if let parameter = parameters.inputBias { tape.accumulate(bias, into: parameter) }
      }
      if x.node != nil {
        let part = workspace.linearInputGradient(parts.projected, parameters.inputWeight.value)
        tape.accumulate(workspace.transpose(part, 0, 1), into: x, isOwned: true)
      }
      if let hidden { tape.accumulate(parts.hidden, into: hidden, isOwned: true) }
      if let cell { tape.accumulate(parts.cell, into: cell, isOwned: true) }
    }
  }
}

extension Workspace {
  /// The states in front of each step: the first one, zero when nil, then all but the last of (time, batch, hidden).
  fileprivate func statesBefore(_ states: Tensor, first: Tensor?) -> Tensor {
    let (time, size) = (states.shape[0], states.shape.after(0))
    let result = tensor(states.shape)
    if time == 0 { return result }
    if let first {
      result.pointer.update(from: first.pointer, count: size)
    } else {
      result.pointer.update(repeating: 0, count: size)
    }
    (result.pointer + size).update(from: states.pointer, count: (time - 1) * size)
    return result
  }
}
