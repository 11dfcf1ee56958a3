import Diagnostics
import ONNX
import Trees

/// Writes ONNX: a TreeEnsembleRegressor of the domain ai.onnx.ml for the margins, and the link in plain operators.
///
/// Input `input` (rows, features), outputs `margins` and `predictions`, both (rows, outputs). A forest with sums in `Float`
/// takes 32-bit floats and tests `x < threshold`; one with sums in `Double` takes 64-bit floats, with thresholds, leaf
/// values and bases as 64-bit tensors. A categorical test is a chain of equalities that lead to one node, as runtimes
/// expect of converted LightGBM models; its codes are whole numbers.
enum ONNXWriter {
  /// A value that is no category's code.
  private static let noCategory = -1.5
  private static let irVersion: Int64 = 8
  private static let opset: Int64 = 17

  /// Lists of the operator, in the order of the standard.
  private struct Nodes {
    var trees: [Int64] = []
    var ids: [Int64] = []
    var features: [Int64] = []
    var modes: [String] = []
    var values: [Double] = []
    var yes: [Int64] = []
    var no: [Int64] = []
    var missing: [Int64] = []
    var targetTrees: [Int64] = []
    var targetNodes: [Int64] = []
    var targets: [Int64] = []
    var weights: [Double] = []

    mutating func add(
      tree: Int, id: Int, feature: Int32 = 0, mode: String, value: Double = 0, yes: Int32 = 0, no: Int32 = 0,
      missing: Bool = false
    ) {
      trees.append(Int64(tree))
      ids.append(Int64(id))
      features.append(Int64(feature))
      modes.append(mode)
      values.append(value)
      self.yes.append(Int64(yes))
      self.no.append(Int64(no))
      self.missing.append(missing ? 1 : 0)
    }
  }

  /// The bytes of a model.
  /// - Throws: `TernError(.data)` for linear leaves, zeros that count as missing, statistics and links without operators.
  static func write(_ model: ForeignForest) throws(TernError) -> [UInt8] {
    let export = ForestExport(model, format: "ONNX")
    let forest = model.forest
    let isDouble = forest.header.precision == .double
    let base = forest.header.baseMargins
    // The operator adds its base values last, a forest with sums in `Float` begins with them: there they are trees.
    let hasBaseTrees = !isDouble && base.contains { $0 != 0 }
    let baseTrees = hasBaseTrees ? base.map { [TreeNode(value: Float($0), cover: 0, count: 0)] } : []
    var trees = baseTrees
    for index in 0..<forest.trees { trees.append(try export.tree(index)) }
    if trees.isEmpty { trees.append([TreeNode(value: 0, cover: 0, count: 0)]) }
    var nodes = Nodes()
    for (index, tree) in trees.enumerated() {
      add(tree, index: index, outputs: forest.outputs, export: export, to: &nodes)
    }
    let link = try linkNodes(model)
    var writer = ProtobufWriter()
    writer.integer(1, irVersion)
    writer.string(2, "tern")
    writer.message(7) { graph in
      graph.message(1) {
        ensemble(nodes, base: isDouble ? base : [], isDouble: isDouble, outputs: forest.outputs, to: &$0)
      }
      for node in link.nodes { graph.message(1) { operation(node, to: &$0) } }
      graph.string(2, "forest")
      for (name, value) in link.constants {
        graph.message(5) { tensor in
          tensor.integer(2, 1)
          tensor.floats(4, [value])
          tensor.string(8, name)
        }
      }
      graph.message(11) {
        tensorInfo("input", element: isDouble ? 11 : 1, width: forest.features, to: &$0)
      }
      for name in ["margins", "predictions"] {
        graph.message(12) { tensorInfo(name, element: 1, width: forest.outputs, to: &$0) }
      }
    }
    for (domain, version) in [("", opset), ("ai.onnx.ml", Int64(3))] {
      writer.message(8) { set in
        set.string(1, domain)
        set.integer(2, version)
      }
    }
    metadata(model, baseTrees: baseTrees.count, to: &writer)
    return writer.bytes
  }

  private static func add(
    _ tree: [TreeNode], index: Int, outputs: Int, export: ForestExport, to nodes: inout Nodes
  ) {
    // Nodes of chains are numbered after those of the tree.
    var next = tree.count
    for (id, node) in tree.enumerated() {
      if node.isLeaf {
        nodes.add(tree: index, id: id, mode: "LEAF")
        nodes.targetTrees.append(Int64(index))
        nodes.targetNodes.append(Int64(id))
        nodes.targets.append(Int64(index % outputs))
        nodes.weights.append(export.value(node))
        continue
      }
      guard node.flags.contains(.categorical) else {
        nodes.add(
          tree: index, id: id, feature: node.feature, mode: "BRANCH_LT", value: Double(node.threshold),
          yes: node.left, no: node.right, missing: node.defaultLeft)
        continue
      }
      // Members go to the true branch of each equality; the last one's false branch takes the others.
      let test = export.withMembersRight(node)
      // A set without members asks for a value that no category has.
      let set = ForestExport.members(node.categories).map(Double.init)
      let members = set.isEmpty ? [ONNXWriter.noCategory] : set
      for (position, member) in members.enumerated() {
        let own = position == 0 ? id : next - 1
        let isLast = position == members.count - 1
        if !isLast { next += 1 }
        nodes.add(
          tree: index, id: own, feature: node.feature, mode: "BRANCH_EQ", value: member,
          yes: test.right, no: isLast ? test.left : Int32(truncatingIfNeeded: next - 1),
          missing: !test.defaultLeft)
      }
    }
  }

  /// The ensemble's NodeProto.
  private static func ensemble(
    _ nodes: Nodes, base: [Double], isDouble: Bool, outputs: Int, to node: inout ProtobufWriter
  ) {
    node.string(1, "input")
    node.string(2, "margins")
    node.string(4, "TreeEnsembleRegressor")
    func attribute(_ name: String, _ integers: [Int64], to node: inout ProtobufWriter) {
      node.message(5) { attribute in
        attribute.string(1, name)
        attribute.integers(8, integers)
        attribute.integer(20, 7)
      }
    }
    func attribute(_ name: String, _ values: [Double], to node: inout ProtobufWriter) {
      node.message(5) { attribute in
        attribute.string(1, isDouble ? name + "_as_tensor" : name)
        guard isDouble else {
          attribute.floats(7, values.map(Float.init))
          attribute.integer(20, 6)
          return
        }
        attribute.message(5) { tensor in
          tensor.integers(1, [Int64(values.count)])
          tensor.integer(2, 11)
          tensor.bytes(
            9, values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
        }
        attribute.integer(20, 4)
      }
    }
    if base.contains(where: { $0 != 0 }) { attribute("base_values", base, to: &node) }
    node.message(5) { attribute in
      attribute.string(1, "n_targets")
      attribute.integer(3, Int64(outputs))
      attribute.integer(20, 2)
    }
    attribute("nodes_treeids", nodes.trees, to: &node)
    attribute("nodes_nodeids", nodes.ids, to: &node)
    attribute("nodes_featureids", nodes.features, to: &node)
    node.message(5) { attribute in
      attribute.string(1, "nodes_modes")
      for mode in nodes.modes { attribute.string(9, mode) }
      attribute.integer(20, 8)
    }
    attribute("nodes_values", nodes.values, to: &node)
    attribute("nodes_truenodeids", nodes.yes, to: &node)
    attribute("nodes_falsenodeids", nodes.no, to: &node)
    attribute("nodes_missing_value_tracks_true", nodes.missing, to: &node)
    attribute("target_treeids", nodes.targetTrees, to: &node)
    attribute("target_nodeids", nodes.targetNodes, to: &node)
    attribute("target_ids", nodes.targets, to: &node)
    attribute("target_weights", nodes.weights, to: &node)
    node.string(7, "ai.onnx.ml")
  }

  /// An operator of the default domain.
  private struct Operation {
    var type: String
    var inputs: [String]
    var output: String
    var axis: Int64?
    var element: Int64?
  }

  private static func operation(_ operation: Operation, to node: inout ProtobufWriter) {
    for input in operation.inputs { node.string(1, input) }
    node.string(2, operation.output)
    node.string(4, operation.type)
    for (name, value) in [("axis", operation.axis), ("to", operation.element)] {
      guard let value else { continue }
      node.message(5) { attribute in
        attribute.string(1, name)
        attribute.integer(3, value)
        attribute.integer(20, 2)
      }
    }
  }

  /// What makes `predictions` of `margins`.
  private static func linkNodes(
    _ model: ForeignForest
  ) throws(TernError) -> (nodes: [Operation], constants: [(String, Float)]) {
    let header = model.forest.header
    let (from, to) = (["margins"], "predictions")
    switch header.link {
    case .identity: return ([Operation(type: "Identity", inputs: from, output: to)], [])
    case .logistic where header.linkScale == 1:
      return ([Operation(type: "Sigmoid", inputs: from, output: to)], [])
    case .logistic:
      return (
        [
          Operation(type: "Mul", inputs: ["margins", "factor"], output: "scaled"),
          Operation(type: "Sigmoid", inputs: ["scaled"], output: to),
        ], [("factor", Float(header.linkScale))]
      )
    case .softmax: return ([Operation(type: "Softmax", inputs: from, output: to, axis: 1)], [])
    case .exponential: return ([Operation(type: "Exp", inputs: from, output: to)], [])
    case .softplus: return ([Operation(type: "Softplus", inputs: from, output: to)], [])
    case .signedSquare:
      return (
        [
          Operation(type: "Abs", inputs: from, output: "magnitudes"),
          Operation(type: "Mul", inputs: ["margins", "magnitudes"], output: to),
        ], []
      )
    case .step:
      return (
        [
          Operation(type: "Greater", inputs: ["margins", "zero"], output: "positive"),
          Operation(type: "Cast", inputs: ["positive"], output: to, element: 1),
        ], [("zero", 0)]
      )
    }
  }

  /// A ValueInfoProto of shape (rows, width).
  private static func tensorInfo(_ name: String, element: Int64, width: Int, to info: inout ProtobufWriter) {
    info.string(1, name)
    info.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, element)
        tensor.message(2) { shape in
          shape.message(1) { $0.string(2, "rows") }
          shape.message(1) { $0.integer(1, Int64(width)) }
        }
      }
    }
  }

  /// What the operators do not say, for reading the file back.
  private static func metadata(_ model: ForeignForest, baseTrees: Int, to writer: inout ProtobufWriter) {
    let header = model.forest.header
    var entries = [
      ("feature_names", JSONWriter.write(.array(header.featureNames.map(FormatOutput.text)))),
      ("objective", Array(model.objective.utf8)), ("link", Array(header.link.rawValue.utf8)),
      ("link_scale", Array("\(header.linkScale)".utf8)), ("base_trees", Array("\(baseTrees)".utf8)),
    ]
    if !model.classes.isEmpty {
      entries.append(("classes", JSONWriter.write(.array(model.classes.map(FormatOutput.text)))))
    }
    if model.categories.contains(where: { $0 != nil }) {
      let lists = model.categories.map { $0.map { FormatOutput.array($0.map(FormatOutput.text)) } ?? .null }
      entries.append(("categories", JSONWriter.write(.array(lists))))
    }
    for (key, value) in entries {
      writer.message(14) { entry in
        entry.string(1, key)
        entry.bytes(2, value)
      }
    }
  }
}
