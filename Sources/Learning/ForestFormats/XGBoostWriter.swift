import Diagnostics
import Trees

/// Writes XGBoost's model document, as version 3.2 does, from which JSON and UBJSON are made.
///
/// A base margin whose stored form does not give it exactly back becomes a first tree of one leaf, so that sums in `Float`
/// stay what they were.
enum XGBoostWriter {
  private static let noParent = Int32.max

  /// The document.
  /// - Throws: `TernError(.data)` for linear leaves, zeros that count as missing and links that XGBoost does not have.
  static func document(_ model: ForeignForest) throws(TernError) -> FormatOutput {
    let export = ForestExport(model, format: "XGBoost")
    let forest = model.forest
    let objective = try XGBoostObjective.forWriting(model)
    let outputs = forest.outputs
    let categorical = export.categoricalFeatures()

    var trees: [FormatOutput] = []
    var info: [Int32] = []
    let margins = forest.header.baseMargins.map(Float.init)
    var stored = margins.compactMap(objective.stored)
    if stored.count < outputs {
      stored = [Float](repeating: objective.stored(forMargin: 0) ?? 0, count: outputs)
      for (output, margin) in margins.enumerated() {
        let leaf = TreeNode(value: margin, cover: 0, count: 0)
        trees.append(tree([leaf], id: trees.count, features: forest.features, export: nil))
        info.append(Int32(truncatingIfNeeded: output))
      }
    }
    for index in 0..<forest.trees {
      let nodes = try export.tree(index)
      trees.append(tree(nodes, id: trees.count, features: forest.features, export: export))
      info.append(Int32(truncatingIfNeeded: index % outputs))
    }
    let rounds = trees.count / outputs
    let booster: FormatOutput = .object([
      (
        "model",
        .object([
          ("cats", XGBoostCategories.document(model.categories)),
          (
            "gbtree_model_param",
            .object([("num_parallel_tree", .text("1")), ("num_trees", .text("\(trees.count)"))])
          ),
          ("iteration_indptr", .array((0...rounds).map { .integer(Int64($0 * outputs)) })),
          ("tree_info", .array(info.map { .integer(Int64($0)) })), ("trees", .array(trees)),
        ])
      ), ("name", .text("gbtree")),
    ])
    let isSoftmax = forest.header.link == .softmax
    return .object([
      (
        "learner",
        .object([
          ("attributes", .object([])),
          ("feature_names", .array(forest.header.featureNames.map(FormatOutput.text))),
          ("feature_types", .array(categorical.map { .text($0 ? "c" : "float") })),
          ("gradient_booster", booster),
          (
            "learner_model_param",
            .object([
              ("base_score", .text(text(of: stored))), ("boost_from_average", .text("0")),
              ("num_class", .text(isSoftmax ? "\(outputs)" : "0")),
              ("num_feature", .text("\(forest.features)")),
              ("num_target", .text(isSoftmax ? "1" : "\(outputs)")),
            ])
          ), ("objective", objective.document(outputs: outputs)),
        ])
      ), ("version", .array([.integer(3), .integer(2), .integer(0)])),
    ])
  }

  /// One number where all are equal, which every version reads; else the array that 3.1 began with.
  private static func text(of scores: [Float]) -> String {
    if scores.allSatisfy({ $0 == scores[0] }) { return "\(scores[0])" }
    return "[" + scores.map(\.description).joined(separator: ",") + "]"
  }

  private static func tree(
    _ source: [TreeNode], id: Int, features: Int, export: ForestExport?
  ) -> FormatOutput {
    let nodes = source.map { $0.flags.contains(.membersGoLeft) ? export?.withMembersRight($0) ?? $0 : $0 }
    var parents = [Int32](repeating: noParent, count: nodes.count)
    for (index, node) in nodes.enumerated() where !node.isLeaf {
      parents[Int(node.left)] = Int32(truncatingIfNeeded: index)
      parents[Int(node.right)] = Int32(truncatingIfNeeded: index)
    }
    var categories: [Int32] = []
    var segments: [Int64] = []
    var sizes: [Int64] = []
    var categoryNodes: [Int32] = []
    for (index, node) in nodes.enumerated() where node.flags.contains(.categorical) {
      let members = ForestExport.members(node.categories)
      categoryNodes.append(Int32(truncatingIfNeeded: index))
      segments.append(Int64(categories.count))
      sizes.append(Int64(members.count))
      categories += members.map { Int32(truncatingIfNeeded: $0) }
    }
    let values = nodes.map { node in
      node.isLeaf ? export.map { Float($0.value(node)) } ?? node.value : node.threshold
    }
    return .object([
      ("base_weights", .floats(zip(nodes, values).map { $0.isLeaf ? $1 : $0.value })),
      ("categories", .integers(categories)), ("categories_nodes", .integers(categoryNodes)),
      ("categories_segments", .longs(segments)), ("categories_sizes", .longs(sizes)),
      ("default_left", .bytes(nodes.map { $0.defaultLeft ? 1 : 0 })), ("id", .integer(Int64(id))),
      ("left_children", .integers(nodes.map(\.left))), ("loss_changes", .floats(nodes.map(\.gain))),
      ("parents", .integers(parents)), ("right_children", .integers(nodes.map(\.right))),
      ("split_conditions", .floats(values)),
      ("split_indices", .integers(nodes.map { max($0.feature, 0) })),
      ("split_type", .bytes(nodes.map { $0.flags.contains(.categorical) ? 1 : 0 })),
      ("sum_hessian", .floats(nodes.map(\.cover))),
      (
        "tree_param",
        .object([
          ("num_deleted", .text("0")), ("num_feature", .text("\(features)")),
          ("num_nodes", .text("\(nodes.count)")),
          ("size_leaf_vector", .text("1")),
        ])
      ),
    ])
  }
}
