import Diagnostics
import Trees

extension ForeignForest {
  /// The same model with the categories of every feature that has names in alphabetical order.
  ///
  /// A table's text columns enter a model as the rank of their value in a sorted vocabulary, while other programs number
  /// categories in their own order; the sets of all nodes follow the new numbers.
  /// - Throws: `TernError(.data)` where two categories of a feature share a name.
  public func withSortedCategories() throws(TernError) -> ForeignForest {
    // New code of each old one, for the features whose order changes.
    var ranks: [Int: [Int]] = [:]
    var sorted = categories
    for (feature, names) in categories.enumerated() {
      guard let names else { continue }
      let order = names.indices.sorted { names[$0] < names[$1] }
      let ordered = order.map { names[$0] }
      guard zip(ordered, ordered.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw TernError(
          .data, "two categories share a name", key: forest.header.featureNames[feature],
          found: zip(ordered, ordered.dropFirst()).first { $0 == $1 }.map { "\"\($0.0)\"" })
      }
      sorted[feature] = ordered
      guard order != Array(names.indices) else { continue }
      var rank = [Int](repeating: 0, count: names.count)
      for (new, old) in order.enumerated() { rank[old] = new }
      ranks[feature] = rank
    }
    guard !ranks.isEmpty else { return self }
    var nodes = ForestNodes()
    for index in 0..<forest.trees {
      var tree = forest.nodeArrays.tree(index)
      for at in tree.indices where tree[at].flags.contains(.categorical) {
        guard let rank = ranks[Int(tree[at].feature)] else { continue }
        let members = ForestExport.members(tree[at].categories).filter { $0 < rank.count }.map { rank[$0] }
        tree[at].setCategories(members, flags: tree[at].flags)
      }
      nodes.append(tree: tree)
    }
    if var statistics = forest.nodeArrays.statistics {
      for (feature, rank) in ranks where statistics.hashes[feature].count == rank.count {
        let old = statistics.hashes[feature]
        for (code, hash) in old.enumerated() { statistics.hashes[feature][rank[code]] = hash }
      }
      nodes.statistics = statistics
    }
    return ForeignForest(
      forest: try Forest(header: forest.header, nodes: nodes), objective: objective, categories: sorted,
      classes: classes)
  }
}
