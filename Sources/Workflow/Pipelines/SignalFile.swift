import Backtest
import Datasets
import Diagnostics
import Market

/// Reads signals that another program decided.
public enum SignalFile {
  /// Reads `open_time,signal,confidence` and lays it over candles; candles without a line are NEUTRAL.
  /// - Throws: `TernError` of kind `data` for an unknown signal, a confidence outside [0, 1], a time twice, or a time
  ///   that is no candle's open.
  public static func read(_ path: String, candles: CandleSeries) throws(TernError) -> Backtest.Signals {
    var options = TableReader.Options()
    options.kinds = ["signal": .categorical, "confidence": .numeric, "open_time": .categorical]
    let table = try TableReader.read(path, options: options)
    let time = table.columns[try table.index(of: "open_time", file: path)]
    let signal = table.columns[try table.index(of: "signal", file: path)]
    let confidence = table.columns[try table.index(of: "confidence", file: path)]
    var direction = [Direction](repeating: .neutral, count: candles.count)
    var certainty = [Double](repeating: 0, count: candles.count)
    var seen = [Bool](repeating: false, count: candles.count)
    guard case .categorical(let timeCodes, let times) = time.values,
      case .categorical(let codes, let names) = signal.values, case .numeric(let values) = confidence.values
    else { throw TernError(.data, "has columns of the wrong kind", file: path) }
    for row in 0..<table.rowCount {
      func refuse(_ message: String, _ key: String, _ found: String, _ expected: String) -> TernError {
        TernError(.data, message, file: path, line: row + 2, key: key, found: found, expected: expected)
      }
      let text = timeCodes[row] < 0 ? "" : times[Int(timeCodes[row])]
      guard let openTime = Int64(text) else {
        throw refuse("is not a time", "open_time", "\"\(text)\"", "milliseconds since the epoch")
      }
      let candle = candles.firstIndex(atOrAfter: openTime)
      guard candle < candles.count, candles.openTime[candle] == openTime else {
        throw refuse("is no candle's open", "open_time", text, "the open time of a candle of the data")
      }
      guard !seen[candle] else { throw refuse("stands twice", "open_time", text, "one line per candle") }
      let name = codes[row] < 0 ? "" : names[Int(codes[row])]
      guard let value = Direction(name: name) else {
        throw refuse("is not a signal", "signal", "\"\(name)\"", "LONG, SHORT or NEUTRAL")
      }
      guard (0...1).contains(values[row]) else {
        throw refuse("is out of range", "confidence", "\(values[row])", "0 to 1")
      }
      seen[candle] = true
      direction[candle] = value
      certainty[candle] = Double(values[row])
    }
    return Backtest.Signals(direction: direction, confidence: certainty)
  }
}
