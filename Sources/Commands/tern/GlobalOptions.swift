import ArgumentParser
import CommandFrame
import Diagnostics

/// Options that every verb takes.
struct GlobalOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on standard output; logs go to standard error.")
  var json = false

  @Option(help: "Seed of every random choice.")
  var seed: UInt64?

  /// Says something to the person at the terminal.
  func log(_ line: String) { Console.log(line) }

  /// The progress reporter of this run.
  var progress: any Diagnostics.ProgressReporting { TerminalProgress() }
}
