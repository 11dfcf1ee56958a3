import ArgumentParser
import Diagnostics
import Foundation

/// Parses, runs, and turns every outcome into the exit code and the message of the command-line contract.
enum CommandRunner {
  static func run(arguments: [String]) -> Never {
    do {
      var command = try Tern.parseAsRoot(arguments)
      try command.run()
      Foundation.exit(0)
    } catch let error as TernError {
      fail(error, json: arguments.contains("--json"))
    } catch {
      // Help and version requests are "errors" of the parser that succeed; the rest is bad usage.
      if Tern.exitCode(for: error) == .success {
        print(Tern.fullMessage(for: error))
        Foundation.exit(0)
      }
      Console.log(Tern.fullMessage(for: error))
      Foundation.exit(TernError.Kind.usage.rawValue)
    }
  }

  private static func fail(_ error: TernError, json: Bool) -> Never {
    Console.log("tern: \(error)")
    if json { try? Console.print(json: ErrorDocument(error)) }
    Foundation.exit(error.kind.rawValue)
  }
}

/// What `--json` prints when a command fails.
private struct ErrorDocument: Encodable {
  struct Content: Encodable {
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

  init(_ error: TernError) {
    self.error = Content(
      kind: "\(error.kind)", exitCode: error.kind.rawValue, message: error.message, file: error.file,
      line: error.line, key: error.key, found: error.found, expected: error.expected)
  }
}
