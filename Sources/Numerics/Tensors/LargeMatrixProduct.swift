/// Multiplies matrices too large for the kernels here, as a library for linear algebra does.
///
/// It is called from the lanes of a pool, each with a block of its own, and must itself run on the calling thread.
public protocol LargeMatrixProduct: Sendable {
  /// Whether a product of this size is worth the call.
  func takes(rows: Int, columns: Int, depth: Int) -> Bool

  /// `c ← a·b + (adding ? c : 0)` with row-major `c` (rows, columns).
  ///
  /// `a` is (rows, depth), or (depth, rows) when transposed; `b` is (depth, columns), or (columns, depth) when transposed;
  /// strides are between consecutive rows in memory.
  func multiply(
    rows: Int, columns: Int, depth: Int,
    a: UnsafePointer<Float>, aStride: Int, aTransposed: Bool,
    b: UnsafePointer<Float>, bStride: Int, bTransposed: Bool,
    c: UnsafeMutablePointer<Float>, cStride: Int, adding: Bool)
}
