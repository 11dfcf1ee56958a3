import ArgumentParser
import Chronology
import CommandFrame
import Datasets
import Diagnostics
import Feeds
import Market

struct DataSynthesizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract: "Generate a seeded market with a planted, documented amount of predictability.",
    discussion:
      "At --strength 0 the past tells nothing about future returns; at 1 informed flow precedes moves.")

  @OptionGroup var global: GlobalOptions

  @Option(name: .shortAndLong, help: "The store to write.")
  var output: String

  @Option(help: "Days of history.")
  var days: Int?

  @Option(help: "Planted predictability; 0 plants nothing.")
  var strength: Double?

  @Option(help: "Candle interval.")
  var interval: String?

  @Option(help: "Symbol name.")
  var symbol: String?

  @Option(help: "First instant, ISO 8601 UTC.")
  var start: String?

  func run() throws {
    var recipe = SyntheticMarket.Configuration()
    if let seed = global.seed { recipe.seed = seed }
    if let days { recipe.days = days }
    if let strength { recipe.strength = strength }
    if let interval { recipe.interval = try Interval(interval) }
    if let symbol { recipe.symbol = symbol }
    if let start {
      guard let time = Timestamp.parse(start) else {
        throw TernError(.usage, "is not a time", key: "--start", found: start, expected: "such as 2023-01-01")
      }
      recipe.start = time
    }
    let manifest = try CandleStore.write(
      try SyntheticMarket.generate(recipe), to: output, provenance: try .synthetic(recipe))
    try Console.show(ImportDocument(output: output, manifest: manifest, warnings: []), json: global.json) {
      "\(output): \(ManifestText.summary(manifest))"
    }
  }
}
