import Layers
public import Tensors

extension Tape {
  /// See `Backend`.
  public func activation(_ x: Variable, _ function: Activation) -> Variable {
    if function == .identity { return x }
    let result = workspace.activation(x.tensor, function)
    let kept = function.derivativeReadsInput ? x.tensor : result
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(
        tape.workspace.activationGradient(gradient, kept: kept, function), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func gated(_ x: Variable, _ gate: Gate, dropout: Float) -> Variable {
    let drop = nextDropout(dropout)
    let result = workspace.gated(x.tensor, gate, dropout: drop)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(
        tape.workspace.gatedGradient(gradient, x.tensor, gate, dropout: drop), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func softmax(_ x: Variable) -> Variable {
    let result = workspace.softmax(x.tensor)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.softmaxGradient(gradient, result), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func sparsemax(_ x: Variable) -> Variable {
    let result = workspace.sparsemax(x.tensor)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.sparsemaxGradient(gradient, result), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func entmax15(_ x: Variable) -> Variable {
    let result = workspace.entmax15(x.tensor)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.entmax15Gradient(gradient, result), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func dropout(_ x: Variable, rate: Float) -> Variable {
    guard let drop = nextDropout(rate) else { return x }
    return record(workspace.dropout(x.tensor, drop), needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.dropout(gradient, drop), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func entropyTerms(_ x: Variable, epsilon: Float) -> Variable {
    let result = workspace.entropyTerms(x.tensor, epsilon: epsilon)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(
        tape.workspace.entropyTermsGradient(gradient, x.tensor, epsilon: epsilon), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func sineCosine(_ x: Variable) -> Variable {
    let result = workspace.sineCosine(x.tensor)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.sineCosineGradient(gradient, result), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func add(_ a: Variable, _ b: Variable) -> Variable {
    let result = workspace.combine(a.tensor, .add, b.tensor)
    return record(result, needed: a.node != nil || b.node != nil) { gradient, tape in
      tape.accumulate(gradient, into: a, isOwned: false)
      if b.node != nil {
        tape.accumulate(tape.workspace.reduced(gradient, to: b.tensor.shape), into: b, isOwned: false)
      }
    }
  }

  /// See `Backend`.
  public func subtract(_ a: Variable, _ b: Variable) -> Variable {
    let result = workspace.combine(a.tensor, .subtract, b.tensor)
    return record(result, needed: a.node != nil || b.node != nil) { gradient, tape in
      tape.accumulate(gradient, into: a, isOwned: false)
      if b.node != nil {
        let part = tape.workspace.reduced(gradient, to: b.tensor.shape)
        tape.accumulate(tape.workspace.affine(part, factor: -1, offset: 0), into: b, isOwned: true)
      }
    }
  }

  /// See `Backend`.
  public func multiply(_ a: Variable, _ b: Variable) -> Variable {
    let result = workspace.combine(a.tensor, .multiply, b.tensor)
    return record(result, needed: a.node != nil || b.node != nil) { gradient, tape in
      if a.node != nil {
        tape.accumulate(tape.workspace.combine(gradient, .multiply, b.tensor), into: a, isOwned: true)
      }
      if b.node != nil {
        let part = tape.workspace.combine(gradient, .multiply, a.tensor)
        tape.accumulate(tape.workspace.reduced(part, to: b.tensor.shape), into: b, isOwned: true)
      }
    }
  }

  /// See `Backend`.
  public func divide(_ a: Variable, _ b: Variable) -> Variable {
    let result = workspace.combine(a.tensor, .divide, b.tensor)
    return record(result, needed: a.node != nil || b.node != nil) { gradient, tape in
      let workspace = tape.workspace
      let part = workspace.combine(gradient, .divide, b.tensor)
      if b.node != nil {
        // d(a/b)/db = -(a/b)/b.
        let slope = workspace.reduced(workspace.combine(part, .multiply, result), to: b.tensor.shape)
        tape.accumulate(workspace.affine(slope, factor: -1, offset: 0), into: b, isOwned: true)
      }
      tape.accumulate(part, into: a, isOwned: true)
    }
  }

  /// See `Backend`.
  public func affine(_ x: Variable, factor: Float, offset: Float) -> Variable {
    let result = workspace.affine(x.tensor, factor: factor, offset: offset)
    return record(result, needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.affine(gradient, factor: factor, offset: 0), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func residual(_ x: Variable, _ branch: Variable, dropout: Float, scale: Float) -> Variable {
    let drop = nextDropout(dropout)
    let result = workspace.residual(x.tensor, branch.tensor, dropout: drop, scale: scale)
    return record(result, needed: x.node != nil || branch.node != nil) { gradient, tape in
      let workspace = tape.workspace
      let scaled = scale == 1 ? gradient : workspace.affine(gradient, factor: scale, offset: 0)
      tape.accumulate(scaled, into: x, isOwned: false)
      if let drop {
        tape.accumulate(workspace.dropout(gradient, drop, scale: scale), into: branch, isOwned: true)
      } else {
        tape.accumulate(scaled, into: branch, isOwned: false)
      }
    }
  }

  /// See `Backend`.
  public func sum(_ x: Variable, axis: Int) -> Variable {
    let shape = x.tensor.shape
    return record(workspace.sum(x.tensor, axis: axis), needed: x.node != nil) { gradient, tape in
      tape.accumulate(tape.workspace.sumGradient(gradient, shape, axis: axis), into: x, isOwned: true)
    }
  }

  /// See `Backend`.
  public func mean(_ x: Variable, axis: Int) -> Variable {
    let shape = x.tensor.shape
    let factor = 1 / Float(max(shape[axis], 1))
    return record(workspace.mean(x.tensor, axis: axis), needed: x.node != nil) { gradient, tape in
      tape.accumulate(
        tape.workspace.sumGradient(gradient, shape, axis: axis, factor: factor), into: x, isOwned: true)
    }
  }
}
