/// Where the rows of the block in work go: column `c` of row `i` to `base[c * height + i]`.
struct RowTarget {
  var base: UnsafeMutablePointer<Float>
  /// Rows of a column.
  var height: Int
}

/// Writes a lane as a column of floats, while the lane is still in the cache.
final class NarrowNode: Node {
  private let input: UnsafeMutablePointer<Double>
  private let column: Int
  private let target: UnsafeMutablePointer<RowTarget>

  init(_ input: Lane, column: Int, _ target: UnsafeMutablePointer<RowTarget>) {
    self.input = input.values
    self.column = column
    self.target = target
    super.init(clock: 0)
  }

  override func step(_ start: Int, _ end: Int) {
    let (values, out) = (input, target.pointee.base + column * target.pointee.height)
    for i in start..<end { out[i] = narrowed(values[i]) }
  }
}

/// The value as a finite `Float`, NaN staying NaN.
@inline(__always)
func narrowed(_ value: Double) -> Float {
  let limit = Double(Float.greatestFiniteMagnitude)
  let high = value > limit ? limit : value
  return Float(high < -limit ? -limit : high)
}
