import Artifacts
import Decision
import Diagnostics
import Features
import Files
import Market
import Threads

/// The bytes of a stack after their digests have been checked, each with the path that errors name.
struct StackBytes {
  struct Part {
    var path: String
    var bytes: [UInt8]
  }

  struct Layer {
    var role: String
    var name: String
    var version: Int
    /// Digest of the artifact.
    var digest: Digest
    var artifact: Part
    /// Feature schema that the layer's manifest names.
    var featureSchema: Digest?
  }

  var name: String
  var version: Int
  var digest: Digest
  /// Feature schema that the stack's manifest names.
  var featureSchema: Digest?
  var stack: Part
  var schema: Part
  var layers: [Layer]
}

extension LoadedStack {
  /// Roles of the layers in the order of the flow.
  static let roles = ["regime", "signal"]

  init(record: ArtifactRecord, directory: String) throws(TernError) {
    try self.init(try StackBytes(record: record, directory: directory))
  }

  /// Reads and checks all parts of a stack; the models beside everything else.
  init(_ source: StackBytes) throws(TernError) {
    let file = source.stack.path
    let models = source.layers.map { layer in
      Background { () throws(TernError) in
        try ModelArtifact(file: try SafetensorsFile(bytes: layer.artifact.bytes, named: layer.artifact.path))
      }
    }
    let description = try CanonicalJSON.decode(StackDescription.self, from: source.stack.bytes, file: file)
    let schema = try CanonicalJSON.decode(
      FeatureSchema.self, from: source.schema.bytes, file: source.schema.path)
    guard description.format == 1 else {
      throw TernError(
        .data, "the stack has an unknown layout", file: file, key: "format", found: "\(description.format)",
        expected: "1")
    }
    guard !description.symbol.isEmpty else {
      throw TernError(.data, "the stack names no symbol", file: file, key: "symbol")
    }
    let hash = schema.hash
    let engines = try LoadedStack.check(schema, hash, description, source)
    try LoadedStack.naming(file) { () throws(TernError) in
      try description.calibration.requireClasses(Direction.allCases.count)
    }
    let plan = TradePlan(description)
    try LoadedStack.naming(file) { () throws(TernError) in try plan.validate() }
    guard description.layers.map(\.role) == LoadedStack.roles else {
      throw TernError(
        .data, "the stack's layers are not those of the flow", file: file, key: "layers",
        found: description.layers.map(\.role).joined(separator: ", "),
        expected: LoadedStack.roles.joined(separator: ", "))
    }

    var layers: [Layer] = []
    for described in description.layers {
      guard let place = source.layers.firstIndex(where: { $0.role == described.role }) else {
        throw TernError(.data, "the stack lacks a layer", file: file, key: "layers.\(described.role)")
      }
      layers.append(
        try LoadedStack.layer(
          described, source.layers[place], models[place], schema: schema, hash: hash, stack: file))
    }
    let (regime, signal) = (layers[0].artifact.model, layers[1].artifact.model)
    // Every decider has layers of its own; these prove that there can be some.
    _ = try LoadedStack.naming(source.path(of: "regime")) { () throws(TernError) in
      try regime.regimeLayer()
    }
    _ = try LoadedStack.naming(source.path(of: "signal")) { () throws(TernError) in
      try signal.signalLayer()
    }
    self.regime = regime
    self.signal = signal
    name = source.name
    version = source.version
    digest = source.digest
    self.description = description
    self.schema = schema
    self.plan = plan
    self.layers = layers
    self.engines = engines
  }

  /// The schema must be the one that every part names, and one that this build computes: with an engine in proof.
  private static func check(
    _ schema: FeatureSchema, _ hash: Digest, _ description: StackDescription, _ source: StackBytes
  ) throws(TernError) -> EngineShelf {
    let file = source.schema.path
    let interval = schema.interval.milliseconds
    guard (1000...86_400_000).contains(interval), 86_400_000 % interval == 0 else {
      throw TernError(
        .data, "the interval does not divide a day into candles of a second or more", file: file,
        key: "interval", found: "\(schema.interval)")
    }
    guard description.interval == schema.interval else {
      throw TernError(
        .data, "the stack's interval is not the schema's", file: source.stack.path, key: "interval",
        found: "\(description.interval)", expected: "\(schema.interval)")
    }
    guard (1...10_000).contains(schema.count) else {
      throw TernError(
        .data, "the schema has an impossible number of features", file: file, key: "features",
        found: "\(schema.count)", expected: "1 to 10000")
    }
    var named: [(String, String, Digest?)] = [
      (source.stack.path, "feature_schema", description.featureSchema),
      (source.stack.path, "manifest.featureSchema", source.featureSchema),
    ]
    for layer in source.layers {
      named.append((layer.artifact.path, "manifest.featureSchema", layer.featureSchema))
    }
    for (path, key, digest) in named where digest != hash {
      throw TernError(
        .data, "names another feature schema than the stack's", file: path, key: key,
        found: digest?.description ?? "none", expected: hash.description)
    }
    return EngineShelf(try naming(file) { () throws(TernError) in try FeatureEngine(schema: schema) })
  }

  private static func layer(
    _ described: StackDescription.Layer, _ source: StackBytes.Layer, _ model: Background<ModelArtifact>,
    schema: FeatureSchema, hash: Digest, stack: String
  ) throws(TernError) -> Layer {
    guard described.artifact == source.digest else {
      throw TernError(
        .data, "the layer's artifact is another than the stack's", file: stack,
        key: "layers.\(described.role).artifact", found: "\(described.artifact)",
        expected: "\(source.digest)")
    }
    let path = source.artifact.path
    let artifact = try model.value()
    let card = artifact.card
    let signature = card.signature
    let isRegime = described.role == "regime"
    let inputs = isRegime ? LayerInputs.regime(schema) : LayerInputs.signal(schema)
    let classes = isRegime ? Regime.allCases.map(\.name) : Direction.allCases.map(\.name)
    guard card.model == described.model else {
      throw TernError(
        .data, "the model is of another family than the stack says", file: path, key: "model",
        found: card.model, expected: described.model)
    }
    guard card.featureSchema == hash else {
      throw TernError(
        .data, "the model was trained on another feature schema", file: path, key: "feature_schema",
        found: card.featureSchema?.description ?? "none", expected: "\(hash)")
    }
    guard signature.task == .multiclass, signature.classes == classes else {
      throw TernError(
        .data, "the model gives other classes", file: path, key: "signature.classes",
        found: signature.classes.joined(separator: ", "), expected: classes.joined(separator: ", "))
    }
    guard signature.inputs.allSatisfy({ $0.vocabulary == nil }),
      artifact.model.featureNames == inputs
    else {
      throw TernError(
        .data, "the model's inputs are not those of its layer", file: path, key: "signature.inputs",
        found: "\(signature.inputs.count) inputs", expected: "\(inputs.count) of the \(described.role) layer")
    }
    return Layer(
      role: described.role, name: source.name, version: source.version, artifact: artifact,
      digest: source.digest)
  }

  /// Runs `body`, naming a file in its error.
  static func naming<Result>(
    _ file: String, _ body: () throws(TernError) -> Result
  ) throws(TernError) -> Result {
    do throws(TernError) { return try body() } catch { throw error.inFile(file) }
  }
}

extension StackBytes {
  fileprivate func path(of role: String) -> String {
    layers.first { $0.role == role }?.artifact.path ?? stack.path
  }
}

extension TradePlan {
  /// What a stack was judged with.
  init(_ description: StackDescription) {
    self.init(
      confidence: description.confidence, marginFraction: description.limits.marginFraction,
      leverage: description.limits.leverage, takeProfit: description.limits.takeProfit,
      stopLoss: description.limits.stopLoss, horizon: description.limits.horizon)
  }
}
