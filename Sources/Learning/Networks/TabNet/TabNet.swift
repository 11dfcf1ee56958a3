public import Diagnostics
public import Layers
import Tensors

/// TabNet (Arik and Pfister, 2021) after pytorch-tabnet: steps that each look at a few features of a row, chosen anew for every
/// row, and whose decisions add up.
public final class TabNet: TabularNetwork {
  /// What it is called in files.
  public static let name = "tabnet"
  /// What it was made from.
  public let configuration: TabNetConfiguration
  /// The columns that it takes.
  public let inputs: TabularInputs
  /// Number of outputs.
  public let outputs: Int
  /// All parameters by their dotted names.
  public let parameters: Parameters
  let columns: TabNetColumns
  let embedder: TabNetEmbedder
  let encoder: TabNetEncoder
  private let head: Linear

  /// A network whose parameters come from a scope's source.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration, of kind `data` as the source does.
  public init(
    _ configuration: TabNetConfiguration, inputs: TabularInputs, outputs: Int, _ scope: ParameterScope
  ) throws(TernError) {
    try inputs.validate(outputs: outputs)
    try configuration.validate(inputs)
    let columns = TabNetColumns(configuration, inputs)
    self.configuration = configuration
    self.inputs = inputs
    self.outputs = outputs
    parameters = scope.parameters
    self.columns = columns
    embedder = try TabNetEmbedder(configuration, inputs, columns, scope["embedder"])
    encoder = try TabNetEncoder(configuration, columns, scope["encoder"])
    head = try TabNetEncoder.plainMatrix(configuration.decisionWidth, outputs, scope["head"])
  }

  /// Predicts (batch, outputs) with `W·Σ max(d_i, 0)`; the penalty is `lambda_sparse` times the mean entropy of the masks.
  @specialized(where B == Eager)
  public func callAsFunction<B: Backend>(
    _ input: TabularInput<B.Value>, on backend: B
  ) -> NetworkOutput<B.Value> {
    var decided: B.Value?
    var terms: B.Value?
    encoder(embedder(input, backend), prior: nil, backend) { shown in
      decided = decided.map { backend.add($0, shown.decision) } ?? shown.decision
      guard backend.records else { return }
      let own = entropyTerms(shown.mask, backend)
      terms = terms.map { backend.add($0, own) } ?? own
    }
    guard let decided else { preconditionFailure("a network has steps") }
    let weight = -configuration.sparsityWeight / Float(configuration.steps)
    return NetworkOutput(
      prediction: head(decided, backend), penalty: terms.map { backend.affine($0, factor: weight, offset: 0) }
    )
  }

  /// The mean over rows of `Σ M·ln(M + ε)`, minus the entropy of a mask.
  private func entropyTerms<B: Backend>(_ mask: B.Value, _ backend: B) -> B.Value {
    let terms = backend.entropyTerms(mask, epsilon: configuration.epsilon)
    return backend.mean(backend.sum(terms, axis: 1), axis: 0)
  }

  /// Takes embeddings and encoder over from self-supervised training; the head stays.
  /// - Throws: `TernError` of kind `configuration` when the shapes differ.
  public func takeEncoder(of pretrained: TabNetPretraining) throws(TernError) {
    for parameter in parameters.all where !parameter.name.hasPrefix("head.") {
      guard let other = pretrained.parameters[parameter.name], other.shape == parameter.shape else {
        throw TernError(
          .configuration, "the pretrained network has no such parameter", key: parameter.name,
          found: pretrained.parameters[parameter.name].map { "\($0.shape)" }, expected: "\(parameter.shape)")
      }
    }
    for parameter in parameters.all {
      if let other = pretrained.parameters[parameter.name] { parameter.assign(other.value) }
    }
  }
}
