import Glibc
import Layers
import Tensors

extension DoubleBackend {
  func reshape(_ x: DoubleTensor, _ shape: Shape) -> DoubleTensor { DoubleTensor(shape, x.values) }

  func transpose(_ x: DoubleTensor, _ a: Int, _ b: Int) -> DoubleTensor {
    let (first, second) = (x.shape.resolved(a), x.shape.resolved(b))
    let shape = x.shape.replacing(first, with: x.shape[second]).replacing(second, with: x.shape[first])
    return DoubleTensor(shape) { index in
      var position = (0..<shape.rank).map { index / shape.after($0) % shape[$0] }
      position.swapAt(first, second)
      return x.values[position.indices.reduce(0) { $0 + position[$1] * x.shape.after($1) }]
    }
  }

  func slice(_ x: DoubleTensor, axis: Int, _ range: Range<Int>) -> DoubleTensor {
    let axis = x.shape.resolved(axis)
    let (inner, part) = (x.shape.after(axis), range.count)
    return DoubleTensor(x.shape.replacing(axis, with: part)) { index in
      x.element(index / (inner * part), range.lowerBound + index / inner % part, index % inner, axis: axis)
    }
  }

  func concatenate(_ a: DoubleTensor, _ b: DoubleTensor, axis: Int) -> DoubleTensor {
    let axis = a.shape.resolved(axis)
    let inner = a.shape.after(axis)
    let shape = a.shape.replacing(axis, with: a.shape[axis] + b.shape[axis])
    return DoubleTensor(shape) { index in
      let (before, position) = (index / (inner * shape[axis]), index / inner % shape[axis])
      return position < a.shape[axis]
        ? a.element(before, position, index % inner, axis: axis)
        : b.element(before, position - a.shape[axis], index % inner, axis: axis)
    }
  }

  func concatenate(_ values: [DoubleTensor], axis: Int) -> DoubleTensor {
    values.dropFirst().reduce(values[0]) { concatenate($0, $1, axis: axis) }
  }

  func gather(_ x: DoubleTensor, _ indices: IndexTensor) -> DoubleTensor {
    let size = x.shape.after(0)
    return DoubleTensor(
      x.shape.replacing(0, with: indices.count),
      indices.elements.flatMap { x.values[Int($0) * size..<(Int($0) + 1) * size] })
  }

  func embedding(_ table: Parameter, _ indices: IndexTensor) -> DoubleTensor {
    reshape(gather(parameter(table), indices), indices.shape.appending(table.shape.last))
  }

  func featureTokens(_ x: DoubleTensor, _ weight: Parameter, _ bias: Parameter?) -> DoubleTensor {
    let (w, b) = (parameter(weight), bias.map(parameter))
    let (n, d) = (w.shape[0], w.shape[1])
    return DoubleTensor(Shape(x.shape[0], n, d)) { (index: Int) -> Double in
      let at = index % (n * d)
      return x.values[index / d] * w.values[at] + (b?.values[at] ?? 0)
    }
  }

  func prepend(_ token: Parameter, _ x: DoubleTensor) -> DoubleTensor {
    let size = x.shape[1] * x.shape[2]
    let values = (0..<x.shape[0]).flatMap { parameter(token).values + x.values[$0 * size..<($0 + 1) * size] }
    return DoubleTensor(x.shape.replacing(1, with: x.shape[1] + 1), values)
  }

  func featureLinear(_ x: DoubleTensor, _ weight: Parameter, _ bias: Parameter?) -> DoubleTensor {
    let (w, b) = (parameter(weight), bias.map(parameter))
    let (n, inputs, outputs) = (w.shape[0], w.shape[1], w.shape[2])
    return DoubleTensor(Shape(x.shape[0], n, outputs)) { index in
      let (row, o) = (index / outputs, index % outputs)
      var sum: Double = b?.values[row % n * outputs + o] ?? 0
      for k in 0..<inputs {
        sum += x.values[row * inputs + k] * w.values[(row % n * inputs + k) * outputs + o]
      }
      return sum
    }
  }

  func unfold(_ x: DoubleTensor, length: Int, stride: Int) -> DoubleTensor {
    let windows = (x.shape[1] - length) / stride + 1
    let size = length * x.shape[2]
    return DoubleTensor(Shape(x.shape[0], windows, size)) { index in
      let (item, window) = (index / (size * windows), index / size % windows)
      return x.values[(item * x.shape[1] + window * stride) * x.shape[2] + index % size]
    }
  }

  func lstm(
    _ x: DoubleTensor, _ p: LSTMParameters, hidden: DoubleTensor?, cell: DoubleTensor?
  ) -> DoubleTensor {
    let (batch, time, inputs) = (x.shape[0], x.shape[1], x.shape[2])
    let (wx, wh) = (parameter(p.inputWeight), parameter(p.hiddenWeight))
    let width = wh.shape[1]
    let (bx, bh) = (p.inputBias.map(parameter), p.hiddenBias.map(parameter))
    var out = DoubleTensor(Shape(batch, time, width)) { _ in 0 }
    for item in 0..<batch {
      var h = hidden?.row(item) ?? Array(repeating: 0, count: width)
      var c = cell?.row(item) ?? Array(repeating: 0, count: width)
      for t in 0..<time {
        let input = x.row(item * time + t)
        let z = (0..<4 * width).map { (g: Int) -> Double in
          var sum: Double = (bx?.values[g] ?? 0) + (bh?.values[g] ?? 0)
          for k in 0..<inputs { sum += input[k] * wx.values[g * inputs + k] }
          for k in 0..<width { sum += h[k] * wh.values[g * width + k] }
          return sum
        }
        let s = { (x: Double) in 1 / (1 + exp(-x)) }
        for j in 0..<width {
          c[j] = s(z[width + j]) * c[j] + s(z[j]) * tanh(z[2 * width + j])
          h[j] = s(z[3 * width + j]) * tanh(c[j])
          out.values[(item * time + t) * width + j] = h[j]
        }
      }
    }
    return out
  }

  func pooledAttention(
    query: DoubleTensor, context: DoubleTensor, key: (weight: Parameter, bias: Parameter?),
    value: (weight: Parameter, bias: Parameter?), heads: Int, dropout: Float
  ) -> DoubleTensor {
    attention(
      query: query, key: linear(context, key.weight, key.bias, .identity),
      value: linear(context, value.weight, value.bias, .identity), heads: heads, dropout: dropout,
      causal: false)
  }

  func tokens(_ x: DoubleTensor, slopes: DoubleTensor, offsets: DoubleTensor) -> DoubleTensor {
    let (n, d) = (slopes.shape[0], slopes.shape[1])
    return DoubleTensor(Shape(x.shape[0], n + 1, d)) {
      let (row, token, j) = ($0 / ((n + 1) * d), $0 / d % (n + 1), $0 % d)
      let offset = offsets.values[token * d + j]
      return token == 0 ? offset : offset + x.values[row * n + token - 1] * slopes.values[(token - 1) * d + j]
    }
  }

  func inParts(
    _ x: DoubleTensor?, _ indices: IndexTensor?, shared: [DoubleTensor], size: Int, outputs: Int,
    parameters: Parameters,
    _ body: @escaping (DoubleBackend, DoubleTensor?, IndexTensor?, [DoubleTensor]) -> DoubleTensor
  ) -> DoubleTensor { body(self, x, indices, shared) }

  func checkpoint(_ x: DoubleTensor, _ block: @escaping (DoubleTensor) -> DoubleTensor) -> DoubleTensor {
    block(x)
  }
}
