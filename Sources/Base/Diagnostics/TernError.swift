/// The one error type of the project: what went wrong, where, what was found and what was expected.
///
/// Its `kind` decides the exit code of a command, so that scripts can tell bad input from a bad disk.
public struct TernError: Error, Equatable, Sendable {
  /// The class of a failure; the raw value is the process exit code (after BSD `sysexits.h`).
  public enum Kind: Int32, Sendable {
    /// The command line itself is wrong.
    case usage = 2
    /// Input data is malformed, damaged or does not fit (`EX_DATAERR`).
    case data = 65
    /// A defect or a failing system resource (`EX_SOFTWARE`).
    case internalFailure = 70
    /// Trying again later may succeed: a lock, a full disk (`EX_TEMPFAIL`).
    case temporary = 75
    /// A configuration file or value is wrong (`EX_CONFIG`).
    case configuration = 78
    /// A person asked for the end before the work was done; what was done is saved (128 + SIGINT, as shells have it).
    case interrupted = 130
  }

  /// The class of the failure.
  public var kind: Kind
  /// One sentence of what is wrong.
  public var message: String
  /// The file concerned.
  public var file: String?
  /// The line in `file`, counted from one.
  public var line: Int?
  /// The key, column or parameter concerned.
  public var key: String?
  /// What was found there.
  public var found: String?
  /// What was expected instead.
  public var expected: String?

  /// Creates an error with whatever is known of its place.
  public init(
    _ kind: Kind, _ message: String, file: String? = nil, line: Int? = nil, key: String? = nil,
    found: String? = nil, expected: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.file = file
    self.line = line
    self.key = key
    self.found = found
    self.expected = expected
  }

  /// The same error with a file named, unless it names one already.
  public func inFile(_ path: String) -> TernError {
    var copy = self
    copy.file = copy.file ?? path
    return copy
  }
}

extension TernError: CustomStringConvertible {
  /// `file:line: key: message (found …, expected …)`.
  public var description: String {
    var text = ""
    if let file {
      text += file
      if let line { text += ":\(line)" }
      text += ": "
    }
    if let key { text += "\(key): " }
    text += message
    switch (found, expected) {
    case (let found?, let expected?): text += " (found \(found), expected \(expected))"
    case (let found?, nil): text += " (found \(found))"
    case (nil, let expected?): text += " (expected \(expected))"
    case (nil, nil): break
    }
    return text
  }
}
