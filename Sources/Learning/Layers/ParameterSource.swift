public import Diagnostics
public import Tensors

/// Where the values of parameters come from: random numbers, or a file of whatever format.
public protocol ParameterSource: AnyObject {
  /// Writes a parameter's values.
  /// - Throws: `TernError` of kind `data` when the source has no such name or another shape under it.
  func fill(_ tensor: Tensor, name: String, initialiser: Initialiser) throws(TernError)
}

/// Draws values as each parameter's initialiser says; the n-th parameter has the n-th stream of the seed.
public final class RandomSource: ParameterSource {
  private let seed: UInt64
  private var drawn: UInt64 = 0

  /// A source of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// Draws the values.
  public func fill(_ tensor: Tensor, name: String, initialiser: Initialiser) {
    initialiser.fill(tensor, seed: seed, stream: drawn)
    drawn += 1
  }
}

/// Values read from somewhere, by name: safetensors, HDF5 and PyTorch files all come through here.
public final class StoredSource: ParameterSource {
  /// Reads the values of a stored tensor of a known shape into memory; the closure is called once for each name.
  public typealias Reader = (_ name: String, _ into: Tensor) throws(TernError) -> Void

  private let shapes: [String: [Int]]
  private let order: [String]
  private let mapping: (String) -> String
  private let read: Reader
  private var used: Set<String> = []

  /// A source over stored tensors.
  /// - Parameters:
  ///   - stored: names and shapes of what is there, in file order.
  ///   - mapping: the stored name of a parameter, for files of programs with other names.
  ///   - read: reads one of them.
  public init(
    stored: [(name: String, shape: [Int])], mapping: @escaping (String) -> String = { $0 },
    read: @escaping Reader
  ) {
    shapes = Dictionary(stored.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    order = stored.map(\.name)
    self.mapping = mapping
    self.read = read
  }

  /// Reads the values, the shape checked first.
  public func fill(_ tensor: Tensor, name: String, initialiser: Initialiser) throws(TernError) {
    let stored = mapping(name)
    guard let shape = shapes[stored] else {
      let hint = nearestName(to: stored, among: order).map { "; the nearest is \($0)" } ?? ""
      throw TernError(.data, "no tensor of this name is stored\(hint)", key: stored)
    }
    guard shape == tensor.shape.list else {
      throw TernError(
        .data, "the stored tensor has another shape", key: stored, found: "\(shape)",
        expected: "\(tensor.shape.list)")
    }
    try read(stored, tensor)
    used.insert(stored)
  }

  /// The stored tensors that no parameter asked for, in file order.
  public var unused: [String] { order.filter { !used.contains($0) } }

  /// Refuses a file that holds more than the network does.
  /// - Throws: `TernError` of kind `data` naming the first tensor that no parameter asked for.
  public func requireAllUsed() throws(TernError) {
    guard let first = unused.first else { return }
    throw TernError(.data, "the network has no such parameter", key: first)
  }
}
