import Layers
import Tensors

/// Codes of categories, checked and made ready for tables of vectors.
///
/// A code that is no category of its column is a programmer's error: vocabularies map everything they do not know.
struct CategoryCodes {
  private let cardinalities: [Int32]
  private let offsets: [Int32]
  /// Number of rows of one table that holds all columns' vectors.
  let total: Int

  /// Columns with so many categories each.
  init(_ cardinalities: [Int]) {
    self.cardinalities = cardinalities.map(Int32.init)
    var offsets: [Int32] = []
    var total = 0
    for count in cardinalities {
      offsets.append(Int32(total))
      total += count
    }
    self.offsets = offsets
    self.total = total
  }

  /// The rows (batch, columns) of one table that holds the columns' vectors one behind the other.
  func joined(_ codes: IndexTensor, _ workspace: Workspace) -> IndexTensor {
    let result = workspace.indices(codes.shape)
    let (from, to, columns) = (codes.pointer, result.pointer, width(codes))
    for index in 0..<codes.count {
      let column = index % columns
      to[index] = checked(from[index], column) + offsets[column]
    }
    return result
  }

  /// One column (batch).
  func column(_ column: Int, of codes: IndexTensor, _ workspace: Workspace) -> IndexTensor {
    let columns = width(codes)
    let result = workspace.indices(Shape(codes.shape[0]))
    let (from, to) = (codes.pointer, result.pointer)
    for row in 0..<codes.shape[0] { to[row] = checked(from[row * columns + column], column) }
    return result
  }

  private func width(_ codes: IndexTensor) -> Int {
    precondition(
      codes.shape.rank == 2 && codes.shape[1] == cardinalities.count,
      "codes of \(cardinalities.count) columns, not \(codes.shape)")
    return cardinalities.count
  }

  @inline(__always)
  private func checked(_ code: Int32, _ column: Int) -> Int32 {
    precondition(code >= 0 && code < cardinalities[column], "a code is no category of its column")
    return code
  }
}
