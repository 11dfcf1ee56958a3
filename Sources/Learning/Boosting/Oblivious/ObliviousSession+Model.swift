import Compute
import Diagnostics
import Trees

extension ObliviousSession {
  /// The forest of trees.
  func forest(trees: some Sequence<ObliviousTree>) throws(TernError) -> Forest {
    let trees = Array(trees)
    var statistics = StatisticsBuilder(session: self)
    // Features of one table stand together, so that prediction looks up its key once.
    var used: [StatisticFeature] = []
    for tree in trees {
      for case .statistic(let feature) in tree.splits.map(\.source) where !used.contains(feature) {
        used.append(feature)
      }
    }
    for feature in used { statistics.addTable(feature) }
    for feature in statistics.grouped(used) { statistics.add(feature) }
    var nodes = start.forest?.nodeArrays ?? ForestNodes()
    var columns = Array(used.indices)
    if !used.isEmpty {
      if nodes.statistics == nil {
        nodes.statistics = statistics.statistics
      } else {
        columns = nodes.statistics?.append(statistics.statistics) ?? []
      }
    }
    for tree in trees {
      for output in 0..<loss.outputs {
        nodes.append(tree: tree.nodes(output: output) { node($0) { columns[statistics.number(of: $0)] } })
      }
    }
    return try Forest(header: start.forest?.header ?? header, nodes: nodes)
  }

  /// The header of a forest that begins with this training.
  private var header: Forest.Header {
    var header = Forest.Header(
      link: configuration.lossFunction.link, outputs: loss.outputs, featureNames: table.featureNames,
      baseScores: labels.base.map { Float($0) })
    header.precision = .double
    let biases = labels.base.map { $0 - Double(Float($0)) }
    if biases.contains(where: { $0 != 0 }) { header.biases = biases }
    return header
  }

  /// An inner node with the test of a level.
  ///
  /// - Parameter column: the place of a statistic's column.
  private func node(_ split: ObliviousSplit, column: (StatisticFeature) -> Int) -> TreeNode {
    var node = TreeNode(value: 0, cover: 0, count: 0)
    switch split.source {
    case .statistic(let feature):
      node.feature = Int32(table.features + column(feature))
      node.threshold = StatisticFeature.border(bin: split.bin).nextUp
      node.defaultLeft = true
    case .feature(let index):
      let feature = dataset.features[index]
      node.feature = Int32(feature.column)
      if feature.isEquality {
        node.setCategories([split.bin], flags: [])
        node.defaultLeft = true
      } else {
        node.threshold = feature.borders[split.bin].nextUp
        node.defaultLeft = feature.missingIsLow
      }
    }
    return node
  }

  /// The condition of a data set feature's test as part of a combination.
  func element(_ split: ObliviousSplit) -> CategoryStatistics.Element? {
    guard case .feature(let index) = split.source else { return nil }
    let feature = dataset.features[index]
    if feature.isEquality {
      let name = table.kinds[feature.column].vocabulary?[split.bin] ?? ""
      return .equals(feature: feature.column, hash: CategoryHash.hash(name))
    }
    return .greater(feature: feature.column, border: feature.borders[split.bin])
  }
}
