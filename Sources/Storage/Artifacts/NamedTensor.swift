/// An array of numbers with a dotted name and a shape: the unit of checkpoints and artifacts.
public struct NamedTensor: Sendable {
  /// The numbers in row-major order.
  public enum Element: Sendable {
    /// 32-bit floating point.
    case float32([Float])
    /// 64-bit floating point.
    case float64([Double])
    /// Signed 32-bit integers.
    case int32([Int32])
    /// Signed 64-bit integers.
    case int64([Int64])
    /// Unsigned 8-bit integers.
    case uint8([UInt8])

    /// The number of elements.
    public var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int32(let values): values.count
      case .int64(let values): values.count
      case .uint8(let values): values.count
      }
    }

    /// The element type.
    public var type: TensorElementType {
      switch self {
      case .float32: .float32
      case .float64: .float64
      case .int32: .int32
      case .int64: .int64
      case .uint8: .uint8
      }
    }

    /// The elements as they lie in memory: row-major and, on every supported machine, little-endian.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
      switch self {
      case .float32(let values): values.withUnsafeBytes(body)
      case .float64(let values): values.withUnsafeBytes(body)
      case .int32(let values): values.withUnsafeBytes(body)
      case .int64(let values): values.withUnsafeBytes(body)
      case .uint8(let values): values.withUnsafeBytes(body)
      }
    }
  }

  /// The dotted name, such as `encoder.0.weight`.
  public var name: String
  /// The extents; `[]` for a scalar.
  public var shape: [Int]
  /// The numbers.
  public var element: Element

  /// Names an array; the shape must hold exactly its elements.
  public init(_ name: String, shape: [Int], _ element: Element) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == element.count,
      "the shape \(shape) of \(name) must hold \(element.count) elements")
    self.name = name
    self.shape = shape
    self.element = element
  }

  /// Names a vector.
  public init(_ name: String, _ element: Element) {
    self.init(name, shape: [element.count], element)
  }
}

extension NamedTensor: Equatable {
  /// Equal names, shapes, element types and bits: a NaN equals itself, and the zeros of either sign differ.
  public static func == (a: NamedTensor, b: NamedTensor) -> Bool {
    guard a.name == b.name, a.shape == b.shape, a.element.type == b.element.type else { return false }
    return a.element.withUnsafeBytes { first in b.element.withUnsafeBytes { first.elementsEqual($0) } }
  }
}
