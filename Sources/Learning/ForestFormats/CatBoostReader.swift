import Diagnostics
import Trees

/// Reads CatBoost's JSON models: oblivious and other trees, numeric, one-hot and statistics splits.
///
/// Categories enter CatBoost as hashes of their texts. The names stand in the file only if it was saved with
/// `pool=`; a model with categorical features and without them is refused.
enum CatBoostReader {
  /// Makes a forest of a parsed document.
  /// - Throws: `TernError(.data)` for text or embedding features, unnamed categories, and anything malformed.
  static func read(_ document: Located) throws(TernError) -> ForeignForest {
    let features = try CatBoostFeatures(document)
    let (scale, biases) = try scaleAndBias(document)
    let outputs = biases.count
    var byOutput = [[[TreeNode]]](repeating: [], count: outputs)
    let trees = CatBoostTrees(features: features, outputs: outputs)
    if let oblivious = try document.optional("oblivious_trees") {
      for tree in try oblivious.elements() {
        for (output, nodes) in try trees.oblivious(tree).enumerated() { byOutput[output].append(nodes) }
      }
    } else {
      for tree in try document.member("trees").elements() {
        for (output, nodes) in try trees.general(tree).enumerated() { byOutput[output].append(nodes) }
      }
    }
    var nodes = TreeAssembler.interleave(byOutput)
    nodes.statistics = features.statistics
    let loss = try lossFunction(document)
    var header = Forest.Header(
      link: link(of: loss), outputs: outputs, featureNames: features.names,
      baseScores: [Float](repeating: 0, count: outputs))
    header.precision = .double
    header.biases = biases
    header.scale = scale
    return ForeignForest(
      forest: try Forest(header: header, nodes: nodes), objective: loss, categories: features.categories,
      classes: try classes(document))
  }

  /// What makes a prediction of raw formula values under a loss.
  static func link(of loss: String) -> Forest.Link {
    switch loss {
    case "Logloss", "CrossEntropy", "MultiClassOneVsAll", "MultiLogloss", "MultiCrossEntropy": .logistic
    case "MultiClass": .softmax
    case "Poisson", "Tweedie", "LogLinQuantile": .exponential
    default: .identity
    }
  }

  private static func lossFunction(_ document: Located) throws(TernError) -> String {
    guard var parameters = try document.optional("model_info")?.optional("params") else { return "" }
    if case .string(let text) = parameters.value {
      parameters = try JSONParser.parse(Array(text.utf8), file: document.file)
    }
    return try parameters.optional("loss_function")?.optional("type")?.string() ?? ""
  }

  private static func classes(_ document: Located) throws(TernError) -> [String] {
    guard var parameters = try document.optional("model_info")?.optional("class_params") else { return [] }
    if case .string(let text) = parameters.value {
      parameters = try JSONParser.parse(Array(text.utf8), file: document.file)
    }
    guard let names = try parameters.optional("class_names") else { return [] }
    return try names.elements().map { name throws(TernError) in
      if case .string(let text) = name.value { return text }
      let number = try name.number().double
      return Int(exactly: number).map(String.init) ?? "\(number)"
    }
  }

  private static func scaleAndBias(_ document: Located) throws(TernError) -> (scale: Double, biases: [Double])
  {
    guard let place = try document.optional("scale_and_bias") else { return (1, [0]) }
    let parts = try place.elements()
    guard parts.count == 2 else {
      throw place.error("is not a scale and biases", expected: "[scale, [bias, …]]")
    }
    let scale = try parts[0].number().double
    // A single bias stands bare in older files.
    if case .number(let bias) = parts[1].value { return (scale, [bias.double]) }
    let biases = try parts[1].doubles()
    guard !biases.isEmpty, biases.count <= 65_536, scale.isFinite, biases.allSatisfy(\.isFinite) else {
      throw place.error("needs one finite bias for each output", found: "\(biases.count)")
    }
    return (scale, biases)
  }
}
