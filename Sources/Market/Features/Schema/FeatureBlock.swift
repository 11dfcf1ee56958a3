/// Some consecutive rows of a feature matrix, in memory that is reused for the next ones.
public struct FeatureBlock {
  /// Which rows of the market these are.
  public let rows: Range<Int>
  /// Values `(column, row)` without holes: feature `f` of row `r` is at `f * rows.count + (r - rows.lowerBound)`; NaN
  /// is unknown. The memory belongs to the producer and is overwritten by the next block.
  public let values: UnsafeBufferPointer<Float>

  /// The rows of one column.
  @inlinable
  public func column(_ index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: values[index * rows.count..<(index + 1) * rows.count])
  }
}
