/// A tensor that another program stored, in memory.
public struct ForeignTensor: Sendable {
  /// The name there.
  public let name: String
  /// The extents.
  public let shape: [Int]
  /// The elements in row-major order.
  public let values: [Float]

  /// A tensor.
  public init(name: String, shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "a tensor has as many elements as its shape")
    self.name = name
    self.shape = shape
    self.values = values
  }
}
