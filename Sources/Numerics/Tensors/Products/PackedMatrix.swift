/// A matrix (columns, depth) laid out for products `x·mᵀ`: panels of 32 columns, in each the depth in order, so that a tile of
/// the result reads one stream. Missing columns of the last panel are zero.
public final class PackedMatrix {
  /// Columns of a panel: two vectors.
  static let width = 32

  /// Number of columns of the product, rows of the packed matrix.
  public let columns: Int
  /// Number of terms of each sum.
  public let depth: Int
  /// Whether the matrix has changed since it was packed.
  public var isStale = false
  let storage: Storage

  private let isTransposed: Bool

  /// Packs a tensor (columns, depth), or (depth, columns) when transposed.
  public init(_ matrix: Tensor, transposed: Bool = false) {
    require(matrix.shape.rank == 2, "only a matrix can be packed")
    columns = matrix.shape[transposed ? 1 : 0]
    depth = matrix.shape[transposed ? 0 : 1]
    isTransposed = transposed
    storage = Storage(capacity: PackedMatrix.capacity(columns: columns, depth: depth))
    pack(matrix)
  }

  /// Packs new values of the same shape.
  public func pack(_ matrix: Tensor) {
    require(
      matrix.shape == (isTransposed ? Shape(depth, columns) : Shape(columns, depth)),
      "a packed matrix keeps its shape")
    PackedMatrix.pack(
      matrix.pointer, isTransposed: !isTransposed, columns: columns, depth: depth, into: storage.pointer)
    isStale = false
  }

  static func capacity(columns: Int, depth: Int) -> Int { (columns + width - 1) / width * width * depth }

  /// Packs `b` (columns, depth) with rows `stride` apart.
  static func pack(
    transposed b: UnsafePointer<Float>, stride: Int, columns: Int, depth: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    var target = packed
    for first in Swift.stride(from: 0, to: columns, by: width) {
      let filled = min(width, columns - first)
      // A product of at most 16 columns reads one vector only.
      for half in Swift.stride(from: 0, to: filled, by: 16) {
        let source = b + (first + half) * stride
        for k in Swift.stride(from: 0, to: depth, by: 16) {
          Transposition.block(
            source + k, stride: stride, rows: min(16, filled - half), columns: min(16, depth - k),
            into: target + k * width + half, apart: width)
        }
      }
      target += width * depth
    }
  }

  /// Packs `b` (depth, columns) with rows `stride` apart.
  static func pack(
    _ b: UnsafePointer<Float>, stride: Int, columns: Int, depth: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    var target = packed
    for first in Swift.stride(from: 0, to: columns, by: width) {
      let filled = min(width, columns - first)
      for k in 0..<depth {
        let row = b + k * stride + first
        store(load(row, first: min(16, filled)), target)
        store(load(row + min(16, filled), first: filled - min(16, filled)), target + 16)
        target += width
      }
    }
  }
}
