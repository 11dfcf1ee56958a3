import Diagnostics
import Trees

/// Writes LightGBM's text model, version v4.
///
/// LightGBM has no base score, so base margins are added to the leaves of the first tree of each output. Its sums are
/// in `Double`; those of a forest with sums in `Float` differ from them by the rounding of the latter.
enum LightGBMWriter {
  /// The text.
  /// - Throws: `TernError(.data)` for categorical tests that send missing values to the members' side.
  static func write(_ model: ForeignForest) throws(TernError) -> [UInt8] {
    let export = ForestExport(model, format: "LightGBM")
    let forest = model.forest
    let outputs = forest.outputs
    var blocks: [String] = []
    let rounds = max(forest.rounds, 1)
    for index in 0..<rounds * outputs {
      let base = index < outputs ? forest.header.baseMargins[index] : 0
      let nodes =
        index < forest.trees
        ? try export.tree(index, keepsZeroIsMissing: true, keepsLinear: true)
        : [TreeNode(value: 0, cover: 0, count: 0)]
      let body = try LightGBMBlock(nodes, base: base, index: index, export: export).text()
      blocks.append("Tree=\(index)\n\(body)\n\n")
    }
    var text = try header(model, export: export)
    text += "tree_sizes=" + blocks.map { "\($0.utf8.count)" }.joined(separator: " ") + "\n\n"
    text += blocks.joined()
    text += "end of trees\n\nfeature_importances:\n"
    let importances = forest.importances().filter { $0.splits > 0 }
    for entry in importances.sorted(by: { $0.splits > $1.splits }) {
      text += "\(entry.feature)=\(entry.splits)\n"
    }
    text += "\nparameters:\nend of parameters\n\npandas_categorical:"
    text += vocabulary(model, export: export) + "\n"
    return Array(text.utf8)
  }

  private static func header(_ model: ForeignForest, export: ForestExport) throws(TernError) -> String {
    let forest = model.forest
    let names = forest.header.featureNames
    if let bad = names.first(where: { $0.isEmpty || $0.contains { " \n\r\t".contains($0) } }) {
      throw TernError(
        .data, "LightGBM separates feature names by spaces", key: "feature_names", found: "\"\(bad)\"",
        expected: "names without white space")
    }
    return """
      tree
      version=v4
      num_class=\(forest.outputs)
      num_tree_per_iteration=\(forest.outputs)
      label_index=0
      max_feature_idx=\(forest.features - 1)
      objective=\(try LightGBMObjective.text(for: model))
      feature_names=\(names.joined(separator: " "))
      feature_infos=\(infos(export).joined(separator: " "))

      """
  }

  /// What values each feature has, as far as its tests show.
  private static func infos(_ export: ForestExport) -> [String] {
    let nodes = export.forest.nodeArrays
    var lowest = [Float](repeating: .infinity, count: export.forest.features)
    var highest = [Float](repeating: -.infinity, count: export.forest.features)
    for (node, feature) in nodes.splitFeature.enumerated()
    where feature >= 0 && nodes.threshold[node].isFinite {
      lowest[Int(feature)] = min(lowest[Int(feature)], nodes.threshold[node])
      highest[Int(feature)] = max(highest[Int(feature)], nodes.threshold[node])
    }
    return export.categoricalFeatures().enumerated().map { feature, isCategorical in
      if isCategorical {
        return (-1..<max(export.categoryCount(feature), 1)).map(String.init).joined(separator: ":")
      }
      return lowest[feature] <= highest[feature] ? "[\(lowest[feature]):\(highest[feature])]" : "none"
    }
  }

  /// Names of categories where all categorical features have them.
  private static func vocabulary(_ model: ForeignForest, export: ForestExport) -> String {
    let lists = zip(export.categoricalFeatures(), model.categories).filter(\.0).map(\.1)
    guard !lists.isEmpty, lists.allSatisfy({ $0 != nil }) else { return "null" }
    let output = lists.map { FormatOutput.array(($0 ?? []).map(FormatOutput.text)) }
    return String(decoding: JSONWriter.write(.array(output)), as: UTF8.self)
  }
}
