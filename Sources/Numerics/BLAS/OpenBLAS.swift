import COpenBLAS
public import Tensors

/// OpenBLAS as the product of large matrices, one call for each block of a lane.
///
/// The library's own threads stay off: the pool splits the work, in the same way for any number of lanes.
public struct OpenBLAS: LargeMatrixProduct {
  /// Products with fewer multiplications than this stay with the kernels of `Tensors`.
  public let smallest: Int

  /// Turns the library's threads off.
  /// - Parameter smallest: nil takes what fits the processor that the library found.
  public init(smallest: Int? = nil) {
    self.smallest = smallest ?? OpenBLAS.smallestWorthwhile(core: OpenBLAS.coreName)
    openblas_set_num_threads(1)
  }

  /// The name of the processor type that the library chose its kernels for.
  public static var coreName: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }

  /// From how many multiplications on a library for this type of processor is faster. It takes one that it does not know for one of
  /// twenty years ago, and kernels with vectors of four numbers are never worth a call.
  public static func smallestWorthwhile(core: String) -> Int {
    wideCores.contains(core.lowercased()) ? 1 << 24 : .max
  }

  /// Types of processors whose kernels use vectors of eight numbers or more.
  private static let wideCores: Set = [
    "cooperlake", "excavator", "haswell", "sapphirerapids", "skylakex", "zen", "armv8sve", "neoversen2",
    "neoversev1",
  ]

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
