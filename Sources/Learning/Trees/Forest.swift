import Diagnostics

/// An ensemble of binary decision trees over `Float` features, stored as flat arrays.
///
/// Trees are interleaved round-major and output-minor: tree `t` belongs to round `t / outputs` and adds to output
/// `t % outputs`. The margin of output k is `baseScores[k] + Σ leaf values` of its trees, added in tree order
/// in `Float`.
///
/// An inner node sends a row left if `x < threshold`; a missing value (NaN) follows `defaultLeft`. LightGBM's
/// `x <= t` with a double t is the same test with `Forest.threshold(lessOrEqual: t)`, exactly, for every finite `Float` x.
public struct Forest: Sendable, Equatable {
  /// What makes a probability or a prediction of a margin.
  public enum Link: String, Codable, Sendable {
    /// The margin is the prediction.
    case identity
    /// 1 / (1 + exp(-margin)).
    case logistic
    /// exp(margin_k) / Σ exp(margin_j).
    case softmax
  }

  /// Everything of a forest that is not an array of its nodes.
  public struct Header: Codable, Sendable, Equatable {
    /// Layout version of the arrays, currently 1.
    public var version: Int
    /// The transformation of margins.
    public var link: Link
    /// Number of margins per row: the number of classes for softmax, else 1.
    public var outputs: Int
    /// One name per feature, in column order.
    public var featureNames: [String]
    /// Margin of each output before the first tree.
    public var baseScores: [Float]

    /// Creates a header.
    public init(link: Link, outputs: Int, featureNames: [String], baseScores: [Float], version: Int = 1) {
      self.version = version
      self.link = link
      self.outputs = outputs
      self.featureNames = featureNames
      self.baseScores = baseScores
    }
  }

  /// Objective link, outputs, feature names and base scores.
  public let header: Header
  /// First node of each tree and, last, the number of nodes: (trees + 1).
  public let treeOffsets: [Int32]
  /// Feature tested by a node, -1 for a leaf: (nodes).
  public let splitFeature: [Int32]
  /// Rows with `x < threshold` go left; 0 for a leaf: (nodes).
  public let threshold: [Float]
  /// 1 where a missing value goes left, else 0: (nodes).
  public let defaultLeft: [Int32]
  /// Left child counted from its tree's first node, -1 for a leaf: (nodes).
  public let leftChild: [Int32]
  /// Right child counted from its tree's first node, -1 for a leaf: (nodes).
  public let rightChild: [Int32]
  /// Leaf value with the learning rate applied; for an inner node the value it would have as a leaf: (nodes).
  public let value: [Float]
  /// Loss reduction of a split, 0 for a leaf: (nodes).
  public let gain: [Float]
  /// Sum of hessians of the training rows in a node: (nodes).
  public let cover: [Float]
  /// Number of training rows in a node: (nodes).
  public let count: [Int32]

  /// The same trees in the order and packing that prediction walks.
  let compiled: CompiledForest

  /// Number of features a row has.
  public var features: Int { header.featureNames.count }
  /// Number of margins per row.
  public var outputs: Int { header.outputs }
  /// Number of trees of all outputs.
  public var trees: Int { treeOffsets.count - 1 }
  /// Number of boosting rounds.
  public var rounds: Int { trees / outputs }
  /// Number of nodes of all trees.
  public var nodes: Int { splitFeature.count }

  /// Makes a forest of node arrays after checking every bound, so that no prediction can leave the arrays.
  ///
  /// - Throws: `TernError(.data)` for arrays of unequal length, a child that is not after its parent in its own
  ///   tree, a node with two parents or none, a feature that does not exist, or a value that is not finite.
  public init(header: Header, nodes: ForestNodes) throws(TernError) {
    try Forest.validate(header: header, nodes: nodes)
    self.init(validHeader: header, validNodes: nodes)
  }

  private init(validHeader header: Header, validNodes nodes: ForestNodes) {
    self.header = header
    treeOffsets = nodes.treeOffsets
    splitFeature = nodes.splitFeature
    threshold = nodes.threshold
    defaultLeft = nodes.defaultLeft
    leftChild = nodes.leftChild
    rightChild = nodes.rightChild
    value = nodes.value
    gain = nodes.gain
    cover = nodes.cover
    count = nodes.count
    compiled = CompiledForest(nodes: nodes, outputs: header.outputs)
  }

  /// The node arrays as one value.
  public var nodeArrays: ForestNodes {
    ForestNodes(
      treeOffsets: treeOffsets, splitFeature: splitFeature, threshold: threshold, defaultLeft: defaultLeft,
      leftChild: leftChild, rightChild: rightChild, value: value, gain: gain, cover: cover, count: count)
  }

  /// The forest of the first `rounds` rounds.
  public func prefix(rounds: Int) -> Forest {
    let kept = min(max(rounds, 0), self.rounds) * outputs
    return Forest(validHeader: header, validNodes: nodeArrays.prefix(trees: kept))
  }

  /// The `Float` t for which `x < t` holds exactly when `x <= limit`, for every finite `Float` x.
  public static func threshold(lessOrEqual limit: Double) -> Float {
    let nearest = Float(limit)
    let below = Double(nearest) > limit ? nearest.nextDown : nearest
    return below.nextUp
  }

  /// Two forests are equal if their headers and node arrays are.
  public static func == (a: Forest, b: Forest) -> Bool {
    a.header == b.header && a.nodeArrays == b.nodeArrays
  }
}
