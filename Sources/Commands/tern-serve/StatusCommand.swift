import ArgumentParser
import CommandFrame
import Diagnostics
import Monitoring
import Settings

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows what a running session on this machine says of itself.")

  @Option(help: "The port of the session's endpoint on loopback.")
  var port: UInt16

  @Option(help: "Seconds to wait for an answer.")
  var timeout = 5.0

  @Flag(help: "Print the status document as JSON.")
  var json = false

  func validate() throws {
    guard port > 0 else { throw ValidationError("The port lies between 1 and 65535.") }
    guard timeout > 0, timeout <= 3600 else {
      throw ValidationError("The timeout lies between 0 and 3600 s.")
    }
  }

  func run() throws {
    let response = try StatusClient(port: port, timeout: timeout).get("/status")
    guard response.status == 200 else {
      throw TernError(
        .temporary, "the session gives no status", file: "127.0.0.1:\(port)",
        found: "HTTP \(response.status)",
        expected: "200")
    }
    let document: StatusDocument
    do throws(TernError) { document = try StatusDocument(json: response.body) } catch {
      throw error.inFile("127.0.0.1:\(port)")
    }
    try Console.show(document, json: json) { StatusText(document).text }
  }
}
