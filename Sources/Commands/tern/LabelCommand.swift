import ArgumentParser
import CommandFrame
import Datasets
import Diagnostics
import Feeds
import Files
import Labels
import Market
import Pipelines

struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Label every candle with the triple barrier and print a census of the classes.")

  @Option(help: "Candle store (.h5) or candle CSV.")
  var data: String

  @Option(help: "Take profit as a fraction of the entry price.")
  var upper = 0.015

  @Option(help: "Stop as a fraction of the entry price.")
  var lower = 0.005

  @Option(help: "Longest holding time, such as 60m.")
  var horizon = "60m"

  @Option(help: "mirrored or one-sided.")
  var mode = TripleBarrier.Mode.mirrored.rawValue

  @Option(help: "Finer candles of the same symbol, to settle candles that touch both barriers.")
  var finer: String?

  @Flag(help: "Barriers in multiples of recent volatility (3σ and 1σ over the horizon) instead of fractions.")
  var volatilityScaled = false

  @Option(name: .shortAndLong, help: "HDF5 file to write.")
  var output: String

  @Option(help: "CSV file to write as well.")
  var csv: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    guard let mode = TripleBarrier.Mode(rawValue: mode) else {
      let names = TripleBarrier.Mode.allCases.map(\.rawValue).joined(separator: ", ")
      throw TernError(
        .usage, "is not a known mode", key: "--mode", found: "\"\(mode)\"", expected: "one of \(names)")
    }
    let source = try CandleSource.load([data])
    var configuration = TripleBarrier.Configuration(
      mode: mode, upper: upper, lower: lower, horizon: try Interval(horizon))
    if volatilityScaled { configuration.volatility = TripleBarrier.VolatilityScaling() }
    let labels = try TripleBarrier.label(
      source.data.candles, configuration: configuration, funding: source.data.funding,
      finer: try finer.map { path throws(TernError) in try CandleSource.load([path]).data.candles })
    try LabelStore.write(labels, dataDigest: source.digest, to: output)
    if let csv { try AtomicFile.write(labels.csv(), to: csv) }
    let census = labels.census
    if let warning = census.warning { global.log("warning: \(warning)") }
    try Console.show(
      Document(output: output, csv: csv, data: source.digest, census: census), json: global.json
    ) {
      "\(census)\n\(output): \(census.labelled) labels"
    }
  }

  private struct Document: Encodable {
    var output: String
    var csv: String?
    var data: Digest
    var census: LabelSet.Census
  }
}
