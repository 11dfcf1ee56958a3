import Diagnostics
import Trees

/// Reads XGBoost's JSON and UBJSON models, versions 1.0 to 3.3: gbtree and dart, numeric and categorical.
enum XGBoostReader {
  /// The greatest number of outputs that is believed.
  private static let outputLimit = 65_536

  /// Makes a forest of a parsed document.
  /// - Throws: `TernError(.data)` for linear boosters, vector leaves, and anything malformed.
  static func read(_ document: Located) throws(TernError) -> ForeignForest {
    let learner = try document.member("learner")
    let parameters = try learner.member("learner_model_param")
    let objective = XGBoostObjective(try learner.member("objective").member("name").string())
    let classes = try parameters.optional("num_class")?.integer(0...outputLimit) ?? 0
    let targets = try parameters.optional("num_target")?.integer(0...outputLimit) ?? 1
    let outputs = max(classes, targets, 1)
    let features = try parameters.member("num_feature").integer(0...1 << 24)
    let booster = try learner.member("gradient_booster")
    let (model, weights) = try trees(of: booster)

    let names = try featureNames(learner, count: features)
    let categories = try XGBoostCategories.read(model, features: features)
    let all = try model.member("trees").elements()
    let info = try model.member("tree_info").integers(count: all.count, in: 0...outputs - 1)
    let drops = try weights?.floats(count: all.count)
    var byOutput = [[[TreeNode]]](repeating: [], count: outputs)
    for (index, tree) in all.enumerated() {
      byOutput[info[index]].append(try read(tree: tree, features: features, weight: drops?[index]))
    }
    let header = Forest.Header(
      link: objective.link, outputs: outputs, featureNames: names,
      baseScores: try baseScores(parameters.member("base_score"), objective: objective, outputs: outputs))
    return ForeignForest(
      forest: try Forest(header: header, nodes: TreeAssembler.interleave(byOutput)),
      objective: objective.name,
      categories: categories)
  }

  /// The tree model and the weights of dropped trees, whichever version wrote them.
  private static func trees(of booster: Located) throws(TernError) -> (model: Located, weights: Located?) {
    let name = try booster.member("name")
    switch try name.string() {
    case "gbtree":
      let model = try booster.member("model")
      guard let weights = try model.optional("weight_drop"), !(try weights.numbers().isEmpty) else {
        return (model, nil)
      }
      return (model, weights)
    case "dart":
      let inner = try booster.optional("gbtree") ?? booster
      return (try inner.member("model"), try booster.member("weight_drop"))
    default: throw name.error("is no booster of trees", expected: "gbtree or dart")
    }
  }

  private static func featureNames(_ learner: Located, count: Int) throws(TernError) -> [String] {
    let names = try learner.optional("feature_names")?.strings() ?? []
    guard names.isEmpty || names.count == count else {
      throw try learner.member("feature_names").error(
        "is not one name per feature", found: "\(names.count) names", expected: "\(count)")
    }
    return names.isEmpty ? (0..<count).map { "f\($0)" } : names
  }

  /// Margins before the first tree: a number, or since 3.1 an array inside a string; one value serves all outputs.
  private static func baseScores(
    _ stored: Located, objective: XGBoostObjective, outputs: Int
  ) throws(TernError) -> [Float] {
    var values: [Float]
    if case .string(let text) = stored.value, text.hasPrefix("[") {
      values = try JSONParser.parse(Array(text.utf8), file: stored.file).floats()
    } else if case .number = stored.value {
      values = [try stored.number().float]
    } else if case .string = stored.value {
      values = [try stored.number().float]
    } else {
      values = try stored.floats()
    }
    if values.count == 1 { values = [Float](repeating: values[0], count: outputs) }
    guard values.count == outputs else {
      throw stored.error(
        "is not one number per output", found: "\(values.count)", expected: "1 or \(outputs)")
    }
    let margins = values.map(objective.margin)
    guard margins.allSatisfy(\.isFinite) else {
      throw stored.error("gives no finite margin under \(objective.name)")
    }
    return margins
  }

  private static func read(tree: Located, features: Int, weight: Float?) throws(TernError) -> [TreeNode] {
    if let size = try tree.optional("tree_param")?.optional("size_leaf_vector"), try size.integer() > 1 {
      throw size.error("vector leaves are not supported", expected: "0 or 1")
    }
    let left = try tree.member("left_children").integers()
    let count = left.count
    let right = try tree.member("right_children").integers(count: count)
    let indices = try tree.member("split_indices").integers(count: count)
    let conditions = try tree.member("split_conditions").floats(count: count)
    let defaultLeft = try tree.member("default_left").integers(count: count)
    let weights = try tree.optional("base_weights")?.floats(count: count)
    let gains = try tree.optional("loss_changes")?.floats(count: count)
    let covers = try tree.optional("sum_hessian")?.floats(count: count)
    let types = try tree.optional("split_type")?.integers(count: count)
    let sets = try XGBoostCategories.sets(of: tree, nodes: count)
    guard count > 0 else { throw tree.error("has no node", found: "0 nodes", expected: "at least one") }

    func finite(_ values: [Float]?, _ node: Int) -> Float {
      values.flatMap { $0[node].isFinite ? $0[node] : nil } ?? 0
    }
    return try TreeAssembler.assemble(limit: count, place: tree) { index throws(TernError) in
      guard index >= 0, index < count else {
        throw tree.error("has a child that does not exist", found: "\(index)", expected: "0 ..< \(count)")
      }
      let cover = finite(covers, index)
      if left[index] == -1 {
        let value = weight.map { $0 * conditions[index] } ?? conditions[index]
        return (TreeNode(value: value, cover: cover, count: 0), nil)
      }
      guard indices[index] >= 0, indices[index] < features else {
        throw tree.error(
          "tests a feature that does not exist", found: "\(indices[index])", expected: "0 ..< \(features)")
      }
      var node = TreeNode(value: finite(weights, index), cover: cover, count: 0)
      node.feature = Int32(indices[index])
      node.defaultLeft = defaultLeft[index] != 0
      node.gain = finite(gains, index)
      if types?[index] == 1 {
        guard let members = sets[index] else { throw tree.error("node \(index) has no category set") }
        node.setCategories(members, flags: [])
      } else {
        node.threshold = conditions[index]
      }
      return (node, (left[index], right[index]))
    }
  }
}
