/// A tensor of an open artifact, read where it lies.
///
/// The view keeps the file mapped; its elements are valid as long as the view, or the file it came from, lives.
public struct TensorView<Element: TensorElement>: @unchecked Sendable {
  /// The extents; `[]` for a scalar.
  public let shape: [Int]
  /// The elements in row-major order. Do not let the pointer outlive the view.
  public let elements: UnsafeBufferPointer<Element>
  private let owner: AnyObject

  init(shape: [Int], elements: UnsafeBufferPointer<Element>, owner: AnyObject) {
    self.shape = shape
    self.elements = elements
    self.owner = owner
  }

  /// Gives the elements to `body` while the file is held open.
  public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(elements)
  }

  /// A copy of the elements.
  public var array: [Element] { withUnsafeBufferPointer { Array($0) } }
}
