import ArgumentParser
import Datasets
import Diagnostics
import Feeds
import Market
import Pipelines

/// The candle files a data verb reads, and what they hold.
struct CandleInput: ParsableArguments {
  @Argument(help: "Candle files: .csv, .csv.gz or .zip, in any order; or one .h5 store.")
  var files: [String]

  @Option(help: "The exchange's symbol; taken from the file name when absent.")
  var symbol: String?

  @Option(help: "Candle interval such as 1m; taken from the file name when absent.")
  var interval: String?

  @Option(help: "Column mapping for foreign CSVs, such as open_time=ts,open=o,close=c.")
  var columns: String?

  func importer() throws(TernError) -> CandleImporter {
    var options = try CandleImporter.Options(naming: files, symbol: symbol, interval: interval)
    if let columns { options.columns = try ColumnMapping(columns) }
    return CandleImporter(options: options)
  }
}
