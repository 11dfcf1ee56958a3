import ArgumentParser
import Chronology
import Diagnostics
import Feeds
import Service
import Settings

/// What `replay` and `paper` share: the configuration file, and what the command line lays over it.
struct SessionOptions: ParsableArguments {
  @Option(help: "Configuration file (YAML).")
  var config: String?

  @Option(name: .customLong("set"), help: "An override as key.path=value; repeat for several.")
  var assignments: [String] = []

  @Option(help: "The stack that decides, as NAME@ALIAS, NAME@VERSION or NAME@sha256:….")
  var stack: String?

  @Option(help: "A stack that runs beside it with an account of its own.")
  var challenger: String?

  @Option(help: "A second stack beside it.")
  var shadow: String?

  @Option(help: "Registry folder.")
  var registry: String?

  @Option(
    help: "Candle store (.h5) or candle files (.csv, .csv.gz, .zip) of one market; repeat for several files.")
  var data: [String] = []

  @Option(help: "Funding-rate file that belongs to candle files; repeat for several.")
  var funding: [String] = []

  @Option(help: "When trading begins (UTC, such as 2023-10-01); candles before it warm the features up.")
  var from: String?

  @Option(help: "End of the candles (UTC), exclusive.")
  var to: String?

  @Option(help: "The journal's path; a session that it holds is taken up where it ends.")
  var journal: String?

  @Option(help: "Port of the status endpoint on loopback, 0 for any free one.")
  var port: Int?

  /// The configuration with the command line laid over it.
  func configuration() throws(TernError) -> ServeConfiguration {
    var document = try SettingsDocument(optional: config)
    for assignment in assignments { try document.set(assignment) }
    var result = try document.decode(ServeConfiguration.self)
    try result.overlay(
      stack: stack, challenger: challenger, shadow: shadow, registry: registry, data: data, funding: funding)
    if let journal { result.journal.path = journal }
    if let port {
      result.endpoint = result.endpoint ?? .init()
      result.endpoint?.port = port
    }
    return result
  }

  /// The plan of the configuration, within the given times.
  func plan(_ configuration: ServeConfiguration) throws(TernError) -> SessionPlan {
    try SessionPlan(configuration, from: try time(from, "--from"), to: try time(to, "--to"))
  }

  private func time(_ text: String?, _ key: String) throws(TernError) -> Int64? {
    guard let text else { return nil }
    guard let time = Timestamp.parse(text) else {
      throw TernError(
        .usage, "is not a time", key: key, found: "\"\(text)\"",
        expected: "such as 2023-10-01 or 2023-10-01T12:00:00Z")
    }
    return time
  }
}
