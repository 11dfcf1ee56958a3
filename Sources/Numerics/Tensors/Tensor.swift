/// A contiguous array of `Float` with a shape: a reference to its storage, not a copy.
///
/// Tensors that share a storage share their elements. Operations never write into their operands; whoever writes
/// through `pointer` knows that nobody else reads.
public struct Tensor {
  /// The extents.
  public let shape: Shape
  /// Where the elements lie.
  public let storage: Storage

  /// A view of the first `shape.count` elements of a storage.
  public init(_ storage: Storage, _ shape: Shape) {
    require(shape.count <= storage.capacity, "a tensor is larger than its storage")
    self.storage = storage
    self.shape = shape
  }

  /// A tensor outside any workspace with undefined elements.
  public init(uninitialised shape: Shape) { self.init(Storage(capacity: shape.count), shape) }

  /// A tensor outside any workspace with every element the same.
  public init(repeating value: Float, _ shape: Shape) {
    self.init(uninitialised: shape)
    pointer.update(repeating: value, count: shape.count)
  }

  /// A tensor outside any workspace with the elements of a list in row-major order.
  public init(_ elements: some Collection<Float>, _ shape: Shape) {
    require(elements.count == shape.count, "a tensor has as many elements as its shape")
    self.init(uninitialised: shape)
    var index = 0
    for element in elements {
      pointer[index] = element
      index += 1
    }
  }

  /// The first element.
  public var pointer: UnsafeMutablePointer<Float> { storage.pointer }
  /// Number of elements.
  public var count: Int { shape.count }
  /// The elements as a list in row-major order.
  public var elements: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  /// The element of a tensor with exactly one.
  public var scalar: Float {
    require(count == 1, "only a tensor of one element is a number")
    return pointer[0]
  }

  /// The same elements under another shape of as many.
  public func reshaped(_ shape: Shape) -> Tensor {
    require(shape.count == count, "a tensor of \(self.shape) cannot have the shape \(shape)")
    return Tensor(storage, shape)
  }
}

/// A contiguous array of 32-bit integers with a shape: categories, class labels, row numbers.
public struct IndexTensor {
  /// The extents.
  public let shape: Shape
  private let storage: Storage

  /// A view of the first `shape.count` elements of a storage, read as integers.
  public init(_ storage: Storage, _ shape: Shape) {
    require(shape.count <= storage.capacity, "a tensor is larger than its storage")
    self.storage = storage
    self.shape = shape
  }

  /// A tensor outside any workspace with the elements of a list in row-major order.
  public init(_ elements: some Collection<Int32>, _ shape: Shape) {
    require(elements.count == shape.count, "a tensor has as many elements as its shape")
    self.init(Storage(capacity: shape.count), shape)
    var index = 0
    for element in elements {
      pointer[index] = element
      index += 1
    }
  }

  /// The first element.
  public var pointer: UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(storage.pointer).assumingMemoryBound(to: Int32.self)
  }
  /// Number of elements.
  public var count: Int { shape.count }
  /// The elements as a list in row-major order.
  public var elements: [Int32] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
