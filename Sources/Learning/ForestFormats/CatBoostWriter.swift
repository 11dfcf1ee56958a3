import Diagnostics
import Trees

/// Writes CatBoost's JSON model: oblivious trees where all are, else nested ones; statistics where the forest has them.
///
/// CatBoost says for a feature, not for a node, where missing values go, so a feature whose tests send them both ways stands
/// in the file twice, under one place in a row. It asks for one category at a time, so a set becomes a chain of questions.
enum CatBoostWriter {
  /// The document.
  static func document(_ model: ForeignForest) throws(TernError) -> FormatOutput {
    let forest = model.forest
    let export = ForestExport(model, format: "CatBoost")
    var trees: [[TreeNode]] = []
    for index in 0..<forest.trees {
      trees.append(
        try CatBoostSplits.normalised(try export.tree(index, keepsStatistics: true), index, export))
    }
    let splits = try CatBoostSplits(trees, export: export)
    let header = forest.header
    let biases = header.baseMargins
    let groups = stride(from: 0, to: trees.count, by: forest.outputs).map {
      Array(trees[$0..<$0 + forest.outputs])
    }
    let oblivious = groups.map { $0.map(CatBoostShape.init) }
    var body: (key: String, value: FormatOutput)
    if oblivious.allSatisfy({ $0.allSatisfy { $0 != nil } }) {
      var written: [FormatOutput] = []
      for (shapes, group) in zip(oblivious, groups) {
        let shapes = shapes.compactMap { $0 }
        if shapes.dropFirst().allSatisfy({ $0.tests == shapes[0].tests }) {
          written.append(try write(shapes.map { $0 }, group, splits: splits, export: export))
        } else {
          for output in shapes.indices {
            written.append(
              try write([shapes[output]], group, only: output, splits: splits, export: export))
          }
        }
      }
      if written.isEmpty {
        written = [
          .object([
            ("leaf_values", .doubles([Double](repeating: 0, count: forest.outputs))),
            ("leaf_weights", .doubles([0])),
            ("splits", .array([])),
          ])
        ]
      }
      body = ("oblivious_trees", .array(written))
    } else {
      var written: [FormatOutput] = []
      for group in groups {
        for (output, tree) in group.enumerated() {
          written.append(
            try nested(tree, output: output, outputs: forest.outputs, splits: splits, export: export))
        }
      }
      body = ("trees", .array(written))
    }
    var members: [(key: String, value: FormatOutput)] = []
    let data = try splits.tables()
    if !data.isEmpty { members.append(("ctr_data", .object(data))) }
    members.append(("features_info", splits.information()))
    members.append(("model_info", try information(model)))
    members.append(body)
    members.append(("scale_and_bias", .array([.double(1), .doubles(biases)])))
    return .object(members)
  }

  private static func information(_ model: ForeignForest) throws(TernError) -> FormatOutput {
    let link = model.forest.header.link
    var loss = model.objective
    if CatBoostReader.link(of: loss) != link || !loss.contains(where: \.isUppercase) {
      switch link {
      case .identity: loss = "RMSE"
      case .logistic where model.forest.header.linkScale != 1:
        throw TernError(
          .data, "CatBoost's logistic has no factor", key: "link", found: "\(model.forest.header.linkScale)",
          expected: "1")
      case .logistic: loss = model.forest.outputs > 1 ? "MultiClassOneVsAll" : "Logloss"
      case .softmax: loss = "MultiClass"
      case .exponential: loss = "Poisson"
      default:
        throw TernError(
          .data, "CatBoost has no loss with this link", key: "link", found: link.rawValue,
          expected: "identity, logistic, softmax or exponential")
      }
    }
    let parameters: FormatOutput = .object([
      ("loss_function", .object([("params", .object([])), ("type", .text(loss))]))
    ])
    guard !model.classes.isEmpty else { return .object([("params", parameters)]) }
    let count = model.classes.count
    return .object([
      (
        "class_params",
        .object([
          ("class_label_type", .text("String")),
          ("class_names", .array(model.classes.map(FormatOutput.text))),
          ("class_to_label", .array((0..<count).map { .integer(Int64($0)) })), ("classes_count", .integer(0)),
        ])
      ), ("params", parameters),
    ])
  }

  /// One oblivious tree, of all outputs or of one among zeros; the first split of the file is the lowest level.
  private static func write(
    _ shapes: [CatBoostShape], _ group: [[TreeNode]], only: Int? = nil, splits: CatBoostSplits,
    export: ForestExport
  ) throws(TernError) -> FormatOutput {
    let outputs = group.count
    let leaves = shapes[0].leaves.count
    var values = [Double](repeating: 0, count: leaves * outputs)
    for (index, shape) in shapes.enumerated() {
      let output = only ?? index
      for (leaf, node) in shape.leaves.enumerated() {
        values[leaf * outputs + output] = export.value(group[output][node])
      }
    }
    let source = group[only ?? 0]
    var tests: [FormatOutput] = []
    for test in shapes[0].tests.reversed() { tests.append(try splits.reference(test)) }
    return .object([
      ("leaf_values", .doubles(values)),
      ("leaf_weights", .doubles(shapes[0].leaves.map { weight(source[$0]) })), ("splits", .array(tests)),
    ])
  }

  private static func weight(_ node: TreeNode) -> Double {
    node.count > 0 ? Double(node.count) : Double(node.cover)
  }

  /// A tree as nested objects, made from its last node to its first.
  private static func nested(
    _ tree: [TreeNode], output: Int, outputs: Int, splits: CatBoostSplits, export: ForestExport
  ) throws(TernError) -> FormatOutput {
    var made = [FormatOutput?](repeating: nil, count: tree.count)
    for index in tree.indices.reversed() {
      let node = tree[index]
      if node.isLeaf {
        var values = [Double](repeating: 0, count: outputs)
        values[output] = export.value(node)
        made[index] = .object([
          ("value", outputs == 1 ? .double(values[0]) : .doubles(values)), ("weight", .double(weight(node))),
        ])
        continue
      }
      made[index] = .object([
        ("left", made[Int(node.left)] ?? .null), ("right", made[Int(node.right)] ?? .null),
        ("split", try splits.reference(node)),
      ])
      made[Int(node.left)] = nil
      made[Int(node.right)] = nil
    }
    return made[0] ?? .null
  }
}

/// A tree whose levels each ask one question.
struct CatBoostShape {
  /// The question of each level from the root on, as the first node of the level asks it, without children and figures.
  private(set) var tests: [TreeNode] = []
  /// Nodes of the leaves by number, whose highest bit says that the root's question was answered to the right.
  private(set) var leaves: [Int] = [0]

  /// Nil for a tree that is not oblivious or deeper than CatBoost allows.
  init?(_ tree: [TreeNode]) {
    while !tree[leaves[0]].isLeaf {
      let test = CatBoostShape.question(tree[leaves[0]])
      guard tests.count < 16,
        leaves.allSatisfy({ !tree[$0].isLeaf && CatBoostShape.question(tree[$0]) == test })
      else { return nil }
      tests.append(test)
      leaves = leaves.flatMap { [Int(tree[$0].left), Int(tree[$0].right)] }
    }
    guard leaves.allSatisfy({ tree[$0].isLeaf }) else { return nil }
  }

  private static func question(_ node: TreeNode) -> TreeNode {
    var result = TreeNode(value: 0, cover: 0, count: 0)
    result.feature = node.feature
    result.threshold = node.threshold
    result.categories = node.categories
    result.flags = node.flags.subtracting(.missingIsZero)
    result.defaultLeft = node.defaultLeft
    return result
  }
}
