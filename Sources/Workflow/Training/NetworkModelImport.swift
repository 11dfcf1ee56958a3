import Artifacts
import Checkpoints
import Diagnostics
import Files
import Layers
import NetworkFormats
import NetworkModels
import Networks
import Preprocessing

/// Makes a run directory of a network that another program trained or that `tern export` wrote: the work behind `tern import`.
///
/// A safetensors file of `state_dict()` names its `program` (pytorch-tabnet or rtdl_revisiting_models) in the metadata, and
/// the constructor's arguments as the JSON object `configuration`. What else it may say: `feature_names` and `classes`
/// (JSON lists of strings), `target`, and `task` (binary for one logit). Inputs are what the original takes: numbers as they
/// are, and codes, whose missing and unknown values get the mean of their column's vectors. A file of `tern export` holds
/// all of this in its `description` and is taken as it was.
public struct NetworkModelImport: Sendable {
  /// The model as it is stored and served.
  public let artifact: NetworkArtifact
  private let digest: Digest

  /// Whether a file names a program of networks, or is an artifact of a network.
  /// - Throws: `TernError` of kind `data` for a file that is no safetensors file.
  public static func recognises(path: String) throws(TernError) -> Bool {
    let file = try SafetensorsFile(path: path)
    if file.metadata[NetworkModelExport.Key.program] != nil { return true }
    return file.names.contains { $0.hasPrefix("network.") }
  }

  /// Reads a file.
  /// - Parameter target: name of the target column; nil takes the file's, or `target`.
  /// - Throws: `TernError` of kind `data` or `configuration` for anything in the file.
  public init(path: String, target: String? = nil) throws(TernError) {
    let bytes = try AtomicFile.read(path)
    digest = Digest(of: bytes)
    let file = try SafetensorsFile(bytes: Array(bytes), named: path)
    guard let program = file.metadata[NetworkModelExport.Key.program] else {
      artifact = try NetworkArtifact(file: file)
      return
    }
    do throws(TernError) {
      if let text = file.metadata[NetworkModelExport.Key.description] {
        artifact = try NetworkModelImport.described(file, text)
      } else {
        artifact = try NetworkModelImport.foreign(file, program: program, target: target)
      }
    } catch {
      throw error.inFile(path)
    }
  }

  /// The tensors of a file; counters, which mean nothing here, left out.
  private static func tensors(_ file: SafetensorsFile) throws(TernError) -> [ForeignTensor] {
    var tensors: [ForeignTensor] = []
    for name in file.names where !name.hasSuffix("num_batches_tracked") {
      let tensor = try file.float32(name)
      tensors.append(ForeignTensor(name: name, shape: tensor.shape, values: tensor.array))
    }
    return tensors
  }

  /// The weights of a network in its own order and under its own names.
  private static func weights(
    _ header: NetworkModel.Header, _ tensors: [ForeignTensor]
  ) throws(TernError) -> [ParameterValues] {
    let names: NameTable
    switch header.architecture {
    case .tabnet: names = .tabNet
    case .ftTransformer: names = .ftTransformer
    }
    let source = ForeignSource(tensors, names: names)
    let network = try header.architecture.network(
      inputs: header.inputs, outputs: header.outputs, ParameterScope(source, into: Parameters()))
    try source.requireAllUsed()
    return network.parameters.values
  }

  private static func described(_ file: SafetensorsFile, _ text: String) throws(TernError) -> NetworkArtifact
  {
    var description = try CanonicalJSON.decode(
      NetworkArtifact.Description.self, from: text.utf8, file: file.path)
    let quantiles = try CanonicalJSON.decode(
      [Double].self, from: (file.metadata[NetworkModelExport.Key.quantiles] ?? "[]").utf8, file: file.path)
    description.header.preparation = try description.header.preparation.filled(with: quantiles)
    let weights = try weights(description.header, try tensors(file))
    return try NetworkArtifact(
      description: description, model: try NetworkModel(header: description.header, weights: weights))
  }

  private static func foreign(
    _ file: SafetensorsFile, program: String, target: String?
  ) throws(TernError) -> NetworkArtifact {
    let known = [NameTable.tabNet.program, NameTable.ftTransformer.program]
    guard known.contains(where: { program.hasPrefix($0) }) else {
      let hint = nearestName(to: program, among: known).map { "; did you mean \($0)?" } ?? ""
      throw TernError(
        .data, "is not a known program\(hint)", key: "__metadata__.program", found: "\"\(program)\"",
        expected: known.joined(separator: " or "))
    }
    let configuration = try ForeignConfiguration(
      program: program, json: file.metadata[NetworkModelExport.Key.configuration] ?? "{}", file: file.path)
    func list(_ key: String, or fallback: [String], count: Int) throws(TernError) -> [String] {
      guard let text = file.metadata[key] else { return fallback }
      let values = try CanonicalJSON.decode([String].self, from: text.utf8, file: file.path)
      guard values.count == count else {
        throw TernError(
          .data, "has another length", key: "__metadata__.\(key)", found: "\(values.count)",
          expected: "\(count)")
      }
      return values
    }
    let outputs = configuration.outputs
    let task: Task =
      outputs > 1 ? .multiclass : file.metadata["task"] == Task.binary.rawValue ? .binary : .regression
    let count = task == .multiclass ? outputs : task == .binary ? 2 : 0
    let classes = try list("classes", or: (0..<count).map(String.init), count: count)
    let names = try list(
      "feature_names", or: (0..<configuration.columns).map { "x\($0)" }, count: configuration.columns)
    // Vocabularies are sorted as text; each word is a code of the original.
    var vocabularies = [[String]?](repeating: nil, count: configuration.columns)
    for (position, size) in zip(configuration.positions, configuration.cardinalities) {
      vocabularies[position] = (0..<size).map(String.init).sorted()
    }
    let preparation = TablePreparation(identity: vocabularies.map { $0?.compactMap { Int32($0) } })
    let header = NetworkModel.Header(
      architecture: configuration.architecture, featureNames: names, preparation: preparation,
      target: .identity, outputs: outputs,
      link: task == .multiclass ? .softmax : task == .binary ? .logistic : .identity)
    let weights = try weights(header, try tensors(file).map(withMeanRows))
    let signature = ModelSignature(
      inputs: zip(names, vocabularies).map { ModelSignature.Input(name: $0, vocabulary: $1) },
      target: target ?? file.metadata["target"] ?? ModelImport.unnamedTarget, task: task, classes: classes)
    return try NetworkArtifact(
      description: NetworkArtifact.Description(
        model: header.architecture.name, signature: signature, featureSchema: nil, header: header,
        parameters: .object(["imported_from": .string(program)]), bestIteration: 0),
      model: try NetworkModel(header: header, weights: weights))
  }

  /// A table of vectors with two more rows, for missing and unknown values: the mean of the others. Other tensors stay.
  private static func withMeanRows(_ tensor: ForeignTensor) -> ForeignTensor {
    let isTable = ["cat_embeddings.embeddings.", "embedder.embeddings."].contains {
      tensor.name.hasPrefix($0)
    }
    guard isTable, tensor.shape.count == 2, tensor.shape[0] > 0 else { return tensor }
    let (rows, width) = (tensor.shape[0], tensor.shape[1])
    var mean = [Double](repeating: 0, count: width)
    for index in tensor.values.indices { mean[index % width] += Double(tensor.values[index]) / Double(rows) }
    let row = mean.map { Float($0) }
    return ForeignTensor(name: tensor.name, shape: [rows + 2, width], values: tensor.values + row + row)
  }

  /// Writes checkpoint, artifact and summary.
  /// - Returns: the facts of the run.
  public func write(to output: String) throws(TernError) -> TableTraining.Summary {
    try RunDirectory(path: output).write(imported: .network(artifact), from: digest)
  }
}
