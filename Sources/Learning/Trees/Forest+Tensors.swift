import Diagnostics

/// The numbers of one stored array of a forest.
public enum ForestTensor: Sendable, Equatable {
  /// 32-bit signed integers.
  case int32([Int32])
  /// 32-bit floats.
  case float32([Float])
  /// 64-bit floats.
  case float64([Double])

  /// Number of elements.
  public var count: Int {
    switch self {
    case .int32(let values): values.count
    case .float32(let values): values.count
    case .float64(let values): values.count
    }
  }
}

extension Forest {
  /// One named array of a stored forest.
  public typealias NamedTensor = (name: String, shape: [Int], values: ForestTensor)

  /// The arrays that every forest has.
  private static let required: [String] = [
    "tree_offsets", "split_feature", "threshold", "default_left", "left_child", "right_child", "value",
    "gain",
    "cover", "count",
  ]

  /// The node arrays by name, in the order in which they are stored; optional ones only where they are in use.
  public func tensors() -> [NamedTensor] {
    let arrays: [(String, ForestTensor)] = [
      ("tree_offsets", .int32(treeOffsets)), ("split_feature", .int32(splitFeature)),
      ("threshold", .float32(threshold)), ("default_left", .int32(defaultLeft)),
      ("left_child", .int32(leftChild)), ("right_child", .int32(rightChild)),
      ("value", .float32(value)), ("gain", .float32(gain)), ("cover", .float32(cover)),
      ("count", .int32(count)),
    ]
    let source = nodeArrays
    let optional: [(String, ForestTensor)] = [
      ("flags", .int32(source.flags)), ("exact_value", .float64(source.exactValue)),
      ("category_set", .int32(source.categorySet)), ("category_offsets", .int32(source.categoryOffsets)),
      ("category_words", .int32(source.categoryWords.map(Int32.init(bitPattern:)))),
      ("linear_offsets", .int32(source.linearOffsets)), ("linear_feature", .int32(source.linearFeature)),
      ("linear_coefficient", .float64(source.linearCoefficient)),
      ("linear_constant", .float64(source.linearConstant)),
    ]
    let stage = source.statistics?.tensors() ?? []
    return (arrays + optional.filter { $1.count > 0 } + stage).map { ($0, [$1.count], $1) }
  }

  /// Restores a forest of stored arrays, whatever their order, checking all of it.
  ///
  /// - Throws: `TernError(.data)` for a missing, repeated or unknown array, a wrong type or shape, or anything
  ///   that `init(header:nodes:)` refuses.
  public init(header: Header, tensors: [NamedTensor]) throws(TernError) {
    var nodes = ForestNodes(treeOffsets: [])
    var found: [String] = []
    var stage: [String: ForestTensor] = [:]
    for (name, shape, values) in tensors {
      guard !found.contains(name) else { throw TernError(.data, "array given twice", key: name) }
      guard shape.count == 1, shape[0] == values.count else {
        throw TernError(
          .data, "wrong shape", key: name, found: "\(shape) for \(values.count) values", expected: "[count]")
      }
      found.append(name)
      if name.hasPrefix(CategoryStatistics.prefix) {
        stage[name] = values
        continue
      }
      guard nodes.take(name, values) else {
        throw TernError(.data, "unknown array or wrong element type", key: name)
      }
    }
    if let missing = Forest.required.first(where: { !found.contains($0) }) {
      throw TernError(
        .data, "an array is missing", key: missing, found: found.joined(separator: ", "),
        expected: Forest.required.joined(separator: ", "))
    }
    if !stage.isEmpty {
      guard let statistics = CategoryStatistics(tensors: stage) else {
        throw TernError(.data, "the statistics' arrays do not fit each other", key: "statistics")
      }
      nodes.statistics = statistics
    }
    try self.init(header: header, nodes: nodes)
  }
}

extension ForestNodes {
  /// Sets the array of a name; false if there is none or it has another element type.
  fileprivate mutating func take(_ name: String, _ values: ForestTensor) -> Bool {
    switch (name, values) {
    case ("tree_offsets", .int32(let array)): treeOffsets = array
    case ("split_feature", .int32(let array)): splitFeature = array
    case ("default_left", .int32(let array)): defaultLeft = array
    case ("left_child", .int32(let array)): leftChild = array
    case ("right_child", .int32(let array)): rightChild = array
    case ("count", .int32(let array)): count = array
    case ("threshold", .float32(let array)): threshold = array
    case ("value", .float32(let array)): value = array
    case ("gain", .float32(let array)): gain = array
    case ("cover", .float32(let array)): cover = array
    case ("flags", .int32(let array)): flags = array
    case ("exact_value", .float64(let array)): exactValue = array
    case ("category_set", .int32(let array)): categorySet = array
    case ("category_offsets", .int32(let array)): categoryOffsets = array
    case ("category_words", .int32(let array)): categoryWords = array.map(UInt32.init(bitPattern:))
    case ("linear_offsets", .int32(let array)): linearOffsets = array
    case ("linear_feature", .int32(let array)): linearFeature = array
    case ("linear_coefficient", .float64(let array)): linearCoefficient = array
    case ("linear_constant", .float64(let array)): linearConstant = array
    default: return false
    }
    return true
  }
}
