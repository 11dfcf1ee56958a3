/// A graph of plain operators with constants, and the file that holds it.
public struct ONNXModel {
  /// The types of elements that graphs here use.
  public enum Element: Int64, Sendable {
    /// 32-bit floats.
    case float = 1
    /// 64-bit integers.
    case integer = 7
  }

  /// A setting of an operator.
  public enum Attribute: Sendable {
    /// One whole number.
    case integer(Int)
    /// Several whole numbers.
    case integers([Int])
  }

  private static let irVersion: Int64 = 8
  private static let opset: Int64 = 17

  private let name: String
  private var nodes: [[UInt8]] = []
  private var constants: [[UInt8]] = []
  private var inputs: [[UInt8]] = []
  private var outputs: [[UInt8]] = []
  private var metadata: [(key: String, value: String)] = []
  private var operators: [String] = []

  /// An empty graph.
  public init(name: String) { self.name = name }

  /// Types of the operators in order.
  public var operatorTypes: [String] { operators }

  /// Adds an operator.
  public mutating func add(
    _ type: String, inputs: [String], outputs: [String], attributes: [(name: String, value: Attribute)] = []
  ) {
    var node = ProtobufWriter()
    for input in inputs { node.string(1, input) }
    for output in outputs { node.string(2, output) }
    node.string(3, outputs.first ?? type)
    node.string(4, type)
    for (name, value) in attributes {
      node.message(5) { attribute in
        attribute.string(1, name)
        switch value {
        case .integer(let number):
          attribute.integer(3, Int64(number))
          attribute.integer(20, 2)
        case .integers(let numbers):
          attribute.integers(8, numbers.map(Int64.init))
          attribute.integer(20, 7)
        }
      }
    }
    nodes.append(node.bytes)
    operators.append(type)
  }

  /// Adds a constant of floats in row-major order.
  public mutating func constant(_ name: String, shape: [Int], _ values: some Sequence<Float>) {
    constants.append(
      tensor(
        name, shape, .float,
        values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }))
  }

  /// Adds a constant of whole numbers in row-major order.
  public mutating func constant(_ name: String, shape: [Int], _ values: some Sequence<Int>) {
    constants.append(
      tensor(
        name, shape, .integer,
        values.flatMap { value in withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) } }))
  }

  private func tensor(_ name: String, _ shape: [Int], _ type: Element, _ raw: [UInt8]) -> [UInt8] {
    var tensor = ProtobufWriter()
    if !shape.isEmpty { tensor.integers(1, shape.map(Int64.init)) }
    tensor.integer(2, type.rawValue)
    tensor.string(8, name)
    tensor.bytes(9, raw)
    return tensor.bytes
  }

  /// Names an input of rows, any number of them.
  public mutating func input(_ name: String, _ type: Element, columns: Int) {
    inputs.append(rows(name, type, columns))
  }

  /// Names an output of rows, as many as the inputs have.
  public mutating func output(_ name: String, _ type: Element, columns: Int) {
    outputs.append(rows(name, type, columns))
  }

  private func rows(_ name: String, _ type: Element, _ columns: Int) -> [UInt8] {
    var info = ProtobufWriter()
    info.string(1, name)
    info.message(2) { form in
      form.message(1) { tensor in
        tensor.integer(1, type.rawValue)
        tensor.message(2) { shape in
          shape.message(1) { $0.string(2, "batch") }
          shape.message(1) { $0.integer(1, Int64(columns)) }
        }
      }
    }
    return info.bytes
  }

  /// Adds a word of description.
  public mutating func describe(_ key: String, _ value: String) { metadata.append((key, value)) }

  /// The file.
  public var bytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.integer(1, ONNXModel.irVersion)
    writer.string(2, "tern")
    writer.message(7) { graph in
      for node in nodes { graph.bytes(1, node) }
      graph.string(2, name)
      for constant in constants { graph.bytes(5, constant) }
      for input in inputs { graph.bytes(11, input) }
      for output in outputs { graph.bytes(12, output) }
    }
    writer.message(8) { $0.integer(2, ONNXModel.opset) }
    for (key, value) in metadata {
      writer.message(14) { entry in
        entry.string(1, key)
        entry.string(2, value)
      }
    }
    return writer.bytes
  }
}
