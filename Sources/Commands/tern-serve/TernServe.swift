import ArgumentParser
import CommandFrame
import Diagnostics

/// The slim program: loads a registered stack and runs the layered decision loop.
@main
struct TernServe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tern-serve",
    abstract: "Decides with a registered stack: replay, paper, and what a running session says of itself.",
    version: TernVersion.text,
    subcommands: [StatusCommand.self])

  static func main() {
    CommandRunner.run(TernServe.self, arguments: Array(CommandLine.arguments.dropFirst()))
  }
}
