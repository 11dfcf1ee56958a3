import Diagnostics

/// An ensemble of binary decision trees over `Float` features, stored as flat arrays.
///
/// Trees are interleaved round-major and output-minor: tree `t` belongs to round `t / outputs` and adds to output
/// `t % outputs`. With `precision` Float (XGBoost) the margin of output k is `baseScores[k] + Σ leaf values` of its
/// trees, added in tree order in `Float`. With Double (LightGBM, CatBoost) it is
///
///     baseScores[k] + biases[k] + scale · Σ leaf values / (averages ? rounds : 1)
///
/// with the exact leaf values, in `Double`.
///
/// An inner node sends a row left if `x < threshold`; a missing value (NaN) follows `defaultLeft`. LightGBM's
/// `x <= t` with a double t is the same test with `Forest.threshold(lessOrEqual: t)`, exactly, for every finite `Float` x.
/// A categorical node asks whether x, truncated, is a member of its set; `NodeFlags` says where members go and what
/// else counts as missing. A leaf may be linear (`LinearLeaf`).
public struct Forest: Sendable, Equatable {
  /// Objective link, outputs, feature names and base scores.
  public let header: Header
  /// The node arrays as one value.
  public let nodeArrays: ForestNodes

  /// The same trees in the packing that prediction walks.
  enum Engine: Sendable {
    /// Numeric tests, `Float` leaf values and sums.
    case plain(CompiledForest<Float>)
    /// Numeric tests and sums in `Double`.
    case exact(CompiledForest<Double>, MarginScale)
    /// Anything.
    case general(GeneralForest)
  }

  /// What predicts.
  let engine: Engine

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
    nodeArrays = nodes
    if header.isPlain, nodes.isPlain {
      engine = .plain(CompiledForest(nodes: nodes, outputs: header.outputs))
    } else if header.precision == .double,
      let exact = CompiledForest<Double>(numeric: nodes, outputs: header.outputs)
    {
      engine = .exact(exact, MarginScale(header, trees: nodes.treeOffsets.count - 1))
    } else {
      engine = .general(GeneralForest(header: header, nodes: nodes))
    }
  }

  /// The forest of the first `rounds` rounds.
  public func prefix(rounds: Int) -> Forest {
    let kept = min(max(rounds, 0), self.rounds) * outputs
    return Forest(validHeader: header, validNodes: nodeArrays.prefix(trees: kept))
  }

  /// The same trees with sums in `Float`, in which training adds margins; the forest itself where `Float` does not hold
  /// its values.
  public var addedInFloat: Forest {
    guard header.precision == .double, nodeArrays.exactValue.isEmpty, header.biases.isEmpty,
      header.scale == 1,
      !header.averages
    else { return self }
    var header = header
    header.precision = .float
    return Forest(validHeader: header, validNodes: nodeArrays)
  }

  /// The `Float` t for which `x < t` holds exactly when `x <= limit`, for every finite `Float` x.
  public static func threshold(lessOrEqual limit: Double) -> Float {
    let nearest = Float(limit)
    let below = Double(nearest) > limit ? nearest.nextDown : nearest
    return below.nextUp
  }

  /// Whether the forest has numeric tests, `Float` leaf values and `Float` sums only, which is predicted fastest.
  public var isPlain: Bool {
    if case .plain = engine { return true }
    return false
  }

  /// Two forests are equal if their headers and node arrays are.
  public static func == (a: Forest, b: Forest) -> Bool {
    a.header == b.header && a.nodeArrays == b.nodeArrays
  }
}
