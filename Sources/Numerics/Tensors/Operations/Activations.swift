/// A function of sixteen numbers and its derivative.
protocol VectorFunction {
  static func value(_ x: Vector) -> Vector
  /// The derivative at `x`, where `y` is the value there; uses `y` alone when `needsInput` is false.
  static func slope(_ x: Vector, _ y: Vector) -> Vector
}

enum Rectifier: VectorFunction {
  @inline(__always) static func value(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .< 0) }
  @inline(__always) static func slope(_ x: Vector, _ y: Vector) -> Vector {
    Vector.zero.replacing(with: 1, where: y .> 0)
  }
}

enum GaussianUnit: VectorFunction {
  @inline(__always) static func value(_ x: Vector) -> Vector { x * normalDistribution(x) }
  @inline(__always) static func slope(_ x: Vector, _ y: Vector) -> Vector {
    normalDistribution(x).addingProduct(0.398_942_28 * x, exponential(-0.5 * x * x))
  }
}

enum SwishUnit: VectorFunction {
  @inline(__always) static func value(_ x: Vector) -> Vector { x * sigmoid(x) }
  @inline(__always) static func slope(_ x: Vector, _ y: Vector) -> Vector {
    let s = sigmoid(x)
    return s * Vector(repeating: 1).addingProduct(x, 1 - s)
  }
}

enum Logistic: VectorFunction {
  @inline(__always) static func value(_ x: Vector) -> Vector { sigmoid(x) }
  @inline(__always) static func slope(_ x: Vector, _ y: Vector) -> Vector { y * (1 - y) }
}

enum Tangent: VectorFunction {
  @inline(__always) static func value(_ x: Vector) -> Vector { hyperbolicTangent(x) }
  @inline(__always) static func slope(_ x: Vector, _ y: Vector) -> Vector { 1 - y * y }
}

extension Activation {
  /// Whether the derivative reads the input; otherwise the output is enough.
  public var derivativeReadsInput: Bool { self == .gelu || self == .silu }
}

/// Activations over contiguous elements.
enum ActivationKernel {
  /// `y = f(x)`; x and y may be the same.
  static func apply(
    _ function: Activation, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    switch function {
    case .identity: if x != UnsafePointer(y) { y.update(from: x, count: count) }
    case .relu: map(Rectifier.self, x, y, count)
    case .gelu: map(GaussianUnit.self, x, y, count)
    case .silu: map(SwishUnit.self, x, y, count)
    case .sigmoid: map(Logistic.self, x, y, count)
    case .tanh: map(Tangent.self, x, y, count)
    }
  }

  /// `out = g·f'(kept)`, where `kept` is the input or the output as `derivativeReadsInput` says.
  static func pullBack(
    _ function: Activation, _ g: UnsafePointer<Float>, _ kept: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    switch function {
    case .identity: if g != UnsafePointer(out) { out.update(from: g, count: count) }
    case .relu: slopes(Rectifier.self, g, kept, out, count)
    case .gelu: slopes(GaussianUnit.self, g, kept, out, count)
    case .silu: slopes(SwishUnit.self, g, kept, out, count)
    case .sigmoid: slopes(Logistic.self, g, kept, out, count)
    case .tanh: slopes(Tangent.self, g, kept, out, count)
    }
  }

  @inline(__always)
  private static func map<F: VectorFunction>(
    _ function: F.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var i = 0
    while i + 16 <= count {
      store(F.value(load(x + i)), y + i)
      i += 16
    }
    if i < count { store(F.value(load(x + i, first: count - i)), y + i, first: count - i) }
  }

  @inline(__always)
  private static func slopes<F: VectorFunction>(
    _ function: F.Type, _ g: UnsafePointer<Float>, _ kept: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var i = 0
    while i < count {
      let filled = min(16, count - i)
      let k = load(kept + i, first: filled)
      store(load(g + i, first: filled) * F.slope(k, k), out + i, first: filled)
      i += 16
    }
  }
}

extension Workspace {
  /// A function of each element.
  public func activation(_ x: Tensor, _ function: Activation) -> Tensor {
    let result = tensor(x.shape)
    let (a, c) = (x.pointer, result.pointer)
    elementwise(x.count) { range in
      ActivationKernel.apply(function, a + range.lowerBound, c + range.lowerBound, range.count)
    }
    return result
  }

  /// The gradient of an activation's input from its input or output, as `derivativeReadsInput` says.
  public func activationGradient(_ gradient: Tensor, kept: Tensor, _ function: Activation) -> Tensor {
    if function == .identity { return gradient }
    let result = tensor(gradient.shape)
    let (g, k, c) = (gradient.pointer, kept.pointer, result.pointer)
    elementwise(gradient.count) { range in
      let first = range.lowerBound
      ActivationKernel.pullBack(function, g + first, k + first, c + first, range.count)
    }
    return result
  }
}
