import ArgumentParser
import CommandFrame
import Diagnostics
import Files
import Service
import Settings

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate a configuration, its stacks and its candles without trading.")

  @Argument(help: "Configuration file (YAML).")
  var config: String

  @Option(name: .customLong("set"), help: "An override as key.path=value; repeat for several.")
  var assignments: [String] = []

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    var document = try SettingsDocument(path: config)
    for assignment in assignments { try document.set(assignment) }
    let plan: SessionPlan
    do throws(TernError) {
      plan = try SessionPlan(try document.decode(ServeConfiguration.self))
    } catch {
      throw error.file == nil ? error.inFile(config) : error
    }
    try Console.show(plan.header, json: json) {
      let markets = zip(plan.header.configuration.markets, plan.sources)
      let lanes = plan.header.lanes.map { lane in
        "\(lane.name): \(lane.stacks.map(\.description).joined(separator: ", "))"
      }
      return (markets.map { "\($0.symbol) \($0.interval): \($1)" } + lanes + ["ok"]).joined(separator: "\n")
    }
  }
}
