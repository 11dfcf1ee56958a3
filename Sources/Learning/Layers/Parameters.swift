public import Compute
public import Diagnostics
public import Tensors

/// The parameters of a network in the order in which its layers asked for them, each name once.
public final class Parameters {
  /// All parameters, statistics included.
  public private(set) var all: [Parameter] = []
  private var positions: [String: Int] = [:]

  /// No parameters yet.
  public init() {}

  /// The parameters that an optimiser moves, in order.
  public var trainable: [Parameter] { all.filter(\.isTrainable) }

  /// Number of trainable numbers.
  public var trainableCount: Int { trainable.reduce(0) { $0 + $1.value.count } }

  /// The parameter of a name.
  public subscript(_ name: String) -> Parameter? { positions[name].map { all[$0] } }

  /// Forgets all gradients.
  public func clearGradients() {
    for parameter in all { parameter.gradient = nil }
  }

  /// Derives from every weight what products read, so that the first prediction costs what the next ones do and threads
  /// may share the model.
  public func prepare() {
    for parameter in matrices { _ = parameter.packedMatrix() }
  }

  /// The same on all lanes of a pool; with gradients also what products of the way back read.
  public func prepare(on pool: ThreadPool, withGradients: Bool) {
    let matrices = matrices
    pool.parallelFor(count: matrices.count) { index, _ in
      _ = matrices[index].packedMatrix()
      if withGradients { _ = matrices[index].packedMatrixForGradients() }
    }
  }

  private var matrices: [Parameter] { all.filter(\.isMultiplied) }

  /// Adds a parameter whose values come from a source.
  /// - Throws: `TernError` of kind `data` when the name is taken or the source refuses.
  func add(
    _ name: String, _ shape: Shape, _ initialiser: Initialiser, role: Parameter.Role,
    from source: any ParameterSource
  ) throws(TernError) -> Parameter {
    guard positions[name] == nil else { throw TernError(.data, "two parameters have one name", key: name) }
    let value = Tensor(uninitialised: shape)
    try source.fill(value, name: name, initialiser: initialiser)
    let parameter = Parameter(name: name, role: role, index: all.count, value: value)
    positions[name] = all.count
    all.append(parameter)
    return parameter
  }
}

/// Where a layer finds its parameters: a source, a place in the dotted names, and the list they are added to.
///
///     let scope = ParameterScope(RandomSource(seed: 7), into: parameters)
///     let head = try Linear(192, 1, scope["head"])   // head.weight, head.bias
public struct ParameterScope {
  /// The list that parameters are added to.
  public let parameters: Parameters
  private let source: any ParameterSource
  private let prefix: String

  /// The outermost scope.
  public init(_ source: any ParameterSource, into parameters: Parameters) {
    self.init(source, parameters, prefix: "")
  }

  private init(_ source: any ParameterSource, _ parameters: Parameters, prefix: String) {
    self.source = source
    self.parameters = parameters
    self.prefix = prefix
  }

  /// The scope of a part: its parameters are named `part.…`.
  public subscript(_ part: String) -> ParameterScope {
    ParameterScope(source, parameters, prefix: prefix + part + ".")
  }

  /// The scope of the part with a number.
  public subscript(_ part: Int) -> ParameterScope { self[String(part)] }

  /// Pulls a parameter.
  /// - Throws: `TernError` of kind `data` when the name is taken, absent in the source or of another shape there.
  public func parameter(
    _ name: String, _ shape: Shape, _ initialiser: Initialiser, role: Parameter.Role = .weight
  ) throws(TernError) -> Parameter {
    try parameters.add(prefix + name, shape, initialiser, role: role, from: source)
  }
}
