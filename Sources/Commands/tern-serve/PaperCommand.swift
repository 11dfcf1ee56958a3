import ArgumentParser

struct PaperCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paper",
    abstract: "Trade on paper: recorded or generated candles at a chosen speed, a simulated venue.",
    discussion: """
      The decisions are those of replay on the same candles. When an alias moves, the new stack takes over between two \
      candles; a bad one leaves the old in place.
      """)

  @OptionGroup var options: SessionOptions

  @Option(help: "Market time over real time, 0 for as fast as possible.")
  var speed: Double?

  @Flag(help: "Keep the status endpoint up after the last candle, until SIGTERM.")
  var linger = false

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    try SessionRunner(options: options, mode: .paper, json: json, lingers: linger, speed: speed).run()
  }
}
