import Compute
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
  /// The maps that predictions begin with, made by the first one or by `prepare`.
  private var preparedMaps: (version: Int, maps: FirstMaps<Tensor>?) = (-1, nil)
  /// What those come from.
  private let mappingParameters: [Parameter]

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
    let parts = numeric?.linearParts
    mappingParameters =
      [firstToken, parts?.weight, parts?.bias].compactMap(\.self) + blocks[0].mappingParameters
    headNorm = try LayerNormalisation(width, scope["head"]["norm"])
    head = try Linear(width, outputs, scope["head"]["linear"])
  }

  /// Predicts (batch, outputs); there is no penalty.
  @specialized(where B == Eager)
  public func callAsFunction<B: Backend>(
    _ input: TabularInput<B.Value>, on backend: B
  ) -> NetworkOutput<B.Value> {
    let tokens = 1 + inputs.numeric + inputs.cardinalities.count
    let size = max(1, FTTransformer.tokensOfPart / tokens)
    let rows = input.numeric.map { backend.shape($0)[0] } ?? input.categories?.shape[0] ?? 0
    let maps = maps(on: backend, parts: (rows + size - 1) / size)
    if rows <= size { return NetworkOutput(prediction: forward(input, backend, maps: maps, observe: nil)) }
    let prediction = backend.inParts(
      input.numeric, input.categories, shared: maps?.values ?? [], size: size, outputs: outputs,
      parameters: parameters
    ) { [self] part, numeric, categories, shared in
      forward(
        TabularInput(numeric: numeric, categories: categories), part, maps: FirstMaps(values: shared),
        observe: nil)
    }
    return NetworkOutput(prediction: prediction)
  }

  /// What a batch begins with: made once for all predictions, and for each batch of several parts that is learned from.
  private func maps<B: Backend>(on backend: B, parts: Int) -> FirstMaps<B.Value>? {
    guard backend.computes, hasMaps else { return nil }
    if backend.records { return parts > 1 ? firstMaps(backend) : nil }
    return predictionMaps()?.map(backend.constant)
  }

  /// Whether the tokens of all features are linear in single numbers, and a block stands in front of the last.
  private var hasMaps: Bool { numeric?.linearParts != nil && categories == nil && blocks.count > 1 }

  /// The maps of the tokens and of the first block's queries, keys and values, which have no norm in front of them: those of a
  /// batch cost what one more row would, and save their products for every row.
  private func firstMaps<B: Backend>(_ backend: B) -> FirstMaps<B.Value>? {
    guard let parts = numeric?.linearParts else { return nil }
    let first = backend.reshape(backend.parameter(firstToken), Shape(1, configuration.blockWidth))
    let tokens = TokenMap(
      slopes: backend.parameter(parts.weight),
      offsets: backend.concatenate(first, backend.parameter(parts.bias), axis: 0))
    return blocks[0].maps(tokens, backend)
  }

  /// The maps of predictions, made again only when a parameter has changed that they come from.
  private func predictionMaps() -> FirstMaps<Tensor>? {
    let version = mappingParameters.reduce(0) { $0 + $1.version }
    if preparedMaps.version != version {
      let maps = firstMaps(Eager(Workspace(pool: ThreadPool(threads: 1))))
      preparedMaps = (version, maps)
    }
    return preparedMaps.maps
  }

  /// Tokens that one lane computes at a time: their activations stay in a processor's second-level cache beside the weights.
  private static let tokensOfPart = 288

  /// The same, showing each block's mapped queries and keys.
  func forward<B: Backend>(
    _ input: TabularInput<B.Value>, _ backend: B, maps: FirstMaps<B.Value>? = nil,
    observe: ((_ block: Int, _ query: B.Value, _ key: B.Value) -> Void)?
  ) -> B.Value {
    var x: B.Value
    var mapped: MappedTokens<B.Value>?
    if let numbers = input.numeric, let maps {
      x = maps.tokens.tokens(numbers, backend)
      mapped = MappedTokens(maps: maps, numbers: numbers)
    } else {
      x = backend.prepend(firstToken, tokens(input, backend))
    }
    for index in blocks.indices {
      let block = blocks[index]
      let known = index == 0 ? mapped : nil
      if configuration.checkpointing && backend.records {
        x = backend.checkpoint(x) { block($0, backend, mapped: known, observe: nil) }
      } else {
        x = block(x, backend, mapped: known, observe: observe.map { see in { see(index, $0, $1) } })
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
    if hasMaps { _ = predictionMaps() }
  }
}
