import Layers
import Tensors

extension NetworkTrace {
  func linear(_ x: Value, _ weight: Parameter, _ bias: Parameter?, _ activation: Activation) -> Value {
    var name = add("MatMul", [x.name, transposed(weight)])
    if let bias { name = add("Add", [name, stored(bias)]) }
    return Value(
      tensor: eager.linear(x.tensor, weight, bias, activation), name: applied(activation, to: name),
      isBatched: x.isBatched)
  }

  func product(_ a: Value, _ b: Value, transposed: Bool) -> Value {
    let rank = b.tensor.shape.rank
    let right = transposed ? swapped(b.name, rank - 2, rank - 1, rank: rank) : b.name
    return Value(
      tensor: eager.product(a.tensor, b.tensor, transposed: transposed),
      name: add("MatMul", [a.name, right]),
      isBatched: a.isBatched || b.isBatched)
  }

  func attention(query: Value, key: Value, value: Value, heads: Int, dropout: Float, causal: Bool) -> Value {
    if causal { refuse("causal attention") }
    let width = query.tensor.shape[2] / heads
    func split(_ x: Value, _ order: [Int]) -> String {
      let form = add("Reshape", [x.name, integers([-1, x.tensor.shape[1], heads, width])])
      return add("Transpose", [form], [("perm", .integers(order))])
    }
    let scores = add("MatMul", [split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1])])
    let scaled = add("Mul", [scores, number(1 / Float(width).squareRoot())])
    let probabilities = add("Softmax", [scaled], [("axis", .integer(-1))])
    let mixed = add("MatMul", [probabilities, split(value, [0, 2, 1, 3])])
    let ordered = add("Transpose", [mixed], [("perm", .integers([0, 2, 1, 3]))])
    let shape = query.tensor.shape
    return Value(
      tensor: eager.attention(
        query: query.tensor, key: key.tensor, value: value.tensor, heads: heads, dropout: 0, causal: causal),
      name: add("Reshape", [ordered, integers([-1, shape[1], shape[2]])]), isBatched: query.isBatched)
  }

  func layerNorm(_ x: Value, _ weight: Parameter?, _ bias: Parameter?, epsilon: Float) -> Value {
    // The operator's own default.
    if epsilon != 1e-5 { refuse("a layer normalisation with another epsilon") }
    let width = x.tensor.shape.last
    let scale = weight.map { stored($0) } ?? floats(Array(repeating: 1, count: width), [width])
    let inputs = [x.name, scale] + (bias.map { [stored($0)] } ?? [])
    return Value(
      tensor: eager.layerNorm(x.tensor, weight, bias, epsilon: epsilon),
      name: add("LayerNormalization", inputs, [("axis", .integer(-1))]), isBatched: x.isBatched)
  }

  func batchNorm(_ x: Value, _ parameters: BatchNormParameters, virtualBatch: Int?) -> Value {
    if parameters.epsilon != 1e-5 { refuse("a batch normalisation with another epsilon") }
    let inputs = [parameters.weight, parameters.bias, parameters.mean, parameters.variance].map(stored)
    return Value(
      tensor: eager.batchNorm(x.tensor, parameters, virtualBatch: virtualBatch),
      name: add("BatchNormalization", [x.name] + inputs), isBatched: x.isBatched)
  }

  func featureTokens(_ x: Value, _ weight: Parameter, _ bias: Parameter?) -> Value {
    let column = add("Unsqueeze", [x.name, integers([2])])
    var name = add(
      "Mul", [column, weight.index < 0 ? floats(weight.value.elements, weight.shape.list) : stored(weight)])
    if let bias {
      name = add("Add", [name, bias.index < 0 ? floats(bias.value.elements, bias.shape.list) : stored(bias)])
    }
    return Value(
      tensor: eager.featureTokens(x.tensor, weight, bias), name: name, isBatched: x.isBatched)
  }

  func featureLinear(_ x: Value, _ weight: Parameter, _ bias: Parameter?) -> Value {
    // One product for each feature, so the features go in front of the rows.
    let front = swapped(x.name, 0, 1, rank: 3)
    var name = swapped(add("MatMul", [front, stored(weight)]), 0, 1, rank: 3)
    if let bias { name = add("Add", [name, stored(bias)]) }
    return Value(
      tensor: eager.featureLinear(x.tensor, weight, bias), name: name, isBatched: x.isBatched)
  }

  func unfold(_ x: Value, length: Int, stride: Int) -> Value {
    refuse("unfold")
    return Value(
      tensor: eager.unfold(x.tensor, length: length, stride: stride), name: x.name, isBatched: x.isBatched)
  }

  func lstm(_ x: Value, _ parameters: LSTMParameters, hidden: Value?, cell: Value?) -> Value {
    refuse("lstm")
    return Value(
      tensor: eager.lstm(x.tensor, parameters, hidden: hidden?.tensor, cell: cell?.tensor), name: x.name,
      isBatched: x.isBatched)
  }

  func pooledAttention(
    query: Value, context: Value, key: (weight: Parameter, bias: Parameter?),
    value: (weight: Parameter, bias: Parameter?), heads: Int, dropout: Float
  ) -> Value {
    attention(
      query: query, key: linear(context, key.weight, key.bias, .identity),
      value: linear(context, value.weight, value.bias, .identity), heads: heads, dropout: dropout,
      causal: false)
  }

  /// Networks map tokens beforehand only where operations are computed.
  func tokens(_ x: Value, slopes: Value, offsets: Value) -> Value {
    refuse("tokens of mapped features")
    return Value(
      tensor: eager.tokens(x.tensor, slopes: slopes.tensor, offsets: offsets.tensor), name: x.name,
      isBatched: x.isBatched)
  }

  func inParts(
    _ x: Value?, _ indices: IndexTensor?, shared: [Value], size: Int, outputs: Int, parameters: Parameters,
    _ body: @escaping (NetworkTrace, Value?, IndexTensor?, [Value]) -> Value
  ) -> Value { body(self, x, indices, shared) }

  func checkpoint(_ x: Value, _ block: @escaping (Value) -> Value) -> Value { block(x) }

  /// Two axes exchanged.
  func swapped(_ name: String, _ a: Int, _ b: Int, rank: Int) -> String {
    var order = Array(0..<rank)
    order.swapAt(a, b)
    return add("Transpose", [name], [("perm", .integers(order))])
  }
}
