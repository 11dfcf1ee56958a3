import Artifacts
import Diagnostics
import Files
import NetworkModels
import Networks
import Preprocessing

/// What kind of column an input is for a network.
enum PreparedKind {
  case number, numberWithIndicator, category

  init(_ column: PreparedColumn) {
    switch column {
    case .numeric(let number): self = number.hasIndicator ? .numberWithIndicator : .number
    case .categorical: self = .category
    }
  }
}

/// The constructor's arguments of an original program: the shape of the network, and the columns.
struct ForeignConfiguration {
  /// The network and its shape.
  let architecture: NetworkArchitecture
  /// Number of table columns.
  let columns: Int
  /// Rising positions of the categorical ones among them.
  let positions: [Int]
  /// Rows of the embedding of each of those.
  let cardinalities: [Int]
  /// Number of outputs.
  let outputs: Int

  /// Arguments that describe columns, and what golden files add; the others are a configuration here.
  private static let columnKeys = [
    "input_dim", "output_dim", "cat_dims", "n_cont_features", "cat_cardinalities", "d_out", "shared",
  ]

  /// The arguments that make a model's network.
  init(of header: NetworkModel.Header) {
    architecture = header.architecture
    cardinalities = header.inputs.cardinalities
    columns = header.inputs.numeric + cardinalities.count
    outputs = header.outputs
    var positions = Array(header.inputs.numeric..<columns)
    if case .tabnet(let shape) = architecture, let given = shape.categoryColumns { positions = given }
    self.positions = positions
  }

  /// Reads the arguments.
  /// - Throws: `TernError` of kind `data` for what is no such object, of kind `configuration` for an unknown argument.
  init(program: String, json text: String, file: String) throws(TernError) {
    guard case .object(var members) = try CanonicalJSON.decode(JSONValue.self, from: text.utf8, file: file)
    else { throw TernError(.data, "is no object", file: file, key: "configuration") }
    func integers(_ key: String) throws(TernError) -> [Int] {
      switch members[key] ?? .null {
      case .null: return []
      case .integer(let value): return [Int(value)]
      case .array(let values):
        var result: [Int] = []
        for value in values {
          guard case .integer(let value) = value else {
            throw TernError(.data, "is no whole number", file: file, key: "configuration.\(key)")
          }
          result.append(Int(value))
        }
        return result
      default: throw TernError(.data, "is no whole number", file: file, key: "configuration.\(key)")
      }
    }
    func integer(_ key: String) throws(TernError) -> Int {
      guard let value = try integers(key).first, (0...1_000_000).contains(value) else {
        throw TernError(
          .data, "is missing or no number of columns", file: file, key: "configuration.\(key)")
      }
      return value
    }
    let isTabNet = program.hasPrefix("pytorch-tabnet")
    if isTabNet {
      cardinalities = try integers("cat_dims")
      positions = try integers("cat_idxs")
      columns = try integer("input_dim")
      outputs = try integer("output_dim")
    } else {
      cardinalities = try integers("cat_cardinalities")
      columns = try integer("n_cont_features") + cardinalities.count
      positions = Array(columns - cardinalities.count..<columns)
      outputs = try integer("d_out")
    }
    let width = columns
    guard positions.count == cardinalities.count, cardinalities.allSatisfy({ (1...1 << 26).contains($0) }),
      positions.allSatisfy({ (0..<width).contains($0) })
    else {
      throw TernError(
        .data, "the categorical columns contradict each other", file: file, key: "configuration")
    }
    for key in ForeignConfiguration.columnKeys { members[key] = nil }
    let shape = JSONValue.object(members.filter { $0.value != .null })
    let bytes = try CanonicalJSON.encode(shape)
    architecture =
      isTabNet
      ? .tabnet(try CanonicalJSON.decode(TabNetConfiguration.self, from: bytes, file: file))
      : .ftTransformer(try CanonicalJSON.decode(FTTransformerConfiguration.self, from: bytes, file: file))
  }

  /// The arguments as an object, with what only this program's configuration has beside them.
  /// - Throws: `TernError` of kind `internalFailure` for a configuration that is no object.
  var json: JSONValue {
    get throws(TernError) {
      let isTabNet: Bool
      let shape: [UInt8]
      switch architecture {
      case .tabnet(let configuration):
        (isTabNet, shape) = (true, try CanonicalJSON.encode(configuration))
      case .ftTransformer(let configuration):
        (isTabNet, shape) = (false, try CanonicalJSON.encode(configuration))
      }
      guard case .object(var members) = try CanonicalJSON.decode(JSONValue.self, from: shape, file: "")
      else { throw TernError(.internalFailure, "a configuration is an object") }
      func list(_ values: [Int]) -> JSONValue { .array(values.map { .integer(Int64($0)) }) }
      if isTabNet {
        members["input_dim"] = .integer(Int64(columns))
        members["output_dim"] = .integer(Int64(outputs))
        members["cat_idxs"] = list(positions)
        members["cat_dims"] = list(cardinalities)
      } else {
        members["n_cont_features"] = .integer(Int64(columns - cardinalities.count))
        members["cat_cardinalities"] = list(cardinalities)
        members["d_out"] = .integer(Int64(outputs))
      }
      return .object(members)
    }
  }
}
