import ArgumentParser
import CommandFrame
import Diagnostics
import Service
import Sessions

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Decide recorded candles as fast as possible, or certify a journal.",
    discussion: """
      With --certify, the journal's inputs are run again through the stacks that it names, and every record must come \
      out byte for byte; the first that does not is named. With --data too, its candles are held against their source.
      """)

  @OptionGroup var options: SessionOptions

  @Option(help: "A journal to certify.")
  var certify: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    guard let journal = certify else {
      return try SessionRunner(options: options, mode: .replay, json: json).run()
    }
    let configuration = try options.configuration()
    let stacks = RegistryStacks(configuration.registry)
    let feeds = configuration.markets.isEmpty ? nil : try Certification.feeds(journal, configuration)
    let certificate = try Session.certify(journal: journal, stacks: stacks, feeds: feeds)
    try Console.show(certificate, json: json) {
      """
      certified: \(certificate.records) records, \(certificate.candles) candles, \(certificate.decisions) decisions, \
      \(certificate.intents) intents are what their inputs lead to
      stacks: \(certificate.stacks.map(\.description).joined(separator: ", "))
      intents: \(certificate.intentsDigest)
      head: \(certificate.lastHash)\(certificate.isComparedWithData ? "\nthe candles are the source's" : "")
      """
    }
  }
}
