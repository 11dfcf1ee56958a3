import ArgumentParser
import Diagnostics
import Glibc

/// Parses, runs, and turns every outcome into the exit code and the message of the command-line contract.
public enum CommandRunner {
  /// Runs a program's root command and ends the process.
  public static func run<Root: ParsableCommand>(_ root: Root.Type, arguments: [String]) -> Never {
    do {
      var command = try Root.parseAsRoot(arguments)
      try command.run()
      exit(0)
    } catch let error as TernError {
      exit(
        CommandFailure.report(
          error, program: Root.configuration.commandName ?? "\(Root.self)", json: arguments.contains("--json")
        ))
    } catch {
      // Help and version requests are "errors" of the parser that succeed; the rest is bad usage.
      if Root.exitCode(for: error) == .success {
        Console.print(Root.fullMessage(for: error))
        exit(0)
      }
      Console.log(Root.fullMessage(for: error))
      exit(TernError.Kind.usage.rawValue)
    }
  }
}
