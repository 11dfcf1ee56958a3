import Compute
import Glibc
import Layers

@testable import Tensors

/// Every operation by its formula in double precision: the twin of both backends.
///
/// Parameters may be replaced by values in double precision, so that differences can be taken; dropout keeps the elements that
/// the tape of the same seed keeps when it counts operations in the same order.
final class DoubleBackend: Backend {
  let workspace = Workspace(pool: ThreadPool(threads: 1))
  var computes: Bool { true }
  var records: Bool { false }
  var isTraining = false
  var replaced: [Int: [Double]] = [:]
  var operation: UInt32 = 0
  static let seed: UInt64 = 11
  static let step: UInt64 = 3

  func constant(_ tensor: Tensor) -> DoubleTensor { DoubleTensor(tensor) }
  func tensor(_ value: DoubleTensor) -> Tensor { Tensor(value.values.map(Float.init), value.shape) }

  func parameter(_ parameter: Parameter) -> DoubleTensor {
    DoubleTensor(parameter.shape, replaced[parameter.index] ?? parameter.value.elements.map(Double.init))
  }

  func factors(_ rate: Float, rows: Int = 1, _ width: Int) -> [Double] {
    guard isTraining else { return Array(repeating: 1, count: rows * width) }
    defer { operation += 1 }
    guard rate > 0 else { return Array(repeating: 1, count: rows * width) }
    let key = DropoutKey(
      rate: rate, seed: DoubleBackend.seed, step: DoubleBackend.step, operation: operation)
    return (0..<rows * width).map {
      Double(key.factor(row: $0 / width, column: $0 % width, width: width))
    }
  }

  func linear(
    _ x: DoubleTensor, _ weight: Parameter, _ bias: Parameter?, _ activation: Activation
  ) -> DoubleTensor {
    let (w, b) = (parameter(weight), bias.map(parameter))
    let outputs = w.shape[0]
    let result = x.mapRows(width: outputs) { row, _ in
      (0..<outputs).map { (output: Int) -> Double in
        var sum: Double = b?.values[output] ?? 0
        for k in row.indices { sum += row[k] * w.values[output * row.count + k] }
        return sum
      }
    }
    return self.activation(result, activation)
  }

  func product(_ a: DoubleTensor, _ b: DoubleTensor, transposed: Bool) -> DoubleTensor {
    let rank = a.shape.rank
    let (m, k) = (a.shape[-2], a.shape[-1])
    let n = transposed ? b.shape[-2] : b.shape[-1]
    let batch = a.shape.before(rank - 2)
    var values: [Double] = []
    for item in 0..<batch {
      for i in 0..<m {
        for j in 0..<n {
          var sum = 0.0
          for c in 0..<k {
            let at = transposed ? j * k + c : c * n + j
            sum += a.values[(item * m + i) * k + c] * b.values[item * k * n + at]
          }
          values.append(sum)
        }
      }
    }
    return DoubleTensor(a.shape.replacing(-1, with: n), values)
  }

  func attention(
    query: DoubleTensor, key: DoubleTensor, value: DoubleTensor, heads: Int, dropout: Float, causal: Bool
  ) -> DoubleTensor {
    let (batch, queries, d, keys) = (query.shape[0], query.shape[1], query.shape[2], key.shape[1])
    let depth = d / heads
    let drop = factors(dropout, rows: batch * heads * queries, keys)
    var out = DoubleTensor(query.shape) { _ in 0 }
    for b in 0..<batch {
      for h in 0..<heads {
        for q in 0..<queries {
          let seen = causal ? max(0, keys - queries + q + 1) : keys
          let scores = (0..<seen).map { (t: Int) -> Double in
            var sum = 0.0
            for c in h * depth..<(h + 1) * depth {
              sum += query.values[(b * queries + q) * d + c] * key.values[(b * keys + t) * d + c]
            }
            return sum / Double(depth).squareRoot()
          }
          for (t, p) in DoubleBackend.softmax(scores).enumerated() {
            let kept = p * drop[((b * heads + h) * queries + q) * keys + t]
            for c in 0..<depth {
              out.values[(b * queries + q) * d + h * depth + c] +=
                kept * value.values[(b * keys + t) * d + h * depth + c]
            }
          }
        }
      }
    }
    return out
  }

  static func softmax(_ x: [Double]) -> [Double] {
    let powers = x.map { exp($0 - (x.max() ?? 0)) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  func layerNorm(
    _ x: DoubleTensor, _ weight: Parameter?, _ bias: Parameter?, epsilon: Float
  ) -> DoubleTensor {
    let (w, b) = (weight.map(parameter), bias.map(parameter))
    return x.mapRows(width: x.width) { row, _ in
      let (mean, variance) = DoubleBackend.moments(row)
      let deviation = (variance + Double(epsilon)).squareRoot()
      return row.indices.map { (j: Int) -> Double in
        let normal = (row[j] - mean) / deviation
        return normal * (w?.values[j] ?? 1) + (b?.values[j] ?? 0)
      }
    }
  }

  static func moments(_ x: [Double]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    let squares: Double = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(x.count))
  }

  func batchNorm(_ x: DoubleTensor, _ p: BatchNormParameters, virtualBatch: Int?) -> DoubleTensor {
    let (w, b, m, v) = (parameter(p.weight), parameter(p.bias), parameter(p.mean), parameter(p.variance))
    var out = x
    let wanted = virtualBatch.map { (x.rows + $0 - 1) / $0 } ?? 1
    let size = max(1, (x.rows + wanted - 1) / max(wanted, 1))
    let joins = size > 1 && x.rows > size && x.rows % size == 1
    for j in 0..<x.width {
      for first in stride(from: 0, to: joins ? x.rows - 1 : x.rows, by: size) {
        let end = min(first + size, x.rows)
        let rows = first..<(joins && end == x.rows - 1 ? x.rows : end)
        let moments = DoubleBackend.moments(rows.map { x.values[$0 * x.width + j] })
        let (mean, variance) = isTraining ? moments : (m.values[j], v.values[j])
        for row in rows {
          let normal = (x.values[row * x.width + j] - mean) / (variance + Double(p.epsilon)).squareRoot()
          out.values[row * x.width + j] = normal * w.values[j] + b.values[j]
        }
      }
    }
    return out
  }

  func activation(_ x: DoubleTensor, _ function: Activation) -> DoubleTensor {
    x.map { DoubleBackend.activated($0, function) }
  }

  static func activated(_ x: Double, _ function: Activation) -> Double {
    switch function {
    case .identity: x
    case .relu: max(x, 0)
    case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    case .silu: x / (1 + exp(-x))
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: Glibc.tanh(x)
    }
  }

  func gated(_ x: DoubleTensor, _ gate: Gate, dropout: Float) -> DoubleTensor {
    let half = x.width / 2
    let drop = factors(dropout, rows: x.rows, half)
    let functions: [Gate: Activation] = [.glu: .sigmoid, .reglu: .relu, .swiglu: .silu]
    return x.mapRows(width: half) { row, index in
      (0..<half).map {
        let value = DoubleBackend.activated(row[half + $0], functions[gate] ?? .identity)
        return row[$0] * value * drop[index * half + $0]
      }
    }
  }

  func softmax(_ x: DoubleTensor) -> DoubleTensor {
    x.mapRows(width: x.width) { row, _ in DoubleBackend.softmax(row) }
  }

  func sparsemax(_ x: DoubleTensor) -> DoubleTensor {
    x.mapRows(width: x.width) { row, _ in
      let sorted = row.sorted(by: >)
      var (sum, threshold) = (0.0, 0.0)
      for (index, value) in sorted.enumerated() {
        sum += value
        if 1 + Double(index + 1) * value > sum { threshold = (sum - 1) / Double(index + 1) }
      }
      return row.map { max($0 - threshold, 0) }
    }
  }

  func entmax15(_ x: DoubleTensor) -> DoubleTensor {
    x.mapRows(width: x.width) { row, _ in
      let half = row.map { $0 / 2 }
      var (low, high) = ((half.max() ?? 0) - 1, half.max() ?? 0)
      for _ in 0..<200 {
        let middle = (low + high) / 2
        let sum: Double = half.reduce(0) { $0 + max($1 - middle, 0) * max($1 - middle, 0) }
        if sum > 1 { low = middle } else { high = middle }
      }
      return half.map { max($0 - low, 0) * max($0 - low, 0) }
    }
  }

  func dropout(_ x: DoubleTensor, rate: Float) -> DoubleTensor {
    let drop = factors(rate, x.shape.count)
    return DoubleTensor(x.shape) { x.values[$0] * drop[$0] }
  }

  private func combine(
    _ a: DoubleTensor, _ b: DoubleTensor, _ body: (Double, Double) -> Double
  ) -> DoubleTensor {
    DoubleTensor(a.shape) { index in
      let other: Double
      if a.shape == b.shape {
        other = b.values[index]
      } else if b.shape.count == 1 {
        other = b.values[0]
      } else if b.width == a.width {
        other = b.values[index % a.width]
      } else {
        other = b.values[index / a.width]
      }
      return body(a.values[index], other)
    }
  }

  func add(_ a: DoubleTensor, _ b: DoubleTensor) -> DoubleTensor { combine(a, b, +) }
  func subtract(_ a: DoubleTensor, _ b: DoubleTensor) -> DoubleTensor { combine(a, b, -) }
  func multiply(_ a: DoubleTensor, _ b: DoubleTensor) -> DoubleTensor { combine(a, b, *) }
  func divide(_ a: DoubleTensor, _ b: DoubleTensor) -> DoubleTensor { combine(a, b, /) }
  func affine(_ x: DoubleTensor, factor: Float, offset: Float) -> DoubleTensor {
    x.map { Double(factor) * $0 + Double(offset) }
  }

  func residual(_ x: DoubleTensor, _ branch: DoubleTensor, dropout: Float, scale: Float) -> DoubleTensor {
    let drop = factors(dropout, x.shape.count)
    return DoubleTensor(x.shape) { (x.values[$0] + branch.values[$0] * drop[$0]) * Double(scale) }
  }

  func entropyTerms(_ x: DoubleTensor, epsilon: Float) -> DoubleTensor {
    x.map { $0 * log($0 + Double(epsilon)) }
  }

  func sineCosine(_ x: DoubleTensor) -> DoubleTensor {
    x.mapRows(width: 2 * x.width) { row, _ in row.map { sin($0) } + row.map { cos($0) } }
  }

  func sum(_ x: DoubleTensor, axis: Int) -> DoubleTensor {
    let axis = x.shape.resolved(axis)
    let inner = x.shape.after(axis)
    return DoubleTensor(x.shape.removing(axis)) { index in
      (0..<x.shape[axis]).reduce(0) { $0 + x.element(index / inner, $1, index % inner, axis: axis) }
    }
  }

  func mean(_ x: DoubleTensor, axis: Int) -> DoubleTensor {
    let count = Double(max(x.shape[axis], 1))
    return sum(x, axis: axis).map { $0 / count }
  }
}
