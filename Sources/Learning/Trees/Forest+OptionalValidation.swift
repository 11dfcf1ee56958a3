import Diagnostics

extension Forest {
  /// The greatest number of words of a category set: codes are whole numbers that `Float` holds.
  static let categoryWordLimit = (1 << 24) / 32

  /// Checks the optional arrays; `validateShapes` has passed the others.
  static func validateOptional(_ nodes: ForestNodes, features: Int) throws(TernError) {
    let total = nodes.splitFeature.count
    try requireLength(nodes.flags.count, "flags", total)
    try requireLength(nodes.exactValue.count, "exact_value", total)
    try requireLength(nodes.categorySet.count, "category_set", total)
    try requireLength(nodes.linearConstant.count, "linear_constant", total)
    guard nodes.exactValue.allSatisfy(\.isFinite) else {
      throw TernError(.data, "a leaf value is not finite", key: "exact_value")
    }
    try validateSets(nodes)
    try validateLinear(nodes, features: features)
    for node in 0..<total { try validateFlags(nodes, node) }
  }

  private static func requireLength(_ length: Int, _ name: String, _ total: Int) throws(TernError) {
    guard length == 0 || length == total else {
      throw TernError(
        .data, "node arrays differ in length", key: name, found: "\(length)", expected: "0 or \(total)")
    }
  }

  /// Offsets that begin at 0, never fall and end at the number of elements.
  private static func requireOffsets(
    _ offsets: [Int32], _ name: String, elements: Int
  ) throws(TernError) {
    guard offsets.first ?? 0 == 0, Int(offsets.last ?? 0) == elements,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw TernError(
        .data, "offsets must rise from 0 to the number of elements", key: name, expected: "0 ... \(elements)")
    }
  }

  private static func validateSets(_ nodes: ForestNodes) throws(TernError) {
    try requireOffsets(nodes.categoryOffsets, "category_offsets", elements: nodes.categoryWords.count)
    for (first, next) in zip(nodes.categoryOffsets, nodes.categoryOffsets.dropFirst())
    where Int(next - first) > categoryWordLimit {
      throw TernError(
        .data, "a category set is too large", key: "category_offsets", found: "\(next - first) words",
        expected: "<= \(categoryWordLimit)")
    }
    let sets = max(nodes.categoryOffsets.count - 1, 0)
    for (node, set) in nodes.categorySet.enumerated() where set < -1 || Int(set) >= sets {
      throw TernError(
        .data, "node \(node) asks a category set that does not exist", key: "category_set", found: "\(set)",
        expected: "-1 ..< \(sets)")
    }
  }

  private static func validateLinear(_ nodes: ForestNodes, features: Int) throws(TernError) {
    let total = nodes.splitFeature.count
    guard nodes.linearOffsets.isEmpty || nodes.linearOffsets.count == total + 1 else {
      throw TernError(
        .data, "linear leaves need an offset for each node", key: "linear_offsets",
        found: "\(nodes.linearOffsets.count)", expected: "0 or \(total + 1)")
    }
    guard nodes.linearOffsets.isEmpty == nodes.linearConstant.isEmpty || total == 0 else {
      throw TernError(.data, "linear leaves need offsets and constants", key: "linear_constant")
    }
    try requireOffsets(nodes.linearOffsets, "linear_offsets", elements: nodes.linearFeature.count)
    guard nodes.linearCoefficient.count == nodes.linearFeature.count else {
      throw TernError(
        .data, "linear leaves need a coefficient for each feature", key: "linear_coefficient",
        found: "\(nodes.linearCoefficient.count)", expected: "\(nodes.linearFeature.count)")
    }
    guard nodes.linearCoefficient.allSatisfy(\.isFinite), nodes.linearConstant.allSatisfy(\.isFinite) else {
      throw TernError(.data, "a linear leaf holds a value that is not a number", key: "linear_coefficient")
    }
    if let feature = nodes.linearFeature.first(where: { $0 < 0 || Int($0) >= features }) {
      throw TernError(
        .data, "a linear leaf uses a feature that does not exist", key: "linear_feature", found: "\(feature)",
        expected: "0 ..< \(features)")
    }
  }

  private static func validateFlags(_ nodes: ForestNodes, _ node: Int) throws(TernError) {
    let flags = nodes.flags.isEmpty ? [] : NodeFlags(rawValue: nodes.flags[node])
    let allowed: NodeFlags =
      nodes.splitFeature[node] < 0
      ? .linear : flags.contains(.categorical) ? NodeFlags.membership : NodeFlags.numeric
    guard flags.isSubset(of: allowed) else {
      throw TernError(
        .data, "node \(node) has flags that do not go together", key: "flags", found: "\(flags.rawValue)")
    }
    let hasSet = !nodes.categorySet.isEmpty && nodes.categorySet[node] >= 0
    guard hasSet == flags.contains(.categorical) else {
      throw TernError(.data, "node \(node) is not both categorical and given a set", key: "category_set")
    }
    guard !flags.contains(.linear) || !nodes.linearOffsets.isEmpty else {
      throw TernError(.data, "node \(node) is a linear leaf without a function", key: "linear_offsets")
    }
    guard !flags.contains(.missingIsZero) || (nodes.defaultLeft[node] != 0) == (0 < nodes.threshold[node])
    else {
      throw TernError(
        .data, "node \(node) counts a missing value as zero but sends it elsewhere", key: "default_left",
        found: "\(nodes.defaultLeft[node])")
    }
  }
}
