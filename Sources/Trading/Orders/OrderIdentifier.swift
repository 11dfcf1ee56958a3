/// The number of an order, unique within a session and counted from one, so that a repeated run gives the same numbers.
public struct OrderIdentifier: Hashable, Comparable, Sendable {
  /// The number.
  public let number: UInt64

  /// An identifier with a number.
  public init(_ number: UInt64) { self.number = number }

  /// Orders by number.
  public static func < (a: OrderIdentifier, b: OrderIdentifier) -> Bool { a.number < b.number }
}

extension OrderIdentifier: CustomStringConvertible {
  /// The number.
  public var description: String { "\(number)" }
}
