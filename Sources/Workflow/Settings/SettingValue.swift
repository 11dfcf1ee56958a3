import Chronology
import Market
import Yams

/// A type that a configuration value can have.
public protocol SettingValue {
  /// What a person is told to write.
  static var expectation: String { get }
  /// Reads the value; nil when it does not fit.
  init?(setting node: Node)
}

extension String: SettingValue {
  /// What a person is told to write.
  public static var expectation: String { "text" }
  /// Takes the scalar as it stands.
  public init?(setting node: Node) {
    guard let text = node.scalar?.string else { return nil }
    self = text
  }
}

extension Int: SettingValue {
  /// What a person is told to write.
  public static var expectation: String { "a whole number" }
  /// Reads digits, or a floating spelling of a whole number such as `1e3`.
  public init?(setting node: Node) {
    guard let text = node.scalar?.string.replacing("_", with: "") else { return nil }
    guard let value = Int(text) ?? Double(text).flatMap({ Int(exactly: $0) }) else { return nil }
    self = value
  }
}

extension Double: SettingValue {
  /// What a person is told to write.
  public static var expectation: String { "a number" }
  /// Reads a finite number.
  public init?(setting node: Node) {
    guard let text = node.scalar?.string.replacing("_", with: ""), let value = Double(text), value.isFinite
    else { return nil }
    self = value
  }
}

extension Bool: SettingValue {
  /// What a person is told to write.
  public static var expectation: String { "true or false" }
  /// Reads `true` or `false`.
  public init?(setting node: Node) {
    switch node.scalar?.string {
    case "true": self = true
    case "false": self = false
    default: return nil
    }
  }
}

extension Interval: SettingValue {
  /// What a person is told to write.
  public static var expectation: String { "a length of time such as 60m, 4h or 1d" }
  /// Reads a count and a unit.
  public init?(setting node: Node) {
    guard let text = node.scalar?.string, let value = try? Interval(text) else { return nil }
    self = value
  }
}

extension Array: SettingValue where Element == String {
  /// What a person is told to write.
  public static var expectation: String { "a list of words" }
  /// Reads a list of scalars.
  public init?(setting node: Node) {
    guard let sequence = node.sequence else { return nil }
    let texts = sequence.compactMap { $0.scalar?.string }
    guard texts.count == sequence.count else { return nil }
    self = texts
  }
}
