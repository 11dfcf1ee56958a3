import Diagnostics

/// How a failed command ends: one line on standard error, with `--json` an error document on standard output, and the
/// exit code of the error's kind.
public struct CommandFailure: Encodable, Sendable {
  struct Content: Encodable, Sendable {
    var kind: String
    var exitCode: Int32
    var message: String
    var file: String?
    var line: Int?
    var key: String?
    var found: String?
    var expected: String?

    enum CodingKeys: String, CodingKey {
      case kind, message, file, line, key, found, expected
      case exitCode = "exit_code"
    }
  }

  var error: Content

  /// Creates the document of an error.
  public init(_ error: TernError) {
    self.error = Content(
      kind: "\(error.kind)", exitCode: error.kind.rawValue, message: error.message, file: error.file,
      line: error.line, key: error.key, found: error.found, expected: error.expected)
  }

  /// Reports an error of the named program and gives its exit code.
  public static func report(_ error: TernError, program: String, json: Bool) -> Int32 {
    Console.log("\(program): \(error)")
    if json { try? Console.print(json: CommandFailure(error)) }
    return error.kind.rawValue
  }
}
