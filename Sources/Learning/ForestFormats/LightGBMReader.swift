import Diagnostics
import Trees

/// Reads LightGBM's text models, versions v2 to v4: categorical and linear trees, all missing types, averaged output.
enum LightGBMReader {
  /// The greatest number of outputs that is believed.
  private static let outputLimit = 65_536

  /// Makes a forest of a model's text.
  /// - Throws: `TernError(.data)` naming line and key for anything malformed.
  static func read(_ bytes: [UInt8], file: String?) throws(TernError) -> ForeignForest {
    let text = try split(bytes, file: file)
    let header = text.header
    let outputs = try header.integer("num_tree_per_iteration", in: 1...outputLimit)
    let features = try header.integer("max_feature_idx", in: -1...1 << 24) + 1
    let objective = header.has("objective") ? String(try header.text("objective")) : ""
    let (link, scale) = LightGBMObjective.link(of: objective)
    guard scale.isFinite, scale > 0 else {
      throw header.error("the sigmoid must be positive", "objective", expected: "a number above 0")
    }
    var names: [String] = []
    if header.has("feature_names") {
      names = try header.text("feature_names").split(separator: " ").map(String.init)
    }
    guard names.count == features else {
      throw header.error(
        "is not one name per feature", "feature_names", found: "\(names.count) names", expected: "\(features)"
      )
    }

    guard text.trees.count % outputs == 0 else {
      throw TernError(
        .data, "the number of trees is not a multiple of the outputs", file: file,
        key: "num_tree_per_iteration",
        found: "\(text.trees.count) trees", expected: "a multiple of \(outputs)")
    }
    var nodes = ForestNodes()
    for section in text.trees { nodes.append(tree: try LightGBMTree(section, features: features).assemble()) }
    var result = Forest.Header(
      link: link, outputs: outputs, featureNames: names, baseScores: [Float](repeating: 0, count: outputs))
    result.precision = .double
    result.averages = header.has("average_output")
    result.linkScale = scale
    return ForeignForest(
      forest: try Forest(header: result, nodes: nodes), objective: objective,
      categories: try categories(header, features: features, vocabulary: text.pandas, file: file))
  }

  private struct Text {
    var header: LightGBMSection
    var trees: [LightGBMSection] = []
    /// What follows `pandas_categorical:`.
    var pandas: Substring?
  }

  /// Cuts the text into its header, its trees and what is of use behind them.
  private static func split(_ bytes: [UInt8], file: String?) throws(TernError) -> Text {
    let whole = String(decoding: bytes, as: UTF8.self)
    var result = Text(header: LightGBMSection(name: "header", file: file))
    var number = 0
    var isEnded = false
    var isFirst = true
    for raw in whole.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let line = raw.last == "\r" ? raw.dropLast() : raw
      if line.isEmpty { continue }
      if isFirst {
        guard line == "tree" else {
          throw TernError(
            .data, "is not a LightGBM model", file: file, line: number, found: "\"\(line.prefix(40))\"",
            expected: "\"tree\"")
        }
        isFirst = false
      } else if line.hasPrefix("pandas_categorical:") {
        result.pandas = line.dropFirst("pandas_categorical:".count)
      } else if isEnded {
        continue
      } else if line == "end of trees" {
        isEnded = true
      } else if line.hasPrefix("Tree=") {
        result.trees.append(LightGBMSection(name: String(line.prefix(24)), file: file))
      } else if result.trees.isEmpty {
        result.header.add(line, number: number)
      } else {
        result.trees[result.trees.count - 1].add(line, number: number)
      }
    }
    guard isEnded else {
      throw TernError(
        .data, "the file ends early", file: file, line: number, found: "\(result.trees.count) trees",
        expected: "\"end of trees\"")
    }
    return result
  }

  /// Names of categories, which Python lists for the columns of a data frame that are categorical, in their order.
  private static func categories(
    _ header: LightGBMSection, features: Int, vocabulary: Substring?, file: String?
  ) throws(TernError) -> [[String]?] {
    var result = [[String]?](repeating: nil, count: features)
    guard let vocabulary, header.has("feature_infos") else { return result }
    let document = try JSONParser.parse(Array(vocabulary.utf8), file: file)
    if case .null = document.value { return result }
    let infos = try header.text("feature_infos").split(separator: " ")
    let categorical = infos.indices.filter {
      infos[$0].contains(":") && !infos[$0].hasPrefix("[") && $0 < features
    }
    let lists = try document.elements()
    // A categorical column that no tree could split on is described as "none", so the two need not match.
    guard lists.count == categorical.count else { return result }
    for (feature, list) in zip(categorical, lists) {
      result[feature] = try list.elements().map { name throws(TernError) in
        switch name.value {
        case .string(let text): return text
        case .number(let number): return Int(exactly: number.double).map(String.init) ?? "\(number.double)"
        default: return name.value.kind
        }
      }
    }
    return result
  }
}
