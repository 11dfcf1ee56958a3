import ArgumentParser
import CommandFrame
import Datasets
import Diagnostics
import Feeds
import Market

struct DataRepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract:
      "Sort, drop duplicates and invalid rows, and say each thing that was done. Gaps are never filled.")

  @OptionGroup var input: CandleInput
  @OptionGroup var global: GlobalOptions

  @Option(name: .shortAndLong, help: "The store to write.")
  var output: String

  func run() throws {
    let imported = try input.importer().rawCandles(from: input.files)
    let (series, report) = try CandleRepair.repair(imported.raw)
    let manifest = try CandleStore.write(
      MarketData(candles: series), to: output,
      provenance: CandleStore.Provenance(origin: "repair", sources: imported.report.sources))
    try Console.show(RepairDocument(output: output, repair: report, manifest: manifest), json: global.json) {
      report.text + "\n\(output): \(ManifestText.summary(manifest))"
    }
  }
}

/// What `tern data repair --json` prints.
struct RepairDocument: Encodable {
  var output: String
  var repair: RepairReport
  var manifest: CandleStore.Manifest
}
