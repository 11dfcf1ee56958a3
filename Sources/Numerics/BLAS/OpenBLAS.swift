import COpenBLAS
public import Tensors

/// OpenBLAS as the product of large matrices, one call for each block of a lane.
///
/// The library's own threads stay off: the pool splits the work, in the same way for any number of lanes.
public struct OpenBLAS: LargeMatrixProduct {
  /// Products with fewer multiplications than this stay with the kernels of `Tensors`.
  public let smallest: Int

  /// Turns the library's threads off.
  public init(smallest: Int = 1 << 24) {
    self.smallest = smallest
    openblas_set_num_threads(1)
  }

  /// The name of the processor type that the library chose its kernels for.
  public static var coreName: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }

  /// Whether a product is large enough.
  public func takes(rows: Int, columns: Int, depth: Int) -> Bool {
    rows * columns * depth >= smallest && min(rows, columns, depth) >= 64
  }

  /// `c ← a·b + (adding ? c : 0)`.
  public func multiply(
    rows: Int, columns: Int, depth: Int,
    a: UnsafePointer<Float>, aStride: Int, aTransposed: Bool,
    b: UnsafePointer<Float>, bStride: Int, bTransposed: Bool,
    c: UnsafeMutablePointer<Float>, cStride: Int, adding: Bool
  ) {
    cblas_sgemm(
      CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(depth), 1, a, blasint(aStride), b, blasint(bStride),
      adding ? 1 : 0, c, blasint(cStride))
  }
}
