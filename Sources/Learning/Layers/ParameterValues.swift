public import Tensors

/// A parameter's values outside any network, as files hold them.
public struct ParameterValues: Sendable, Equatable {
  /// The dotted name.
  public var name: String
  /// The extents.
  public var shape: [Int]
  /// The values in row-major order.
  public var values: [Float]

  /// Gathers the parts.
  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

extension Parameters {
  /// Copies of all values, statistics included, in order.
  public var values: [ParameterValues] {
    all.map { ParameterValues(name: $0.name, shape: $0.shape.list, values: $0.value.elements) }
  }
}
