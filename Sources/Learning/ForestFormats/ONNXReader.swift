import Diagnostics
import Trees

/// Reads ONNX's TreeEnsembleRegressor and TreeEnsembleClassifier, of this program and of others.
struct ONNXReader {
  /// A node by its numbers in the file.
  private struct Key: Hashable {
    var tree: Int64
    var node: Int64
  }

  private let graph: ONNXGraph
  private let file: String?
  private var order: [Int64] = []
  private var rows: [Key: Int] = [:]
  private var keys: [Key] = []
  /// Rows of each tree.
  private var own: [Int64: [Int]] = [:]
  private var features: [Int64] = []
  private var modes: [String] = []
  private var values: [FormatNumber] = []
  private var yes: [Int64] = []
  private var no: [Int64] = []
  private var missing: [Int64] = []
  /// Outputs and weights of each leaf.
  private var weights: [Key: [(output: Int, weight: FormatNumber)]] = [:]
  private var width = 0

  /// Makes a forest of a model's bytes.
  static func read(_ bytes: [UInt8], file: String?) throws(TernError) -> ForeignForest {
    var reader = try ONNXReader(graph: ONNXGraph(bytes, file: file), file: file)
    return try reader.forest()
  }

  private func error(_ message: String, _ key: String, found: String? = nil, expected: String? = nil)
    -> TernError
  {
    TernError(.data, message, file: file, key: "\(graph.ensemble).\(key)", found: found, expected: expected)
  }

  private init(graph: ONNXGraph, file: String?) throws(TernError) {
    self.graph = graph
    self.file = file
    let trees = try graph.required("nodes_treeids").integers
    let nodes = try graph.required("nodes_nodeids").integers
    features = try graph.required("nodes_featureids").integers
    modes = try graph.required("nodes_modes").strings
    values = graph.numbers("nodes_values")?.values ?? []
    yes = try graph.required("nodes_truenodeids").integers
    no = try graph.required("nodes_falsenodeids").integers
    missing = graph.attributes["nodes_missing_value_tracks_true"]?.integers ?? []
    if missing.isEmpty { missing = [Int64](repeating: 0, count: trees.count) }
    for (name, count) in [
      ("nodes_nodeids", nodes.count), ("nodes_featureids", features.count), ("nodes_modes", modes.count),
      ("nodes_values", values.count), ("nodes_truenodeids", yes.count), ("nodes_falsenodeids", no.count),
      ("nodes_missing_value_tracks_true", missing.count),
    ] where count != trees.count {
      throw error("has the wrong length", name, found: "\(count)", expected: "\(trees.count)")
    }
    for (row, tree) in trees.enumerated() {
      let key = Key(tree: tree, node: nodes[row])
      if own[tree] == nil { order.append(tree) }
      own[tree, default: []].append(row)
      keys.append(key)
      guard rows.updateValue(row, forKey: key) == nil else {
        throw error("names a node twice", "nodes_nodeids", found: "\(nodes[row]) of tree \(tree)")
      }
    }
    let highest = Int(exactly: features.max() ?? -1) ?? -1
    width = graph.width ?? highest + 1
    guard width >= 0, width <= 1 << 22, highest < max(width, 1), features.allSatisfy({ $0 >= 0 }) else {
      throw error(
        "tests a feature that does not exist", "nodes_featureids", found: "\(highest)", expected: "< \(width)"
      )
    }
  }

  private mutating func forest() throws(TernError) -> ForeignForest {
    let isClassifier = graph.ensemble == "TreeEnsembleClassifier"
    let part = isClassifier ? "class" : "target"
    let isDouble = graph.numbers("\(part)_weights")?.isDouble ?? false
    let labels =
      graph.attributes["classlabels_strings"]?.strings
      ?? graph.attributes["classlabels_int64s"]?.integers.map(String.init) ?? []
    let outputs = try readWeights(part, isClassifier: isClassifier, labels: labels.count)
    let (link, scale) = try link(isClassifier: isClassifier)
    var header = Forest.Header(
      link: link, outputs: outputs, featureNames: try names(),
      baseScores: [Float](repeating: 0, count: outputs))
    header.linkScale = scale
    if let base = graph.numbers("base_values")?.values, !base.isEmpty {
      guard base.count == outputs else {
        throw error(
          "is not one value per output", "base_values", found: "\(base.count)", expected: "\(outputs)")
      }
      if isDouble { header.biases = base.map(\.double) } else { header.baseScores = base.map(\.float) }
    }
    header.precision = isDouble ? .double : .float
    switch graph.attributes["aggregate_function"]?.strings.first ?? "SUM" {
    case "SUM": break
    case "AVERAGE":
      header.precision = .double
      header.scale = 1 / Double(max(order.count, 1))
    case let other:
      throw error("is not supported", "aggregate_function", found: other, expected: "SUM or AVERAGE")
    }
    let baseTrees = try takeBaseTrees(outputs: outputs, into: &header)
    var byOutput = [[[TreeNode]]](repeating: [], count: outputs)
    for tree in order.dropFirst(baseTrees) {
      let (shape, leaves) = try shape(of: tree)
      let used = Set(leaves.values.flatMap { (weights[$0] ?? []).map(\.output) }).sorted()
      for output in used.isEmpty ? [0] : used {
        byOutput[output].append(filled(shape, leaves, output: output, isDouble: header.precision == .double))
      }
    }
    return ForeignForest(
      forest: try Forest(header: header, nodes: TreeAssembler.interleave(byOutput)),
      objective: graph.metadata["objective"] ?? "", categories: try categories(),
      classes: try list("classes") ?? labels)
  }

  /// Takes the base scores out of the trees that a file of Tern begins with; returns how many they are.
  private func takeBaseTrees(outputs: Int, into header: inout Forest.Header) throws(TernError) -> Int {
    guard let text = graph.metadata["base_trees"], text != "0" else { return 0 }
    guard text == "\(outputs)", order.count >= outputs, header.precision == .float else {
      throw TernError(
        .data, "is not one tree per output", file: file, key: "metadata.base_trees", found: text,
        expected: "\(outputs)")
    }
    for (output, tree) in order.prefix(outputs).enumerated() {
      let rows = own[tree] ?? []
      guard let row = rows.first, rows.count == 1, modes[row] == "LEAF", let leaf = weights[keys[row]],
        leaf.count == 1, leaf[0].output == output
      else { throw error("tree \(tree) is no base score", "nodes_modes", expected: "a single leaf") }
      header.baseScores[output] += leaf[0].weight.float
    }
    return outputs
  }

  /// Takes in what the leaves add to which output; returns the number of outputs.
  private mutating func readWeights(_ part: String, isClassifier: Bool, labels: Int) throws(TernError) -> Int
  {
    let trees = try graph.required("\(part)_treeids").integers
    let nodes = try graph.required("\(part)_nodeids").integers
    let ids = try graph.required("\(part)_ids").integers
    let numbers = graph.numbers("\(part)_weights")?.values ?? []
    guard nodes.count == trees.count, ids.count == trees.count, numbers.count == trees.count else {
      throw error(
        "has the wrong length", "\(part)_weights", found: "\(numbers.count)", expected: "\(trees.count)")
    }
    // A classifier of two classes whose leaves know only one of them has one margin.
    let isBinary = isClassifier && labels <= 2 && Set(ids).count <= 1
    let declared =
      isClassifier ? labels : Int(exactly: graph.attributes["n_targets"]?.integers.first ?? 1) ?? 0
    let outputs = isBinary ? 1 : declared
    guard outputs >= 1, outputs <= 65_536 else {
      throw error(
        "is an impossible number of outputs", "n_targets", found: "\(outputs)", expected: "1 to 65536")
    }
    for row in trees.indices {
      let output = isBinary ? 0 : Int(exactly: ids[row]) ?? -1
      guard output >= 0, output < outputs else {
        throw error(
          "names an output that does not exist", "\(part)_ids", found: "\(ids[row])", expected: "< \(outputs)"
        )
      }
      weights[Key(tree: trees[row], node: nodes[row]), default: []].append((output, numbers[row]))
    }
    return outputs
  }

  /// A tree without leaf values, and which leaf of the file each of its leaves is.
  private func shape(of tree: Int64) throws(TernError) -> (nodes: [TreeNode], leaves: [Int: Key]) {
    let own = own[tree] ?? []
    let children = Set(own.filter { modes[$0] != "LEAF" }.flatMap { [yes[$0], no[$0]] })
    let roots = own.filter { !children.contains(keys[$0].node) }
    guard roots.count == 1, let first = roots.first else {
      throw error("tree \(tree) has no single root", "nodes_truenodeids", found: "\(roots.count) roots")
    }
    var leaves: [Int: Key] = [:]
    var position = 0
    // Chains of equalities share a node, so a tree may be written with fewer nodes than it has paths.
    let limit = own.count * 4 + 16
    let place = Located(value: .null, path: "\(graph.ensemble) tree \(tree)", file: file)
    let nodes = try TreeAssembler.assemble(root: first, limit: limit, place: place) { row throws(TernError) in
      defer { position += 1 }
      guard modes[row] != "LEAF" else {
        leaves[position] = keys[row]
        return (TreeNode(value: 0, cover: 0, count: 0), nil)
      }
      return try inner(row, tree)
    }
    return (nodes, leaves)
  }

  private func child(_ id: Int64, _ tree: Int64) throws(TernError) -> Int {
    guard let row = rows[Key(tree: tree, node: id)] else {
      throw error("names a child that does not exist", "nodes_truenodeids", found: "\(id) of tree \(tree)")
    }
    return row
  }

  private func inner(_ row: Int, _ tree: Int64) throws(TernError) -> TreeAssembler.Step {
    var node = TreeNode(value: 0, cover: 0, count: 0)
    node.feature = Int32(truncatingIfNeeded: features[row])
    let limit = values[row].double
    guard !limit.isNaN else { throw error("is not a number", "nodes_values", found: "nan") }
    let (whenTrue, whenFalse) = (try child(yes[row], tree), try child(no[row], tree))
    node.defaultLeft = missing[row] != 0
    switch modes[row] {
    case "BRANCH_LT": node.threshold = ONNXReader.least(atLeast: limit)
    case "BRANCH_LEQ": node.threshold = Forest.threshold(lessOrEqual: limit)
    case "BRANCH_GTE", "BRANCH_GT":
      node.threshold =
        modes[row] == "BRANCH_GTE" ? ONNXReader.least(atLeast: limit) : Forest.threshold(lessOrEqual: limit)
      node.defaultLeft.toggle()
      return (node, (whenFalse, whenTrue))
    case "BRANCH_EQ":
      node.defaultLeft.toggle()
      var members: [Int] = []
      var last = row
      var seen: Set<Int> = []
      while seen.insert(last).inserted {
        if let code = Int(exactly: values[last].double), code >= 0, code < 1 << 24 { members.append(code) }
        let next = try child(no[last], tree)
        guard modes[next] == "BRANCH_EQ", features[next] == features[row], yes[next] == yes[row],
          missing[next] == missing[row]
        else { break }
        last = next
      }
      node.setCategories(members, flags: [])
      return (node, (try child(no[last], tree), whenTrue))
    default:
      throw error(
        "is an unknown mode", "nodes_modes", found: modes[row],
        expected: "BRANCH_LT, BRANCH_LEQ, BRANCH_GT, BRANCH_GTE, BRANCH_EQ or LEAF")
    }
    return (node, (whenTrue, whenFalse))
  }

  /// The least `Float` that is not less than a number: `x < limit` is `x <` it for every `Float` x.
  private static func least(atLeast limit: Double) -> Float {
    let nearest = Float(limit)
    return Double(nearest) < limit ? nearest.nextUp : nearest
  }

  private func filled(
    _ shape: [TreeNode], _ leaves: [Int: Key], output: Int, isDouble: Bool
  ) -> [TreeNode] {
    var result = shape
    for (index, key) in leaves {
      let own = (weights[key] ?? []).filter { $0.output == output }
      if isDouble {
        let sum = own.reduce(0) { $0 + $1.weight.double }
        result[index].exactValue = sum
        result[index].value = Float(sum)
      } else {
        result[index].value = own.reduce(0) { $0 + $1.weight.float }
      }
    }
    return result
  }

  private func link(isClassifier: Bool) throws(TernError) -> (link: Forest.Link, scale: Double) {
    if let name = graph.metadata["link"] {
      let scale = Double(graph.metadata["link_scale"] ?? "1") ?? .nan
      guard let link = Forest.Link(rawValue: name), scale.isFinite, scale > 0 else {
        throw TernError(.data, "is an unknown link", file: file, key: "metadata.link", found: name)
      }
      return (link, scale)
    }
    switch graph.attributes["post_transform"]?.strings.first ?? "NONE" {
    case "NONE": break
    case "LOGISTIC": return (.logistic, 1)
    case "SOFTMAX": return (.softmax, 1)
    case let other:
      throw error("is not supported", "post_transform", found: other, expected: "NONE, LOGISTIC or SOFTMAX")
    }
    // Other programs put the link into operators that follow.
    let links: [(String, Forest.Link)] = [
      ("Sigmoid", .logistic), ("Softmax", .softmax), ("Exp", .exponential),
    ]
    return (links.first { graph.operators.contains($0.0) }?.1 ?? .identity, 1)
  }

  private func list(_ key: String) throws(TernError) -> [String]? {
    guard let text = graph.metadata[key] else { return nil }
    return try JSONParser.parse(Array(text.utf8), file: file).strings()
  }

  private func names() throws(TernError) -> [String] {
    guard let names = try list("feature_names"), names.count == width else {
      return (0..<width).map { "f\($0)" }
    }
    return names
  }

  private func categories() throws(TernError) -> [[String]?] {
    guard let text = graph.metadata["categories"] else { return [] }
    return try JSONParser.parse(Array(text.utf8), file: file).elements().map { entry throws(TernError) in
      if case .null = entry.value { return nil }
      return try entry.strings()
    }
  }
}
