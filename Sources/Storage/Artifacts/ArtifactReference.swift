import Diagnostics

/// A reference to a registered artifact: `name@alias`, `name@7` or `name@sha256:…`.
public struct ArtifactReference: Sendable, Equatable {
  /// Which of the name's versions is meant.
  public enum Selector: Sendable, Equatable {
    /// The version that an alias points to.
    case alias(String)
    /// A version by its number.
    case version(Int)
    /// A version by the first eight or more hexadecimal digits of its digest.
    case digest(prefix: String)
  }

  /// The registered name.
  public var name: String
  /// Which version.
  public var selector: Selector

  /// Reads a reference.
  /// - Throws: `TernError` of kind `usage` when it has another form.
  public init(_ text: String) throws(TernError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw Self.malformed(text) }
    name = parts[0]
    let selection = parts[1]
    if selection.hasPrefix("sha256:") {
      let digits = String(selection.dropFirst(7))
      let isHexadecimal = digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
      guard (8...64).contains(digits.utf8.count), isHexadecimal else { throw Self.malformed(text) }
      selector = .digest(prefix: digits)
    } else if !selection.isEmpty, selection.utf8.allSatisfy({ (48...57).contains($0) }) {
      guard let number = Int(selection), number > 0 else { throw Self.malformed(text) }
      selector = .version(number)
    } else {
      selector = .alias(selection)
      guard Self.isName(selection) else { throw Self.malformed(text) }
    }
    guard Self.isName(name) else { throw Self.malformed(text) }
  }

  /// Whether a text can name an entry or an alias: it begins with a letter, goes on with letters, digits, `.`, `_`
  /// and `-`, and has at most 128 bytes. Such a name is also a safe file name.
  public static func isName(_ text: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 128 else { return false }
    return text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || [45, 46, 95].contains($0) }
  }

  private static func malformed(_ text: String) -> TernError {
    TernError(
      .usage, "malformed reference", found: text,
      expected: "name@alias, name@7 or name@sha256: and at least 8 hexadecimal digits")
  }
}

extension ArtifactReference: CustomStringConvertible {
  /// The form that is read.
  public var description: String {
    switch selector {
    case .alias(let alias): "\(name)@\(alias)"
    case .version(let number): "\(name)@\(number)"
    case .digest(let prefix): "\(name)@sha256:\(prefix)"
    }
  }
}
