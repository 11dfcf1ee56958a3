import Pages
import Trees

/// A tree in words: what each node asks, what a leaf answers, and how much of the training data passed.
public struct TreeOutline: Sendable {
  /// A node in words.
  struct Node {
    /// The question of an inner node, the answer of a leaf.
    var title: String
    /// Gain, cover and rows.
    var detail: String
    var depth: Int
    /// Places of the children, empty for a leaf or where the outline stops.
    var children: [Int]
    /// Whether the node has children that the outline leaves out.
    var isCut: Bool
    var isLeaf: Bool
    /// The leaf's value, or what the node would answer as a leaf.
    var value: Double
    /// What leads here from the parent: "yes" or "no", and whether missing values take this way.
    var way: String
  }

  /// How to word a tree.
  public struct Options: Sendable {
    /// Names of the categories of each feature by code, empty for numbers: (feature).
    public var categories: [[String]] = []
    /// Nodes below this depth are left out.
    public var maximumDepth = Int.max
    /// Categories named before "… and n more".
    public var namedCategories = 6

    /// Names nothing and leaves nothing out.
    public init() {}
  }

  /// Number of the tree in its forest.
  public let tree: Int
  let nodes: [Node]
  /// Number of leaves, also of those left out.
  public let leaves: Int
  /// Steps to the deepest leaf.
  public let depth: Int
  let heading: String

  /// Words a tree; its nodes come in depth-first order, "yes" before "no".
  public init(_ forest: Forest, tree: Int, options: Options = Options()) {
    precondition((0..<forest.trees).contains(tree), "the forest has no such tree")
    self.tree = tree
    let source = forest.nodeArrays.tree(tree)
    var nodes: [Node] = []
    var open: [(place: Int, parent: Int, depth: Int, way: String)] = [(0, -1, 0, "")]
    while let next = open.popLast() {
      let node = source[next.place]
      let words = TreeOutline.words(node, forest, options)
      let isCut = !node.isLeaf && next.depth >= options.maximumDepth
      if next.parent >= 0 { nodes[next.parent].children.append(nodes.count) }
      let own = nodes.count
      nodes.append(
        Node(
          title: words.title, detail: words.detail, depth: next.depth, children: [], isCut: isCut,
          isLeaf: node.isLeaf, value: node.exactValue ?? Double(node.value), way: next.way))
      guard !node.isLeaf, !isCut else { continue }
      let missing = words.missingIsYes
      // A set whose members go right is asked so that "yes" is the right child.
      let (yes, no) = words.yesIsLeft ? (node.left, node.right) : (node.right, node.left)
      open.append((Int(no), own, next.depth + 1, missing ? "no" : "no, missing"))
      open.append((Int(yes), own, next.depth + 1, missing ? "yes, missing" : "yes"))
    }
    self.nodes = nodes
    leaves = source.count { $0.isLeaf }
    var depths = [Int](repeating: 0, count: source.count)
    for (place, node) in source.enumerated() where !node.isLeaf {
      for child in [node.left, node.right] { depths[Int(child)] = depths[place] + 1 }
    }
    depth = depths.max() ?? 0
    let output = forest.outputs > 1 ? ", output \(tree % forest.outputs)" : ""
    heading =
      "tree \(tree) of \(forest.trees)\(output): \(leaves) \(leaves == 1 ? "leaf" : "leaves"), depth \(depth)"
  }

  private static func words(
    _ node: TreeNode, _ forest: Forest, _ options: Options
  ) -> (title: String, detail: String, yesIsLeft: Bool, missingIsYes: Bool) {
    var facts: [String] = []
    if !node.isLeaf, node.gain != 0 { facts.append("gain \(PageText.plain(Double(node.gain)))") }
    if node.cover != 0 { facts.append("cover \(PageText.plain(Double(node.cover)))") }
    if node.count != 0 {
      facts.append("\(PageText.count(Int(node.count))) \(node.count == 1 ? "row" : "rows")")
    }
    let detail = facts.joined(separator: " · ")
    if node.isLeaf { return (leaf(node, forest), detail, true, true) }
    let name = TreeOutline.name(of: Int(node.feature), forest)
    guard node.flags.contains(.categorical) else {
      let names =
        options.categories.indices.contains(Int(node.feature)) ? options.categories[Int(node.feature)] : []
      let zero = node.flags.contains(.zeroIsMissing) ? " (0 is missing)" : ""
      return ("\(name) < \(limit(node.threshold, names))\(zero)", detail, true, node.defaultLeft)
    }
    let yesIsLeft = node.flags.contains(.membersGoLeft)
    return ("\(name) in \(set(node, options))", detail, yesIsLeft, node.defaultLeft == yesIsLeft)
  }

  /// A feature's name, or the names behind a statistic of categories.
  private static func name(of feature: Int, _ forest: Forest) -> String {
    guard feature >= forest.features else { return forest.header.featureNames[feature] }
    let sources = forest.rawFeatures(of: feature).map { forest.header.featureNames[$0] }
    return "statistic of \(sources.joined(separator: ", "))"
  }

  /// A threshold; over ranks of categories the first name that is not below it stands beside it.
  private static func limit(_ threshold: Float, _ names: [String]) -> String {
    let place = threshold.rounded(.up)
    guard place >= 0, place < Float(names.count) else { return "\(threshold)" }
    return "\"\(PageText.shortened(names[Int(place)], 24))\""
  }

  private static func set(_ node: TreeNode, _ options: Options) -> String {
    let names =
      options.categories.indices.contains(Int(node.feature)) ? options.categories[Int(node.feature)] : []
    var members: [String] = []
    var count = 0
    for (word, bits) in node.categories.enumerated() where bits != 0 {
      for bit in 0..<32 where bits >> UInt32(bit) & 1 != 0 {
        count += 1
        let code = word * 32 + bit
        if members.count < options.namedCategories {
          members.append(names.indices.contains(code) ? names[code] : "\(code)")
        }
      }
    }
    let rest = count > members.count ? ", … and \(count - members.count) more" : ""
    return "{\(members.joined(separator: ", "))\(rest)}"
  }

  private static func leaf(_ node: TreeNode, _ forest: Forest) -> String {
    let value = signed(node.exactValue ?? Double(node.value))
    guard let linear = node.linear else { return value }
    var text = signed(linear.constant)
    for (feature, coefficient) in zip(linear.features, linear.coefficients) {
      let sign = coefficient < 0 ? " − " : " + "
      text += "\(sign)\(PageText.plain(abs(coefficient)))·\(forest.header.featureNames[Int(feature)])"
    }
    return "\(text), \(value) if missing"
  }

  private static func signed(_ value: Double) -> String {
    (value > 0 ? "+" : "") + PageText.plain(value)
  }
}
