public import Tensors

/// A named tensor that a network keeps: a weight that training changes, or a statistic such as a running mean.
///
/// A parameter belongs to the leading thread that computes with it; threads that share a model share it read-only.
public final class Parameter {
  /// What a parameter is, which decides whether weight decay applies to it.
  public enum Role: String, Sendable {
    /// A matrix of a linear layer: decays.
    case weight
    /// An additive vector.
    case bias
    /// The scale or shift of a normalisation.
    case normalisation
    /// A table of vectors, tokens among them.
    case embedding
    /// A running statistic: no gradient, kept up to date by the training backend.
    case statistic
  }

  /// The dotted name, which is also the name in files.
  public let name: String
  /// What it is.
  public let role: Role
  /// The position in `Parameters`.
  public let index: Int
  /// The values. Whoever writes into them calls `changed()` afterwards.
  public private(set) var value: Tensor
  /// Whether products read it in an order of their own, which threads can share only once it is made.
  public var isMultiplied: Bool
  /// The sum of the gradients since it was last set to nil.
  public var gradient: Tensor?
  /// How often the values have changed: what was derived from them is stale when this is another number.
  public private(set) var version = 0
  private var packed: PackedMatrix?
  private var packedBack: PackedMatrix?

  /// A parameter with its values.
  public init(name: String, role: Role, index: Int, value: Tensor) {
    self.name = name
    self.role = role
    self.index = index
    self.value = value
    isMultiplied = role == .weight && value.shape.rank == 2
  }

  /// Whether an optimiser moves it.
  public var isTrainable: Bool { role != .statistic }
  /// The extents.
  public var shape: Shape { value.shape }

  /// Makes what was derived from the values stale.
  public func changed() {
    version += 1
    packed?.isStale = true
    packedBack?.isStale = true
  }

  /// Takes other values of the same shape.
  public func assign(_ tensor: Tensor) {
    precondition(tensor.shape == shape, "\(name) has the shape \(shape), not \(tensor.shape)")
    value.pointer.update(from: tensor.pointer, count: value.count)
    changed()
  }

  /// The matrix (outputs, inputs) in the order in which products read it, made again only when the values changed.
  public func packedMatrix() -> PackedMatrix {
    if let packed {
      if packed.isStale { packed.pack(value) }
      return packed
    }
    let fresh = PackedMatrix(value)
    packed = fresh
    return fresh
  }

  /// The same for products with the matrix itself, through which gradients go back: kept apart, as predictions need none.
  public func packedMatrixForGradients() -> PackedMatrix {
    if let packedBack {
      if packedBack.isStale { packedBack.pack(value) }
      return packedBack
    }
    let fresh = PackedMatrix(value, transposed: true)
    packedBack = fresh
    return fresh
  }
}
