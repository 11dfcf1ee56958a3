import ArgumentParser
import CommandFrame
import Diagnostics
import Service
import Sessions

/// A person's command to a session that is not running: it becomes a record of the journal, and takes effect with it.
struct OperateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operate",
    abstract: "Halt, shut down or re-arm a session that is stopped.",
    discussion: """
      halt allows no openings until a re-arm; shutdown closes everything as well; rearm allows openings again after \
      either, and after a drawdown shutdown. The limits of the day keep holding.
      """)

  enum Command: String, ExpressibleByArgument, CaseIterable {
    case halt, shutdown, rearm
  }

  @Argument(help: "halt, shutdown or rearm.")
  var command: Command

  @Option(help: "The session's journal.")
  var journal: String

  @Option(help: "Registry folder.")
  var registry = "registry"

  @Option(help: "Who commands it.")
  var person: String

  @Option(help: "Why.")
  var reason: String

  @Flag(help: "Print one JSON document.")
  var json = false

  private struct Outcome: Encodable {
    var command: String
    var state: String
  }

  func run() throws {
    let resumption = try Session.resumed(journal: journal, stacks: RegistryStacks(registry), flushes: true)
    guard let session = resumption.session else {
      throw TernError(.data, "the journal holds no session", file: journal)
    }
    let commands: [Command: OperatorCommand] = [.halt: .halt, .shutdown: .shutdown, .rearm: .rearm]
    guard let known = commands[command] else { return }
    try session.perform(known, by: person, reason: reason)
    let state = session.views[0].risk.state.name
    try Console.show(Outcome(command: known.name, state: state), json: json) { "\(known.name): \(state)" }
  }
}
