import Diagnostics
import Trees

/// One `Tree=` block of a LightGBM model.
struct LightGBMTree {
  private let section: LightGBMSection
  private let features: Int
  private let leaves: Int

  private var split: [Int] = []
  private var gain: [Double] = []
  private var threshold: [Double] = []
  private var decision: [Int] = []
  private var left: [Int] = []
  private var right: [Int] = []
  private var leafValue: [Double] = []
  private var leafWeight: [Double] = []
  private var leafCount: [Int] = []
  private var internalValue: [Double] = []
  private var internalWeight: [Double] = []
  private var internalCount: [Int] = []
  private var sets: [[UInt32]] = []
  private var linear: [LinearLeaf] = []

  /// Reads the arrays of a block.
  init(_ section: LightGBMSection, features: Int) throws(TernError) {
    self.section = section
    self.features = features
    leaves = try section.integer("num_leaves", in: 1...1 << 24)
    let inner = leaves - 1
    leafValue = try section.doubles("leaf_value", count: leaves)
    if inner > 0 {
      split = try section.integers("split_feature", count: inner, in: 0...max(features - 1, 0))
      threshold = try section.doubles("threshold", count: inner)
      decision = try section.integers("decision_type", count: inner, in: 0...255)
      left = try section.integers("left_child", count: inner, in: -leaves...inner)
      right = try section.integers("right_child", count: inner, in: -leaves...inner)
      gain = try optionalDoubles("split_gain", count: inner)
      leafWeight = try optionalDoubles("leaf_weight", count: leaves)
      leafCount = try optionalCounts("leaf_count", count: leaves)
      internalValue = try optionalDoubles("internal_value", count: inner)
      internalWeight = try optionalDoubles("internal_weight", count: inner)
      internalCount = try optionalCounts("internal_count", count: inner)
    }
    try readSets()
    if section.has("is_linear"), try section.integer("is_linear", in: 0...1) == 1 { try readLinear() }
  }

  private func optionalDoubles(_ key: String, count: Int) throws(TernError) -> [Double] {
    guard section.has(key), !(try section.text(key)).isEmpty else {
      return [Double](repeating: 0, count: count)
    }
    return try section.doubles(key, count: count)
  }

  private func optionalCounts(_ key: String, count: Int) throws(TernError) -> [Int] {
    guard section.has(key), !(try section.text(key)).isEmpty else { return [Int](repeating: 0, count: count) }
    return try section.integers(key, count: count, in: 0...Int(Int32.max))
  }

  private mutating func readSets() throws(TernError) {
    guard section.has("num_cat") else { return }
    let count = try section.integer("num_cat", in: 0...leaves)
    guard count > 0 else { return }
    let bounds = try section.integers("cat_boundaries", count: count + 1, in: 0...Int(Int32.max))
    guard bounds[0] == 0, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw section.error("must rise from 0", "cat_boundaries")
    }
    let words = try section.integers("cat_threshold", count: bounds[count], in: 0...Int(UInt32.max))
    sets = zip(bounds, bounds.dropFirst()).map { first, next in
      words[first..<next].map { UInt32(truncatingIfNeeded: $0) }
    }
  }

  private mutating func readLinear() throws(TernError) {
    let constants = try section.doubles("leaf_const", count: leaves)
    let counts = try section.integers("num_features", count: leaves, in: 0...features)
    let total = counts.reduce(0, +)
    let used = try section.integers("leaf_features", count: total, in: 0...max(features - 1, 0))
    let coefficients = try section.doubles("leaf_coeff", count: total)
    var at = 0
    for leaf in 0..<leaves {
      let terms = at..<at + counts[leaf]
      at = terms.upperBound
      linear.append(
        LinearLeaf(
          constant: constants[leaf], features: used[terms].map { Int32($0) },
          coefficients: Array(coefficients[terms])))
    }
  }

  /// The nodes in Tern's order.
  func assemble() throws(TernError) -> [TreeNode] {
    let inner = leaves - 1
    let place = Located(value: .null, path: section.name, file: section.file)
    return try TreeAssembler.assemble(root: inner == 0 ? -1 : 0, limit: leaves + inner, place: place) {
      index throws(TernError) in
      guard index >= 0 else {
        let leaf = -1 - index
        var node = TreeNode(
          exactValue: leafValue[leaf], cover: finite(leafWeight, leaf),
          count: leafCount.isEmpty ? 0 : Int32(leafCount[leaf]))
        if !linear.isEmpty { node.linear = linear[leaf] }
        return (node, nil)
      }
      guard index < inner else {
        throw section.error("names a child that does not exist", "left_child", found: "\(index)")
      }
      return (try self.inner(index), (left[index], right[index]))
    }
  }

  private func finite(_ values: [Double], _ index: Int) -> Float {
    guard index < values.count, Float(values[index]).isFinite else { return 0 }
    return Float(values[index])
  }

  private func inner(_ index: Int) throws(TernError) -> TreeNode {
    var node = TreeNode(
      value: finite(internalValue, index), cover: finite(internalWeight, index),
      count: Int32(internalCount[index]))
    node.feature = Int32(split[index])
    node.gain = finite(gain, index)
    if decision[index] & 1 != 0 {
      guard let set = Int(exactly: threshold[index]), sets.indices.contains(set) else {
        throw section.error(
          "names a category set that does not exist", "threshold", found: "\(threshold[index])",
          expected: "0 ..< \(sets.count)")
      }
      node.categories = sets[set]
      node.flags = [.categorical, .membersGoLeft, .truncatesNegative]
      return node
    }
    guard !threshold[index].isNaN else { throw section.error("is not a number", "threshold", found: "nan") }
    node.threshold = Forest.threshold(lessOrEqual: threshold[index])
    node.defaultLeft = decision[index] & 2 != 0
    switch decision[index] >> 2 & 3 {
    case 0:
      node.flags = .missingIsZero
      node.defaultLeft = 0 < node.threshold
    case 1: node.flags = .zeroIsMissing
    case 2: break
    default:
      throw section.error(
        "is an unknown missing type", "decision_type", found: "\(decision[index])",
        expected: "bits 2 and 3 of 0, 1 or 2")
    }
    return node
  }
}
