import Diagnostics

/// The numbers of one stored array of a forest.
public enum ForestTensor: Sendable, Equatable {
  /// 32-bit signed integers.
  case int32([Int32])
  /// 32-bit floats.
  case float32([Float])

  /// Number of elements.
  public var count: Int {
    switch self {
    case .int32(let values): values.count
    case .float32(let values): values.count
    }
  }
}

extension Forest {
  /// One named array of a stored forest.
  public typealias NamedTensor = (name: String, shape: [Int], values: ForestTensor)

  /// The node arrays by name, in the order in which they are stored.
  public func tensors() -> [NamedTensor] {
    let trees = [treeOffsets.count]
    let shape = [nodes]
    return [
      ("tree_offsets", trees, .int32(treeOffsets)), ("split_feature", shape, .int32(splitFeature)),
      ("threshold", shape, .float32(threshold)), ("default_left", shape, .int32(defaultLeft)),
      ("left_child", shape, .int32(leftChild)), ("right_child", shape, .int32(rightChild)),
      ("value", shape, .float32(value)), ("gain", shape, .float32(gain)), ("cover", shape, .float32(cover)),
      ("count", shape, .int32(count)),
    ]
  }

  /// Restores a forest of stored arrays, whatever their order, checking all of it.
  ///
  /// - Throws: `TernError(.data)` for a missing, repeated or unknown array, a wrong type or shape, or anything
  ///   that `init(header:nodes:)` refuses.
  public init(header: Header, tensors: [NamedTensor]) throws(TernError) {
    var nodes = ForestNodes(treeOffsets: [])
    var found: [String] = []
    for (name, shape, values) in tensors {
      guard !found.contains(name) else { throw TernError(.data, "array given twice", key: name) }
      guard shape.count == 1, shape[0] == values.count else {
        throw TernError(
          .data, "wrong shape", key: name, found: "\(shape) for \(values.count) values", expected: "[count]")
      }
      found.append(name)
      switch (name, values) {
      case ("tree_offsets", .int32(let array)): nodes.treeOffsets = array
      case ("split_feature", .int32(let array)): nodes.splitFeature = array
      case ("default_left", .int32(let array)): nodes.defaultLeft = array
      case ("left_child", .int32(let array)): nodes.leftChild = array
      case ("right_child", .int32(let array)): nodes.rightChild = array
      case ("count", .int32(let array)): nodes.count = array
      case ("threshold", .float32(let array)): nodes.threshold = array
      case ("value", .float32(let array)): nodes.value = array
      case ("gain", .float32(let array)): nodes.gain = array
      case ("cover", .float32(let array)): nodes.cover = array
      default: throw TernError(.data, "unknown array or wrong element type", key: name)
      }
    }
    guard found.count == 10 else {
      throw TernError(
        .data, "arrays are missing", found: found.joined(separator: ", "), expected: "10 arrays")
    }
    try self.init(header: header, nodes: nodes)
  }
}
