import ArgumentParser
import CommandFrame
import Diagnostics
import Files
import Reporting

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Render a report.json as one self-contained HTML page.")

  @Argument(help: "A report.json that tern run wrote.")
  var report: String

  @Option(name: .shortAndLong, help: "HTML file to write.")
  var output: String

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let content = try CanonicalJSON.decode(EvaluationReport.self, from: AtomicFile.read(report), file: report)
    try AtomicFile.write(Array(content.html().utf8), to: output)
    let document = Document(output: output, headline: content.verdict.headline, digest: try content.digest())
    try Console.show(document, json: global.json) { "\(output): \(content.verdict.headline)" }
  }

  private struct Document: Encodable {
    var output: String
    var headline: String
    var digest: Digest
  }
}
