import Compute

/// Draws the features that a tree, a level and a node may use; each draw is a subset of the one above it. A class, as `SplitSearch`
/// is.
final class FeatureSampling: Sendable {
  private let configuration: BoostingConfiguration
  private let tree: Int
  /// Features of the tree, increasing.
  let treeFeatures: [Int32]

  init(configuration: BoostingConfiguration, bins: [FeatureBins], tree: Int) {
    self.configuration = configuration
    self.tree = tree
    // LightGBM draws among the features that can split, XGBoost among all.
    let candidates = (0..<Int32(bins.count)).filter {
      configuration.style == .xgboost || !bins[Int($0)].isConstant
    }
    var random = RandomStream.treeFeatures.generator(seed: configuration.seed, step: tree)
    treeFeatures = FeatureSampling.draw(
      configuration.colsampleBytree, of: candidates, style: configuration.style, random: &random)
  }

  /// Whether every node uses all of the tree's features.
  var isPlain: Bool { configuration.colsampleBylevel >= 1 && configuration.colsampleBynode >= 1 }

  /// The features of one node.
  func nodeFeatures(node: Int, depth: Int) -> [Int32] {
    if isPlain { return treeFeatures }
    var level = RandomStream.levelFeatures.generator(seed: configuration.seed, step: tree << 8 | depth)
    let levelFeatures = FeatureSampling.draw(
      configuration.colsampleBylevel, of: treeFeatures, style: configuration.style, random: &level)
    var own = RandomStream.nodeFeatures.generator(seed: configuration.seed, step: tree << 20 | node)
    return FeatureSampling.draw(
      configuration.colsampleBynode, of: levelFeatures, style: configuration.style, random: &own)
  }

  /// XGBoost rounds the number of features down, LightGBM to the nearest; at least one is drawn.
  private static func draw(
    _ fraction: Double, of features: [Int32], style: BoostingConfiguration.Style, random: inout Philox
  ) -> [Int32] {
    if fraction >= 1 || features.count < 2 { return features }
    let exact = fraction * Double(features.count)
    let count = max(1, Int(style == .xgboost ? exact : exact + 0.5))
    return random.sample(count, of: features.count).map { features[Int($0)] }
  }
}
