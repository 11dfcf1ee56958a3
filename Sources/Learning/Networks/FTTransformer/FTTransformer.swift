public import Diagnostics
public import Layers
import Tensors

/// FT-Transformer (Gorishniy, Rubachev, Khrulkov and Babenko, 2021): every feature becomes a token, a transformer mixes the
/// tokens, and a head reads the one that stood in front of them.
///
/// Weight decay belongs to parameters of the role `weight` only: tokens, norms and biases do not decay.
public final class FTTransformer: TabularNetwork {
  /// What it is called in files.
  public static let name = "ft-transformer"
  /// What it was made from.
  public let configuration: FTTransformerConfiguration
  /// The columns that it takes.
  public let inputs: TabularInputs
  /// Number of outputs.
  public let outputs: Int
  /// All parameters by their dotted names.
  public let parameters: Parameters
  private let firstToken: Parameter
  private let numeric: NumericEmbedding?
  private let categories: CategoryTokens?
  private let blocks: [FTTransformerBlock]
  private let headNorm: LayerNormalisation
  private let head: Linear

  /// A network whose parameters come from a scope's source.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration, of kind `data` as the source does.
  public init(
    _ configuration: FTTransformerConfiguration, inputs: TabularInputs, outputs: Int, _ scope: ParameterScope
  ) throws(TernError) {
    try inputs.validate(outputs: outputs)
    try configuration.validate(numericFeatures: inputs.numeric)
    self.configuration = configuration
    self.inputs = inputs
    self.outputs = outputs
    parameters = scope.parameters
    let width = configuration.blockWidth
    let drawn = Initialiser.uniform(Linear.bound(width))
    firstToken = try scope["tokens"].parameter("first", Shape(width), drawn, role: .embedding)
    numeric =
      inputs.numeric > 0
      ? try NumericEmbedding(
        configuration.numericEmbedding, features: inputs.numeric, width: width, scope["tokens"]["numeric"])
      : nil
    categories =
      inputs.cardinalities.isEmpty
      ? nil : try CategoryTokens(inputs.cardinalities, width, scope["tokens"]["categories"])
    let tokens = 1 + inputs.numeric + inputs.cardinalities.count
    var blocks: [FTTransformerBlock] = []
    for block in 0..<configuration.blocks {
      blocks.append(
        try FTTransformerBlock(configuration, block: block, tokens: tokens, scope["blocks"][block]))
    }
    self.blocks = blocks
    headNorm = try LayerNormalisation(width, scope["head"]["norm"])
    head = try Linear(width, outputs, scope["head"]["linear"])
  }

  /// Predicts (batch, outputs); there is no penalty.
  public func callAsFunction<B: Backend>(
    _ input: TabularInput<B.Value>, on backend: B
  ) -> NetworkOutput<B.Value> {
    NetworkOutput(prediction: forward(input, backend) { _, _, _ in })
  }

  /// The same, showing each block's mapped queries and keys.
  func forward<B: Backend>(
    _ input: TabularInput<B.Value>, _ backend: B,
    observe: (_ block: Int, _ query: B.Value, _ key: B.Value) -> Void
  ) -> B.Value {
    var x = backend.prepend(firstToken, tokens(input, backend))
    for index in blocks.indices {
      let block = blocks[index]
      if configuration.checkpointing && backend.records {
        x = backend.checkpoint(x) { block($0, backend) { _, _ in } }
      } else {
        x = block(x, backend) { observe(index, $0, $1) }
      }
    }
    let first = backend.reshape(x, Shape(backend.shape(x)[0], configuration.blockWidth))
    return head(backend.activation(headNorm(first, backend), .relu), backend)
  }

  /// The tokens of the features (batch, features, d), numeric ones in front.
  private func tokens<B: Backend>(_ input: TabularInput<B.Value>, _ backend: B) -> B.Value {
    precondition(
      (input.numeric != nil) == (numeric != nil) && (input.categories != nil) == (categories != nil),
      "a batch has the kinds of columns that the network was made for")
    let numbers = numeric.flatMap { embedding in input.numeric.map { embedding($0, backend) } }
    let codes = categories.flatMap { embedding in input.categories.map { embedding($0, backend) } }
    switch (numbers, codes) {
    case (let numbers?, let codes?): return backend.concatenate(numbers, codes, axis: 1)
    case (let only?, nil), (nil, let only?): return only
    case (nil, nil): preconditionFailure("a batch has columns")
    }
  }

  /// Derives what products read, after which threads may share the network and the first row costs what the others do.
  public func prepare() {
    parameters.prepare()
    numeric?.prepare()
  }
}
