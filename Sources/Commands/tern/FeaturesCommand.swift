import ArgumentParser
import CommandFrame
import Datasets
import Diagnostics
import Features
import Feeds
import Files
import Market
import Pipelines

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "List the features, or compute them for a market.",
    subcommands: [FeaturesListCommand.self, FeaturesBuildCommand.self])
}

struct FeaturesListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every feature with its formula, lookback, unit and source.")

  @Option(help: "Base candle interval.")
  var interval = "1m"

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let schema = try FeatureCatalogue.schema(for: Interval(interval))
    try Console.show(
      Document(hash: schema.hash, count: schema.count, features: schema.features), json: global.json
    ) {
      var table = TextTable(
        ["feature", "lookback", "warm-up", "unit", "source"],
        aligned: [.left, .right, .right, .left, .left, .left])
      for feature in schema.features {
        table.append([
          feature.name, "\(feature.lookback)", "\(feature.warmUp)", feature.unit, feature.source.rawValue,
          feature.formula,
        ])
      }
      return table.text + "\n\(schema.count) features, schema \(schema.hash)"
    }
  }

  private struct Document: Encodable {
    var hash: Digest
    var count: Int
    var features: [FeatureDefinition]
  }
}

struct FeaturesBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Compute all features of a candle store.",
    discussion: "Warm-up rows are NaN in the store and empty cells in the CSV.")

  @Option(help: "Candle store (.h5) or candle CSV.")
  var data: String

  @Option(name: .shortAndLong, help: "HDF5 file to write.")
  var output: String

  @Option(help: "CSV file to write as well: open_time, then one column per feature.")
  var csv: String?

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let source = try CandleSource.load([data])
    let schema = try FeatureCatalogue.schema(for: source.data.candles.interval)
    let rows = source.data.candles.count
    try FeatureStore.write(
      source.data, schema: schema, dataDigest: source.digest, to: output, csv: csv, progress: global.progress)
    let document = Document(
      output: output, csv: csv, rows: rows, features: schema.count, schema: schema.hash, data: source.digest)
    try Console.show(document, json: global.json) {
      "\(output): \(rows) rows × \(schema.count) features, schema \(schema.hash)"
    }
  }

  private struct Document: Encodable {
    var output: String
    var csv: String?
    var rows: Int
    var features: Int
    var schema: Digest
    var data: Digest
  }
}
