import ArgumentParser
import CommandFrame
import Diagnostics
import Threads

/// The slim program: loads a registered stack and runs the layered decision loop.
@main
struct TernServe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tern-serve",
    abstract: "Decides with a registered stack: replay, paper, and what a running session says of itself.",
    version: TernVersion.text,
    subcommands: [
      ReplayCommand.self, PaperCommand.self, CheckCommand.self, StatusCommand.self, JournalCommand.self,
      OperateCommand.self,
    ])

  static func main() {
    // It runs for months and reads stacks on threads that come and go; what decides does not ask the heap at all.
    AllocatorArenas.limit(to: 2)
    CommandRunner.run(TernServe.self, arguments: Array(CommandLine.arguments.dropFirst()))
  }
}
