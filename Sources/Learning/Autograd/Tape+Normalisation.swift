public import Layers
import Tensors

extension Tape {
  /// See `Backend`.
  public func layerNorm(_ x: Variable, _ weight: Parameter?, _ bias: Parameter?, epsilon: Float) -> Variable {
    let result = workspace.layerNorm(x.tensor, weight?.value, bias?.value, epsilon: epsilon)
    return record(result, needed: true) { gradient, tape in
      let parts = tape.workspace.layerNormGradient(gradient, x.tensor, weight?.value, epsilon: epsilon)
      if let weight { tape.accumulate(parts.weight, into: weight) }
      if let bias { tape.accumulate(parts.bias, into: bias) }
      tape.accumulate(parts.x, into: x, isOwned: true)
    }
  }

  /// See `Backend`. Running statistics move at once, and once only: a checkpointed block leaves them alone when it runs again.
  public func batchNorm(_ x: Variable, _ parameters: BatchNormParameters, virtualBatch: Int?) -> Variable {
    let weight = parameters.weight
    let (result, statistics) = workspace.batchNormTraining(
      x.tensor, weight: weight.value, bias: parameters.bias.value, epsilon: parameters.epsilon,
      virtualBatch: virtualBatch)
    if !isRecomputing {
      workspace.updateRunning(
        mean: parameters.mean.value, variance: parameters.variance.value, statistics: statistics,
        rows: x.tensor.shape.rows, virtualBatch: virtualBatch, momentum: parameters.momentum)
    }
    return record(result, needed: true) { gradient, tape in
      let parts = tape.workspace.batchNormGradient(
        gradient, x.tensor, weight: weight.value, statistics: statistics, virtualBatch: virtualBatch)
      tape.accumulate(parts.weight, into: weight)
      tape.accumulate(parts.bias, into: parameters.bias)
      tape.accumulate(parts.x, into: x, isOwned: true)
    }
  }
}
