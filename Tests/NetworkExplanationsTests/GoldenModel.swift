import Artifacts
import Compute
import Diagnostics
import FoundationEssentials
import Layers
import NetworkFormats
import NetworkModels
import Networks
import Preprocessing

/// A network of the golden files of the networks as a model whose inputs are what the original takes.
struct GoldenModel {
  let model: NetworkModel
  /// All rows (feature, row), columns in the table's order.
  let columns: [[Float]]

  /// The arguments of the original programs that describe columns.
  private struct Arguments: Decodable {
    var inputs: Int?
    var outputs: Int?
    var positions: [Int]?
    var cardinalities: [Int]
    var shared: [String: String]

    private enum Key: String, CodingKey {
      case shared
      case inputs = "input_dim"
      case outputs = "output_dim"
      case positions = "cat_idxs"
      case cardinalities = "cat_dims"
      case numbers = "n_cont_features"
      case results = "d_out"
      case categories = "cat_cardinalities"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      positions = try values.decodeIfPresent([Int].self, forKey: .positions)
      cardinalities =
        try values.decodeIfPresent([Int].self, forKey: .cardinalities)
        ?? values.decode([Int].self, forKey: .categories)
      inputs = try values.decodeIfPresent(Int.self, forKey: .inputs)
      outputs =
        try values.decodeIfPresent(Int.self, forKey: .outputs) ?? values.decode(Int.self, forKey: .results)
      if inputs == nil {
        inputs = try values.decode(Int.self, forKey: .numbers) + cardinalities.count
      }
      shared = try values.decode([String: String].self, forKey: .shared)
    }
  }

  static func path(_ file: String, from source: String = #filePath) -> String {
    source.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/"
      + file
  }

  init(_ name: String) throws {
    let file = try SafetensorsFile(path: Self.path("../NetworksTests/Golden/\(name).safetensors"))
    let text = Data((file.metadata["configuration"] ?? "").utf8)
    let arguments = try JSONDecoder().decode(Arguments.self, from: text)
    let isTabNet = name.hasPrefix("tabnet")
    let (width, count) = (arguments.inputs ?? 0, arguments.cardinalities.count)
    let positions = arguments.positions ?? Array(width - count..<width)
    let outputs = arguments.outputs ?? 1
    let architecture: NetworkArchitecture =
      isTabNet
      ? .tabnet(try Self.configuration(text, ["input_dim", "output_dim", "cat_dims"]))
      : .ftTransformer(try Self.configuration(text, ["n_cont_features", "cat_cardinalities", "d_out"]))
    let header = NetworkModel.Header(
      architecture: architecture, featureNames: (0..<width).map { "x\($0)" },
      preparation: try Self.preparation(width, positions, arguments.cardinalities), target: .identity,
      outputs: outputs, link: outputs > 1 ? .softmax : .identity)
    let prefix = "weight."
    let tensors = try file.names.filter { $0.hasPrefix(prefix) }.map {
      let tensor = try file.float32($0)
      return ForeignTensor(
        name: String($0.dropFirst(prefix.count)), shape: tensor.shape, values: tensor.array)
    }
    let source = ForeignSource(tensors, names: isTabNet ? .tabNet : .ftTransformer)
    let network = try architecture.network(
      inputs: header.inputs, outputs: outputs, ParameterScope(source, into: Parameters()))
    model = try NetworkModel(header: header, weights: network.parameters.values)
    columns = try isTabNet ? Self.columns(file, "input.x") : Self.columns(file, "input.x_cont", "input.x_cat")
  }

  private static func columns(_ file: SafetensorsFile, _ names: String...) throws -> [[Float]] {
    var columns: [[Float]] = []
    for name in names where file.contains(name) {
      let shape = try file.shape(of: name)
      let values =
        try file.elementType(of: name) == .int64
        ? file.int64(name).array.map { Float($0) } : file.float32(name).array
      for column in 0..<shape[1] { columns.append((0..<shape[0]).map { values[$0 * shape[1] + column] }) }
    }
    return columns
  }

  /// The arguments that are a configuration here.
  private static func configuration<Value: Decodable>(_ text: Data, _ keys: [String]) throws -> Value {
    var object = try JSONDecoder().decode(JSONValue.self, from: text)
    if case .object(var members) = object {
      for key in keys + ["shared"] { members[key] = nil }
      object = .object(members.filter { $0.value != .null })
    }
    return try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(object))
  }

  /// Numbers as they are, codes as rows of the tables.
  private static func preparation(
    _ width: Int, _ positions: [Int], _ cardinalities: [Int]
  ) throws -> TablePreparation {
    let columns = (0..<width).map { column -> String in
      guard let category = positions.firstIndex(of: column) else {
        return #"{"kind": "numeric", "transform": "identity", "fill": 0, "indicator": false}"#
      }
      let count = cardinalities[category]
      return #"{"kind": "categorical", "rows": \#(Array(0..<count)), "cardinality": \#(count)}"#
    }
    let text = "{\"columns\": [\(columns.joined(separator: ","))]}"
    return try JSONDecoder().decode(TablePreparation.self, from: Data(text.utf8))
  }
}
