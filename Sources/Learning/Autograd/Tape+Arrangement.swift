public import Layers
public import Tensors

extension Tape {
  /// See `Backend`.
  public func parameter(_ parameter: Parameter) -> Variable {
    record(parameter.value, needed: parameter.isTrainable && isTraining) { gradient, tape in
      // The gradient may be shared with other places.
      tape.accumulate(tape.workspace.affine(gradient, factor: 1, offset: 0), into: parameter)
    }
  }

  /// See `Backend`.
  public func reshape(_ x: Variable, _ shape: Shape) -> Variable {
    let before = x.tensor.shape
    return record(x.tensor.reshaped(shape), needed: x.node != nil) { gradient, tape in
      tape.accumulate(gradient.reshaped(before), into: x, isOwned: false)
    }
  }

  /// See `Backend`.
  public func transpose(_ x: Variable, _ a: Int, _ b: Int) -> Variable {
    record(workspace.transpose(x.tensor, a, b), needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.transpose(gradient, a, b), into: x, isOwned: false)
    }
  }

  /// See `Backend`.
  public func slice(_ x: Variable, axis: Int, _ range: Range<Int>) -> Variable {
    let shape = x.tensor.shape
    if range == 0..<shape[axis] { return x }
    return record(workspace.slice(x.tensor, axis: axis, range), needed: x.node != nil) { gradient, tape in
      tape.accumulatePart(gradient, of: shape, axis: axis, at: range.lowerBound, into: x)
    }
  }

  /// See `Backend`.
  public func concatenate(_ a: Variable, _ b: Variable, axis: Int) -> Variable {
    concatenate([a, b], axis: axis)
  }

  /// See `Backend`.
  public func concatenate(_ values: [Variable], axis: Int) -> Variable {
    let result = workspace.concatenate(values.map(\.tensor), axis: axis)
    return record(result, needed: values.contains { $0.node != nil }) { gradient, tape in
      var offset = 0
      for value in values {
        let end = offset + value.tensor.shape[axis]
        if value.node != nil {
          let part = tape.workspace.slice(gradient, axis: axis, offset..<end)
          tape.accumulate(part, into: value, isOwned: false)
        }
        offset = end
      }
    }
  }

  /// See `Backend`.
  public func gather(_ x: Variable, _ indices: IndexTensor) -> Variable {
    let shape = x.tensor.shape
    return record(workspace.gather(x.tensor, indices), needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.gatherGradient(gradient, indices, shape), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func embedding(_ table: Parameter, _ indices: IndexTensor) -> Variable {
    let shape = indices.shape.appending(table.shape.last)
    let result = workspace.gather(table.value, indices).reshaped(shape)
    if !isTraining, let embedded { return embedded(result) }
    return record(result, needed: isTraining) { gradient, tape in
      tape.accumulate(tape.workspace.gatherGradient(gradient, indices, table.shape), into: table)
    }
  }

  /// See `Backend`.
  public func featureTokens(_ x: Variable, _ weight: Parameter, _ bias: Parameter?) -> Variable {
    let result = workspace.featureTokens(x.tensor, weight.value, bias?.value)
    return record(result, needed: needs(x)) { gradient, tape in
      let parts = tape.workspace.featureTokensGradient(
        gradient, x.tensor, weight.value, needsInput: x.node != nil)
      tape.accumulate(parts.weight, into: weight)
      if let bias { tape.accumulate(parts.bias, into: bias) }
      if let part = parts.x { tape.accumulate(part, into: x, isOwned: true) }
    }
  }

  /// See `Backend`.
  public func tokens(_ x: Variable, slopes: Variable, offsets: Variable) -> Variable {
    let result = workspace.tokens(x.tensor, slopes: slopes.tensor, offsets: offsets.tensor)
    let needed = x.node != nil || slopes.node != nil || offsets.node != nil
    return record(result, needed: needed) { gradient, tape in
      let parts = tape.workspace.tokensGradient(
        gradient, x.tensor, slopes: slopes.tensor, needsInput: x.node != nil)
      tape.accumulate(parts.slopes, into: slopes, isOwned: true)
      tape.accumulate(parts.offsets, into: offsets, isOwned: true)
      if let part = parts.x { tape.accumulate(part, into: x, isOwned: true) }
    }
  }

  /// See `Backend`.
  public func prepend(_ token: Parameter, _ x: Variable) -> Variable {
    let count = x.tensor.shape[1]
    return record(workspace.prepend(token.value, x.tensor), needed: needs(x)) { gradient, tape in
      let workspace = tape.workspace
      let first = workspace.sum(workspace.slice(gradient, axis: 1, 0..<1), axis: 0)
      tape.accumulate(first.reshaped(token.shape), into: token)
      if x.node != nil {
        tape.accumulate(workspace.slice(gradient, axis: 1, 1..<count + 1), into: x, isOwned: true)
      }
    }
  }

  /// See `Backend`.
  public func featureLinear(_ x: Variable, _ weight: Parameter, _ bias: Parameter?) -> Variable {
    let result = workspace.featureLinear(x.tensor, weight.value, bias?.value)
    return record(result, needed: needs(x)) { gradient, tape in
      let parts = tape.workspace.featureLinearGradient(gradient, x.tensor, weight.value)
      tape.accumulate(parts.weight, into: weight)
      if let bias { tape.accumulate(parts.bias.reshaped(bias.shape), into: bias) }
      tape.accumulate(parts.x, into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func unfold(_ x: Variable, length: Int, stride: Int) -> Variable {
    let shape = x.tensor.shape
    let result = workspace.unfold(x.tensor, length: length, stride: stride)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(
        tape.workspace.unfoldGradient(gradient, shape, length: length, stride: stride), into: x, isOwned: true
      )
    }
  }
}
