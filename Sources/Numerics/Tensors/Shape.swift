/// The extents of a tensor: up to four axes, held in place without heap memory.
///
/// The last axis is contiguous. A scalar has rank 0 and one element; an axis of extent 0 makes a tensor empty.
public struct Shape: Equatable, Sendable {
  /// Number of axes.
  public let rank: Int
  private let extents: SIMD4<Int>

  /// A scalar.
  public init() {
    rank = 0
    extents = SIMD4(repeating: 1)
  }

  /// One axis.
  public init(_ a: Int) { self.init(rank: 1, SIMD4(a, 1, 1, 1)) }

  /// Two axes.
  public init(_ a: Int, _ b: Int) { self.init(rank: 2, SIMD4(a, b, 1, 1)) }

  /// Three axes.
  public init(_ a: Int, _ b: Int, _ c: Int) { self.init(rank: 3, SIMD4(a, b, c, 1)) }

  /// Four axes.
  public init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) { self.init(rank: 4, SIMD4(a, b, c, d)) }

  /// The axes of a list, as files give them; nil when there are more than four or one is negative.
  public init?(_ list: [Int]) {
    guard list.count <= 4, list.allSatisfy({ $0 >= 0 }) else { return nil }
    var extents = SIMD4(repeating: 1)
    for (axis, extent) in list.enumerated() { extents[axis] = extent }
    self.init(rank: list.count, extents)
  }

  private init(rank: Int, _ extents: SIMD4<Int>) {
    require(extents.min() >= 0, "an axis has a negative extent")
    self.rank = rank
    self.extents = extents
  }

  /// The extent of an axis; negative axes count from the end.
  public subscript(_ axis: Int) -> Int { extents[resolved(axis)] }

  /// The axis counted from the front.
  public func resolved(_ axis: Int) -> Int {
    let index = axis < 0 ? axis + rank : axis
    require(index >= 0 && index < rank, "a tensor has no such axis")
    return index
  }

  /// Number of elements.
  public var count: Int { extents[0] * extents[1] * extents[2] * extents[3] }

  /// The extent of the last axis, 1 for a scalar.
  public var last: Int { rank == 0 ? 1 : extents[rank - 1] }

  /// Number of rows when all axes but the last are taken together.
  public var rows: Int {
    var product = 1
    for axis in 0..<max(rank - 1, 0) { product *= extents[axis] }
    return product
  }

  /// The product of the extents in front of an axis.
  public func before(_ axis: Int) -> Int {
    var product = 1
    for index in 0..<axis { product *= extents[index] }
    return product
  }

  /// The product of the extents behind an axis.
  public func after(_ axis: Int) -> Int {
    var product = 1
    for index in stride(from: axis + 1, to: rank, by: 1) { product *= extents[index] }
    return product
  }

  /// The same axes with another extent for one of them.
  public func replacing(_ axis: Int, with extent: Int) -> Shape {
    var copy = extents
    copy[resolved(axis)] = extent
    return Shape(rank: rank, copy)
  }

  /// The same axes without one of them.
  public func removing(_ axis: Int) -> Shape {
    let gone = resolved(axis)
    var copy = SIMD4(repeating: 1)
    var to = 0
    for index in 0..<rank where index != gone {
      copy[to] = extents[index]
      to += 1
    }
    return Shape(rank: rank - 1, copy)
  }

  /// One more axis behind the others.
  public func appending(_ extent: Int) -> Shape {
    require(rank < 4, "a shape has at most four axes")
    var copy = extents
    copy[rank] = extent
    return Shape(rank: rank + 1, copy)
  }

  /// The extents as a list, for messages and files.
  public var list: [Int] { (0..<rank).map { extents[$0] } }
}

extension Shape: CustomStringConvertible {
  /// `(256, 9, 192)`.
  public var description: String { "(" + list.map(String.init).joined(separator: ", ") + ")" }
}
