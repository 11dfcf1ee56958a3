import Diagnostics

/// What grows the trees of a training.
protocol TreeMaking: AnyObject {
  /// Factor on the values of the leaves of the next tree.
  var rate: Double { get set }

  /// Grows a tree on the derivatives of `rows`.
  ///
  /// - Parameters:
  ///   - derivatives: (data set rows) of gradient and hessian.
  ///   - rows: increasing row numbers.
  ///   - tree: number of the tree in the training, for sampling.
  /// - Throws: `TernError(.data)` if a derivative is not finite, because the margins have overflowed.
  func grow(derivatives: UnsafePointer<SIMD2<Float>>, rows: [Int32], tree: Int) throws(TernError) -> GrownTree

  /// Replaces the leaf values of the tree just grown by a quantile of the residuals of the rows that grew it.
  ///
  /// - Parameter margins: (rows, outputs) before the tree.
  func refit(_ tree: inout GrownTree, _ refit: LeafRefit, margins: [Float])

  /// Adds the outputs of the tree just grown to the margins of the rows it was grown on, and of those `outside`.
  func add(
    _ tree: GrownTree, to margins: UnsafeMutablePointer<Float>, output: Int, outputs: Int, outside: [Int32])
}
