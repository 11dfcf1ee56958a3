public import Layers
import Tensors

extension Tape {
  /// See `Backend`.
  public func layerNorm(_ x: Variable, _ weight: Parameter?, _ bias: Parameter?, epsilon: Float) -> Variable {
    let result = workspace.layerNorm(x.tensor, weight?.value, bias?.value, epsilon: epsilon)
    return record(result, needed: needs(x)) { gradient, tape in
      let parts = tape.workspace.layerNormGradient(
        gradient, x.tensor, weight?.value, epsilon: epsilon, addingTo: tape.takeGradient(of: x))
      if let weight { tape.accumulate(parts.weight, into: weight) }
      if let bias { tape.accumulate(parts.bias, into: bias) }
      tape.accumulate(parts.x, into: x, isOwned: true)
    }
  }

  /// See `Backend`. Running statistics move at once, and once only: a checkpointed block leaves them alone when it runs again.
  public func batchNorm(_ x: Variable, _ parameters: BatchNormParameters, virtualBatch: Int?) -> Variable {
    let weight = parameters.weight
    guard isTraining else { return scaled(x, by: parameters) }
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

  /// Batch normalisation by running statistics, a constant factor and shift of each feature.
  private func scaled(_ x: Variable, by parameters: BatchNormParameters) -> Variable {
    let (weight, variance) = (parameters.weight.value, parameters.variance.value)
    let result = workspace.batchNorm(
      x.tensor, weight: weight, bias: parameters.bias.value, mean: parameters.mean.value, variance: variance,
      epsilon: parameters.epsilon)
    return record(result, needed: x.node != nil) { gradient, tape in
      let factors = tape.workspace.tensor(weight.shape)
      for index in 0..<factors.count {
        factors.pointer[index] =
          weight.pointer[index] / (variance.pointer[index] + parameters.epsilon).squareRoot()
      }
      tape.accumulate(tape.workspace.combine(gradient, .multiply, factors), into: x, isOwned: true)
    }
  }
}
