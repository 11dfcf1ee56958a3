/// How an inner node decides beyond `x < threshold`, as bits of `ForestNodes.flags`.
public struct NodeFlags: OptionSet, Sendable, Equatable {
  /// The bits as they are stored.
  public let rawValue: Int32

  /// Takes the stored bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The node asks whether the value's category is a member of its set.
  public static let categorical = NodeFlags(rawValue: 1)
  /// Members of the set go left (LightGBM) and all others right; without it members go right (XGBoost).
  public static let membersGoLeft = NodeFlags(rawValue: 2)
  /// A value in (-1, 0) counts as category 0, as truncation makes it (LightGBM); else it is no category (XGBoost).
  public static let truncatesNegative = NodeFlags(rawValue: 4)
  /// A value of magnitude at most 1e-35 is missing, as NaN is: LightGBM's missing type Zero.
  public static let zeroIsMissing = NodeFlags(rawValue: 8)
  /// NaN counts as 0.0, LightGBM's missing type None; `defaultLeft` already says where 0.0 goes.
  public static let missingIsZero = NodeFlags(rawValue: 16)

  /// The leaf is linear; set by `ForestNodes.append(tree:)` where a node has a `LinearLeaf`.
  public static let linear = NodeFlags(rawValue: 32)

  /// Everything a numeric test may carry.
  static let numeric: NodeFlags = [.zeroIsMissing, .missingIsZero]
  /// Everything a categorical test may carry.
  static let membership: NodeFlags = [.categorical, .membersGoLeft, .truncatesNegative]
}

/// A leaf whose output is `constant + Σ coefficient · x`, or its plain value where one of these x is missing.
public struct LinearLeaf: Sendable, Equatable {
  /// The output where all features are zero.
  public var constant: Double
  /// Features of the sum.
  public var features: [Int32]
  /// One coefficient for each of `features`.
  public var coefficients: [Double]

  /// Gathers the terms; there must be as many coefficients as features.
  public init(constant: Double, features: [Int32], coefficients: [Double]) {
    precondition(features.count == coefficients.count, "a linear leaf has a coefficient for each feature")
    self.constant = constant
    self.features = features
    self.coefficients = coefficients
  }
}

/// One node of a tree under construction.
public struct TreeNode: Sendable, Equatable {
  /// Feature tested, -1 for a leaf.
  public var feature: Int32
  /// Rows with `x < threshold` go left; 0 for a categorical node.
  public var threshold: Float
  /// Whether a missing value goes left.
  public var defaultLeft: Bool
  /// Left child, -1 for a leaf.
  public var left: Int32
  /// Right child, -1 for a leaf.
  public var right: Int32
  /// Leaf value.
  public var value: Float
  /// Loss reduction of the split.
  public var gain: Float
  /// Sum of hessians.
  public var cover: Float
  /// Number of training rows.
  public var count: Int32
  /// How the node decides beyond its threshold.
  public var flags: NodeFlags = []
  /// Set of a categorical node: bit `c % 32` of word `c / 32` stands for category c.
  public var categories: [UInt32] = []
  /// The leaf value where `Float` does not hold it exactly; `value` is then the nearest `Float`.
  public var exactValue: Double?
  /// The linear function of a leaf that has one.
  public var linear: LinearLeaf?

  /// A leaf.
  public init(value: Float, cover: Float, count: Int32) {
    feature = -1
    threshold = 0
    defaultLeft = false
    left = -1
    right = -1
    self.value = value
    gain = 0
    self.cover = cover
    self.count = count
  }

  /// A leaf whose value is a `Double`.
  public init(exactValue: Double, cover: Float, count: Int32) {
    self.init(value: Float(exactValue), cover: cover, count: count)
    self.exactValue = exactValue
  }

  /// The flags with the one that the linear function implies.
  var storedFlags: NodeFlags { linear == nil ? flags.subtracting(.linear) : flags.union(.linear) }

  /// Whether the node has no children.
  public var isLeaf: Bool { feature < 0 }

  /// Makes the node categorical with the given members.
  public mutating func setCategories(_ members: some Sequence<Int>, flags: NodeFlags) {
    categories = []
    for member in members {
      let word = member / 32
      if word >= categories.count {
        categories.append(contentsOf: repeatElement(0, count: word + 1 - categories.count))
      }
      categories[word] |= 1 << UInt32(member % 32)
    }
    self.flags = flags.union(.categorical)
    threshold = 0
  }
}
