/// Room for the candidates of one feature in one node, so that their gains are computed eight at a time.
///
/// A candidate is one side of a split that is legal, as the sums of its rows.
final class ScanBuffer {
  /// Candidates of one feature, and as many as a vector may reach beyond them.
  private static let capacity = 256 + 8

  let gradients: UnsafeMutablePointer<Double>
  let hessians: UnsafeMutablePointer<Double>
  let sums: UnsafeMutablePointer<SIMD2<Int64>>
  let rows: UnsafeMutablePointer<Int32>
  let bins: UnsafeMutablePointer<Int32>
  private let numbers = Storage<Double>(2 * ScanBuffer.capacity, initial: 0)
  private let pairs = Storage<SIMD2<Int64>>(ScanBuffer.capacity, initial: .zero)
  private let places = Storage<Int32>(2 * ScanBuffer.capacity, initial: 0)

  init() {
    gradients = numbers.pointer
    hessians = numbers.pointer + ScanBuffer.capacity
    sums = pairs.pointer
    rows = places.pointer
    bins = places.pointer + ScanBuffer.capacity
  }
}
