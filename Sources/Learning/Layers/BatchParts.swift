public import Tensors

/// A batch cut into parts of near-equal size, in the same way for any number of threads.
public struct BatchParts {
  /// Number of rows.
  public let rows: Int
  /// Number of parts.
  public let count: Int

  /// Parts of at most `size` rows of the first axis of either operand.
  public init(_ x: Tensor?, _ indices: IndexTensor?, size: Int) {
    precondition(x != nil || indices != nil, "a batch has columns")
    rows = x?.shape[0] ?? indices?.shape[0] ?? 0
    count = (rows + max(size, 1) - 1) / max(size, 1)
  }

  /// The rows of a part.
  public subscript(_ part: Int) -> Range<Int> { rows * part / count..<rows * (part + 1) / count }

  /// Some rows of a tensor in memory of a workspace.
  public func rows(_ x: Tensor?, _ range: Range<Int>, _ workspace: Workspace) -> Tensor? {
    x.map { workspace.slice($0, axis: 0, range) }
  }

  /// Some rows of a tensor of integers in memory of a workspace.
  public func rows(_ indices: IndexTensor?, _ range: Range<Int>, _ workspace: Workspace) -> IndexTensor? {
    indices.map { all in
      let width = all.count / max(rows, 1)
      let result = workspace.indices(all.shape.replacing(0, with: range.count))
      result.pointer.update(from: all.pointer + range.lowerBound * width, count: result.count)
      return result
    }
  }
}
