import Artifacts
import Compute
import Diagnostics
import Files
import NetworkFormats
import NetworkModels
import Networks

/// Writes a network for another program: the work behind `tern export` for networks.
public enum NetworkModelExport {
  /// How far a copy that was read again is from the model.
  public struct Receipt: Codable, Sendable, Equatable {
    /// Number of rows that were predicted by both.
    public var rows: Int
    /// The greatest difference of weights.
    public var maximumWeightDifference: Double
    /// The greatest difference of predictions, after the link.
    public var maximumPredictionDifference: Double

    enum CodingKeys: String, CodingKey {
      case rows
      case maximumWeightDifference = "max_weight_difference"
      case maximumPredictionDifference = "max_prediction_difference"
    }

    /// Compares a model with its copy over sampled rows.
    init(of model: NetworkModel, and copy: NetworkModel, rows: Int, seed: UInt64, pool: ThreadPool)
      throws(TernError)
    {
      let columns = NetworkSample.columns(of: model, rows: rows, seed: seed)
      let (before, after) = (
        try model.predict(columns: columns, pool: pool), try copy.predict(columns: columns, pool: pool)
      )
      self.rows = rows
      maximumPredictionDifference = zip(before, after).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
      var largest: Float = 0
      for (a, b) in zip(model.weights, copy.weights) {
        for (x, y) in zip(a.values, b.values) { largest = max(largest, abs(x - y)) }
      }
      maximumWeightDifference = Double(largest)
    }
  }

  /// The formats of networks: weights under the names of the original program, and a graph.
  public enum Format: String, CaseIterable, Sendable {
    /// Tensors as `load_state_dict` of the original program takes them; description and quantiles stand in the metadata.
    case safetensors
    /// A graph from the prepared inputs to values or logits.
    case onnx
  }

  /// Keys of the metadata of a safetensors file.
  enum Key {
    static let program = "program"
    static let configuration = "configuration"
    static let description = "description"
    static let quantiles = "quantiles"
  }

  /// Rows that the receipt of an export is sampled over.
  static let sampledRows = 2000

  /// Writes a file, and reads it again and compares where the format can be read.
  /// - Returns: what the comparison gave; nil for a graph.
  /// - Throws: `TernError` of kind `usage` for an unknown format, of kind `data` where it cannot say what the network does.
  public static func write(
    _ artifact: NetworkArtifact, format name: String, to output: String, seed: UInt64, pool: ThreadPool
  ) throws(TernError) -> Receipt? {
    let names = Format.allCases.map(\.rawValue)
    guard let format = Format(rawValue: name) else {
      let hint = nearestName(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .usage, "is not a format of networks\(hint)", key: "--format", found: "\"\(name)\"",
        expected: "one of \(names.joined(separator: ", "))")
    }
    let network = try artifact.model.network()
    switch format {
    case .safetensors:
      let tensors = try ForeignExport.tensors(of: network).map {
        NamedTensor($0.name, shape: $0.shape, .float32($0.values))
      }
      try Safetensors.write(tensors: tensors, metadata: try metadata(artifact, network), to: output)
      let copy = try NetworkModelImport(path: output).artifact
      return try Receipt(
        of: artifact.model, and: copy.model, rows: sampledRows, seed: seed, pool: pool)
    case .onnx:
      try AtomicFile.write(
        try NetworkONNX.write(network, metadata: try description(artifact)), to: output)
      return nil
    }
  }

  private static func metadata(
    _ artifact: NetworkArtifact, _ network: any TabularNetwork
  ) throws(TernError) -> [String: String] {
    [
      // What PyTorch's own readers look for.
      "format": "pt",
      Key.program: try ForeignExport.names(of: network).program,
      Key.configuration: try text(ForeignConfiguration(of: artifact.model.header).json),
      Key.description: try text(artifact.description),
      Key.quantiles: try text(artifact.model.header.preparation.quantiles),
    ]
  }

  /// What a graph says of itself: its inputs in order, its outputs, and the whole description.
  private static func description(
    _ artifact: NetworkArtifact
  ) throws(TernError) -> [(key: String, value: String)] {
    let signature = artifact.description.signature
    let columns = zip(
      signature.inputs.map(\.name), artifact.model.header.preparation.columns.map(PreparedKind.init))
    let numbers = columns.filter { $0.1 != .category }.map { $0.0 }
    let indicators = columns.filter { $0.1 == .numberWithIndicator }.map { "\($0.0) is missing" }
    return [
      ("numeric", try text(numbers + indicators)),
      ("categories", try text(columns.filter { $0.1 == .category }.map { $0.0 })),
      ("classes", try text(signature.classes)),
      ("description", try text(artifact.description)),
      ("quantiles", try text(artifact.model.header.preparation.quantiles)),
    ]
  }

  private static func text(_ value: some Encodable) throws(TernError) -> String {
    String(decoding: try CanonicalJSON.encode(value), as: UTF8.self)
  }
}
