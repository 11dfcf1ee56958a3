/// Room for the candidates of one feature in one node, so that their gains are computed eight at a time.
///
/// A candidate is one side of a split that is legal, as the sums of its rows in steps.
final class ScanBuffer {
  /// Candidates of one feature, and as many as a vector may reach beyond them.
  private static let capacity = 256 + 8

  let gradients: UnsafeMutablePointer<Int64>
  let hessians: UnsafeMutablePointer<Int64>
  /// Rows of each bin, by the bin's number.
  let estimates: UnsafeMutablePointer<Int64>
  let rows: UnsafeMutablePointer<Int32>
  let bins: UnsafeMutablePointer<Int32>
  private let numbers = Storage<Int64>(3 * ScanBuffer.capacity, initial: 0)
  private let places = Storage<Int32>(2 * ScanBuffer.capacity, initial: 0)

  init() {
    gradients = numbers.pointer
    hessians = numbers.pointer + ScanBuffer.capacity
    estimates = numbers.pointer + 2 * ScanBuffer.capacity
    rows = places.pointer
    bins = places.pointer + ScanBuffer.capacity
  }
}
