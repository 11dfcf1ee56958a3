import Layers
import Tensors

extension NetworkTrace {
  private func result(_ tensor: Tensor, _ name: String, like x: Value) -> Value {
    Value(tensor: tensor, name: name, isBatched: x.isBatched)
  }

  /// The operators of a function of each element.
  func applied(_ function: Activation, to name: String) -> String {
    switch function {
    case .identity: name
    case .relu: add("Relu", [name])
    case .sigmoid: add("Sigmoid", [name])
    case .tanh: add("Tanh", [name])
    case .silu: add("Mul", [name, add("Sigmoid", [name])])
    case .gelu:
      add(
        "Mul",
        [
          add("Mul", [name, number(0.5)]),
          add("Add", [add("Erf", [add("Mul", [name, number(Float(0.5).squareRoot())])]), number(1)]),
        ])
    }
  }

  func activation(_ x: Value, _ function: Activation) -> Value {
    result(eager.activation(x.tensor, function), applied(function, to: x.name), like: x)
  }

  func gated(_ x: Value, _ gate: Gate, dropout: Float) -> Value {
    let half = x.tensor.shape.last / 2
    let parts = add("Split", [x.name, integers([half, half])], results: 2, [("axis", .integer(-1))])
    let function: Activation =
      switch gate {
      case .glu: .sigmoid
      case .reglu: .relu
      case .swiglu: .silu
      }
    return result(
      eager.gated(x.tensor, gate, dropout: 0), add("Mul", [parts[0], applied(function, to: parts[1])]),
      like: x)
  }

  func softmax(_ x: Value) -> Value {
    result(eager.softmax(x.tensor), add("Softmax", [x.name], [("axis", .integer(-1))]), like: x)
  }

  /// Sorted descending, k counts the elements with `1 + j·z_j > Σ_{i≤j} z_i`, and τ = (Σ_{i≤k} z_i - 1)/k.
  func sparsemax(_ x: Value) -> Value {
    let width = x.tensor.shape.last
    let (sorted, ranks) = (descending(x.name, width), ranks(width))
    let sums = cumulated(sorted)
    let bound = add("Add", [add("Mul", [sorted, ranks]), number(1)])
    let inside = add("Cast", [add("Greater", [bound, sums])], [("to", .integer(1))])
    let size = summed(inside)
    let threshold = add("Div", [add("Sub", [summed(add("Mul", [sorted, inside])), number(1)]), size])
    return result(eager.sparsemax(x.tensor), add("Relu", [add("Sub", [x.name, threshold])]), like: x)
  }

  /// With z = (x - max x)/2 sorted descending and mean and squares of its first j elements, τ_j = mean - √max((1 - ss_j)/j, 0);
  /// k counts the j with τ_j ≤ z_j, and the result is max(z - τ_k, 0)².
  func entmax15(_ x: Value) -> Value {
    let width = x.tensor.shape.last
    let top = add("ReduceMax", [x.name], [("axes", .integers([-1])), ("keepdims", .integer(1))])
    let z = add("Mul", [add("Sub", [x.name, top]), number(0.5)])
    let (sorted, ranks) = (descending(z, width), ranks(width))
    let mean = add("Div", [cumulated(sorted), ranks])
    let squares = add("Div", [cumulated(add("Mul", [sorted, sorted])), ranks])
    let spread = add("Mul", [ranks, add("Sub", [squares, add("Mul", [mean, mean])])])
    let delta = add("Div", [add("Sub", [number(1), spread]), ranks])
    let thresholds = add("Sub", [mean, add("Sqrt", [add("Relu", [delta])])])
    let inside = add("Cast", [add("LessOrEqual", [thresholds, sorted])], [("to", .integer(7))])
    let last = add("Sub", [summed(inside), integers([1])])
    let threshold = add("GatherElements", [thresholds, last], [("axis", .integer(-1))])
    let root = add("Relu", [add("Sub", [z, threshold])])
    return result(eager.entmax15(x.tensor), add("Mul", [root, root]), like: x)
  }

  private func ranks(_ width: Int) -> String { floats((1...max(width, 1)).map(Float.init), [width]) }

  private func descending(_ name: String, _ width: Int) -> String {
    add("TopK", [name, integers([width])], results: 2, [("axis", .integer(-1))])[0]
  }

  private func cumulated(_ name: String) -> String { add("CumSum", [name, integer(-1)]) }

  private func summed(_ name: String) -> String {
    add("ReduceSum", [name, integers([-1])], [("keepdims", .integer(1))])
  }

  func dropout(_ x: Value, rate: Float) -> Value { x }

  func add(_ a: Value, _ b: Value) -> Value { pair("Add", a, b, eager.add(a.tensor, b.tensor)) }
  func subtract(_ a: Value, _ b: Value) -> Value { pair("Sub", a, b, eager.subtract(a.tensor, b.tensor)) }
  func multiply(_ a: Value, _ b: Value) -> Value { pair("Mul", a, b, eager.multiply(a.tensor, b.tensor)) }
  func divide(_ a: Value, _ b: Value) -> Value { pair("Div", a, b, eager.divide(a.tensor, b.tensor)) }

  private func pair(_ type: String, _ a: Value, _ b: Value, _ tensor: Tensor) -> Value {
    Value(tensor: tensor, name: add(type, [a.name, b.name]), isBatched: a.isBatched || b.isBatched)
  }

  func affine(_ x: Value, factor: Float, offset: Float) -> Value {
    var name = factor == 1 ? x.name : add("Mul", [x.name, number(factor)])
    if offset != 0 { name = add("Add", [name, number(offset)]) }
    return result(eager.affine(x.tensor, factor: factor, offset: offset), name, like: x)
  }

  func residual(_ x: Value, _ branch: Value, dropout: Float, scale: Float) -> Value {
    let sum = add("Add", [x.name, branch.name])
    return Value(
      tensor: eager.residual(x.tensor, branch.tensor, dropout: 0, scale: scale),
      name: scale == 1 ? sum : add("Mul", [sum, number(scale)]), isBatched: x.isBatched || branch.isBatched)
  }

  func entropyTerms(_ x: Value, epsilon: Float) -> Value {
    let logarithm = add("Log", [add("Add", [x.name, number(epsilon)])])
    return result(eager.entropyTerms(x.tensor, epsilon: epsilon), add("Mul", [x.name, logarithm]), like: x)
  }

  func sineCosine(_ x: Value) -> Value {
    let parts = [add("Sin", [x.name]), add("Cos", [x.name])]
    return result(eager.sineCosine(x.tensor), add("Concat", parts, [("axis", .integer(-1))]), like: x)
  }

  func sum(_ x: Value, axis: Int) -> Value {
    let name = add("ReduceSum", [x.name, integers([axis])], [("keepdims", .integer(0))])
    return reduced(x, axis, eager.sum(x.tensor, axis: axis), name)
  }

  func mean(_ x: Value, axis: Int) -> Value {
    let name = add("ReduceMean", [x.name], [("axes", .integers([axis])), ("keepdims", .integer(0))])
    return reduced(x, axis, eager.mean(x.tensor, axis: axis), name)
  }

  private func reduced(_ x: Value, _ axis: Int, _ tensor: Tensor, _ name: String) -> Value {
    Value(tensor: tensor, name: name, isBatched: x.isBatched && x.tensor.shape.resolved(axis) > 0)
  }
}
