import ArgumentParser
import CommandFrame
import Datasets
import Diagnostics
import Feeds
import Pipelines

struct DataInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Report gaps, duplicates, disorder, zero-volume runs, OHLC violations and outliers.")

  @OptionGroup var input: CandleInput
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let report: InspectionReport
    if input.files.count == 1, let store = input.files.first, CandleStore.isStore(store) {
      report = CandleInspection.inspect(try CandleStore.read(store).data.candles)
    } else {
      report = CandleInspection.inspect(try input.importer().rawCandles(from: input.files).raw)
    }
    try Console.show(report, json: global.json) { report.text }
  }
}
