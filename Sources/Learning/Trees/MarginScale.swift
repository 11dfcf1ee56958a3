/// What makes the margins of sums of leaf values in `Double`.
struct MarginScale: Sendable {
  /// What is added to each output.
  let base: [Double]
  private let factor: Double
  private let divisor: Double

  /// - Parameter trees: number of trees of all outputs.
  init(_ header: Forest.Header, trees: Int) {
    base = header.baseMargins
    factor = header.scale
    divisor = header.averages && trees > 0 ? Double(trees / header.outputs) : 1
  }

  /// The margin that a sum gives.
  @inline(__always)
  func margin(sum: Double, output: Int) -> Double { sum * factor / divisor + base[output] }
}
