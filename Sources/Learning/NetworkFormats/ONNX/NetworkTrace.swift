import Layers
import ONNX
import Tensors

/// The backend that writes down: a network that runs on it leaves the operators of an ONNX graph.
///
/// It computes one row beside, from which it knows every shape; the first axis of whatever comes from an input stands for
/// any number of rows.
final class NetworkTrace: Backend {
  /// A value in the graph.
  struct Value {
    /// The value for the one row.
    let tensor: Tensor
    /// The name in the graph.
    let name: String
    /// Whether the first axis counts rows.
    let isBatched: Bool
  }

  static let numericInput = "numeric"
  static let categoryInput = "categories"

  var workspace: Workspace { eager.workspace }
  var computes: Bool { false }
  var records: Bool { false }
  let eager: Eager
  /// The graph so far.
  private(set) var model: ONNXModel
  /// The first operation without an equivalent, if there was one.
  private(set) var unsupported: String?
  private var named: Set<String> = []
  private var count = 0
  private var categoryColumns = 0

  init(name: String, _ workspace: Workspace) {
    eager = Eager(workspace)
    model = ONNXModel(name: name)
  }

  /// The numeric columns of a network.
  func input(columns: Int) -> Value {
    model.input(NetworkTrace.numericInput, .float, columns: columns)
    return Value(
      tensor: workspace.filled(Shape(1, columns)), name: NetworkTrace.numericInput, isBatched: true)
  }

  /// The codes of a network, all 0 in the row that is computed beside.
  func categoryInput(columns: Int) -> IndexTensor {
    model.input(NetworkTrace.categoryInput, .integer, columns: columns)
    return IndexTensor(Array(repeating: 0, count: columns), Shape(1, columns))
  }

  /// Names the result of a network.
  func finish(_ value: Value, as name: String) {
    model.add("Identity", inputs: [value.name], outputs: [name])
    model.output(name, .float, columns: value.tensor.shape.last)
  }

  /// Adds words of description.
  func describe(_ key: String, _ text: String) { model.describe(key, text) }

  func constant(_ tensor: Tensor) -> Value {
    Value(tensor: tensor, name: floats(tensor.elements, tensor.shape.list), isBatched: false)
  }

  func parameter(_ parameter: Parameter) -> Value {
    Value(tensor: parameter.value, name: stored(parameter), isBatched: false)
  }

  func tensor(_ value: Value) -> Tensor { value.tensor }

  // What operations use

  private func fresh() -> String {
    count += 1
    return "v\(count)"
  }

  /// Adds an operator of one result.
  func add(
    _ type: String, _ inputs: [String], _ attributes: [(name: String, value: ONNXModel.Attribute)] = []
  ) -> String {
    let name = fresh()
    model.add(type, inputs: inputs, outputs: [name], attributes: attributes)
    return name
  }

  /// Adds an operator of several results.
  func add(
    _ type: String, _ inputs: [String], results: Int,
    _ attributes: [(name: String, value: ONNXModel.Attribute)]
  ) -> [String] {
    let names = (0..<results).map { _ in fresh() }
    model.add(type, inputs: inputs, outputs: names, attributes: attributes)
    return names
  }

  /// A constant of floats.
  func floats(_ values: [Float], _ shape: [Int]) -> String {
    let name = fresh()
    model.constant(name, shape: shape, values)
    return name
  }

  /// One float.
  func number(_ value: Float) -> String { floats([value], []) }

  /// A constant list of whole numbers.
  func integers(_ values: [Int]) -> String {
    let name = fresh()
    model.constant(name, shape: [values.count], values)
    return name
  }

  /// One whole number without an axis.
  func integer(_ value: Int) -> String {
    let name = fresh()
    model.constant(name, shape: [], [value])
    return name
  }

  /// A parameter as a constant of its own name.
  func stored(_ parameter: Parameter) -> String {
    if named.insert(parameter.name).inserted {
      model.constant(parameter.name, shape: parameter.shape.list, parameter.value.elements)
    }
    return parameter.name
  }

  /// A matrix (outputs, inputs) as (inputs, outputs).
  func transposed(_ weight: Parameter) -> String {
    let name = "\(weight.name).transposed"
    if named.insert(name).inserted {
      let (rows, columns) = (weight.shape[0], weight.shape[1])
      var values: [Float] = []
      for column in 0..<columns {
        for row in 0..<rows { values.append(weight.value.pointer[row * columns + column]) }
      }
      model.constant(name, shape: [columns, rows], values)
    }
    return name
  }

  /// Extents with any number of rows in front.
  func extents(_ shape: Shape, isBatched: Bool) -> [Int] {
    isBatched && shape.rank > 0 ? [-1] + shape.list.dropFirst() : shape.list
  }

  /// The next categorical column: networks that look codes up column by column do so in the columns' order.
  func nextCategoryColumn() -> Int {
    defer { categoryColumns += 1 }
    return categoryColumns
  }

  /// Notes that an operation has no equivalent.
  func refuse(_ operation: String) { unsupported = unsupported ?? operation }
}
