import ArgumentParser
import CommandFrame
import Datasets
import Diagnostics
import Feeds
import Market

struct DataImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Read candles (and funding, mark price, quotes) from CSV, gzip or zip into an HDF5 store.",
    discussion: "Any defect refuses the file and leaves nothing at --output; gaps are allowed and reported.")

  @OptionGroup var input: CandleInput
  @OptionGroup var global: GlobalOptions

  @Option(help: "Funding-rate files.")
  var funding: [String] = []

  @Option(help: "Mark-price candle files.")
  var mark: [String] = []

  @Option(help: "Best bid and ask files.")
  var quotes: [String] = []

  @Option(name: .shortAndLong, help: "The store to write.")
  var output: String

  func run() throws {
    let importer = try input.importer()
    var (candles, report) = try importer.candles(from: input.files)
    var data = MarketData(candles: candles)
    candles = CandleSeries(symbol: "", interval: data.candles.interval)
    if !funding.isEmpty {
      let imported = try importer.funding(from: funding)
      data.funding = imported.series
      report.add(imported.report)
    }
    if !mark.isEmpty {
      let imported = try importer.markPrice(from: mark)
      data.markPrice = imported.series
      report.add(imported.report)
    }
    if !quotes.isEmpty {
      let imported = try importer.quotes(from: quotes, sampling: importer.options.interval)
      data.quotes = imported.series
      report.add(imported.report)
    }
    let manifest = try CandleStore.write(
      data, to: output, provenance: CandleStore.Provenance(origin: "import", sources: report.sources))
    report.warnings.forEach { global.log("warning: \($0)") }
    try Console.show(
      ImportDocument(output: output, manifest: manifest, warnings: report.warnings), json: global.json
    ) {
      "\(output): \(ManifestText.summary(manifest))"
    }
  }
}

extension ImportReport {
  /// Adds the sources and warnings of a companion series.
  fileprivate mutating func add(_ other: ImportReport) {
    sources += other.sources
    warnings += other.warnings
  }
}

/// What `tern data import --json` prints.
struct ImportDocument: Encodable {
  var output: String
  var manifest: CandleStore.Manifest
  var warnings: [String]
}
