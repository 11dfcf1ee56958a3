import Compute
public import Tensors

/// How a new parameter's values are drawn. Fans count from the shape (outputs, inputs, …).
public enum Initialiser: Sendable, Equatable {
  /// Every value the same.
  case constant(Float)
  /// Uniform in ±bound.
  case uniform(Float)
  /// Normal around 0.
  case normal(deviation: Float)
  /// Uniform in ±1/√inputs, PyTorch's default for linear layers (Kaiming with a = √5).
  case kaiming
  /// Uniform in ±gain·√(6/(inputs + outputs)) (Glorot and Bengio, 2010).
  case xavierUniform(gain: Float)
  /// Normal with deviation gain·√(2/(inputs + outputs)).
  case xavierNormal(gain: Float)

  /// Writes values drawn from one stream of a seed.
  public func fill(_ tensor: Tensor, seed: UInt64, stream: UInt64) {
    let outputs = tensor.shape.rank > 1 ? Double(tensor.shape[0]) : 1
    let inputs = Double(max(tensor.count, 1)) / max(tensor.shape.rank > 1 ? Double(tensor.shape[0]) : 1, 1)
    var random = Philox(seed: seed, stream: stream)
    switch self {
    case .constant(let value): tensor.pointer.update(repeating: value, count: tensor.count)
    case .uniform(let bound): uniform(tensor, Double(bound), &random)
    case .kaiming: uniform(tensor, 1 / inputs.squareRoot(), &random)
    case .xavierUniform(let gain):
      uniform(tensor, Double(gain) * (6 / (inputs + outputs)).squareRoot(), &random)
    case .normal(let deviation): normal(tensor, Double(deviation), &random)
    case .xavierNormal(let gain):
      normal(tensor, Double(gain) * (2 / (inputs + outputs)).squareRoot(), &random)
    }
  }

  private func uniform(_ tensor: Tensor, _ bound: Double, _ random: inout Philox) {
    for index in 0..<tensor.count { tensor.pointer[index] = Float((2 * random.uniform() - 1) * bound) }
  }

  private func normal(_ tensor: Tensor, _ deviation: Double, _ random: inout Philox) {
    for index in 0..<tensor.count { tensor.pointer[index] = Float(random.normal() * deviation) }
  }
}
