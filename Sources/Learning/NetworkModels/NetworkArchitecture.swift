import Diagnostics
import Layers
import Networks

/// The networks over tables, each with its shape.
public enum NetworkArchitecture: Sendable, Equatable {
  /// TabNet.
  case tabnet(TabNetConfiguration)
  /// FT-Transformer.
  case ftTransformer(FTTransformerConfiguration)

  /// What the network is called in files and on the command line.
  public var name: String {
    switch self {
    case .tabnet: TabNet.name
    case .ftTransformer: FTTransformer.name
    }
  }

  /// The network with parameters of a scope's source.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration, of kind `data` as the source does.
  public func network(
    inputs: TabularInputs, outputs: Int, _ scope: ParameterScope
  ) throws(TernError) -> any TabularNetwork {
    switch self {
    case .tabnet(let shape): try TabNet(shape, inputs: inputs, outputs: outputs, scope)
    case .ftTransformer(let shape): try FTTransformer(shape, inputs: inputs, outputs: outputs, scope)
    }
  }
}

/// `{"name": "tabnet", "configuration": {"n_d": 8, …}}`.
extension NetworkArchitecture: Codable {
  private enum Key: String, CodingKey { case name, configuration }

  /// Reads an architecture.
  /// - Throws: `TernError` for an unknown network or key.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let name = try values.decode(String.self, forKey: .name)
    switch name {
    case TabNet.name: self = .tabnet(try values.decode(TabNetConfiguration.self, forKey: .configuration))
    case FTTransformer.name:
      self = .ftTransformer(try values.decode(FTTransformerConfiguration.self, forKey: .configuration))
    default:
      throw TernError(
        .data, "is not a known network", key: "name", found: "\"\(name)\"",
        expected: "\(TabNet.name) or \(FTTransformer.name)")
    }
  }

  /// Writes an architecture.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(name, forKey: .name)
    switch self {
    case .tabnet(let shape): try values.encode(shape, forKey: .configuration)
    case .ftTransformer(let shape): try values.encode(shape, forKey: .configuration)
    }
  }
}
