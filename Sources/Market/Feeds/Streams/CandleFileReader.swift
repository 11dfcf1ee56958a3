import Chronology
import Diagnostics
import Market

/// The rows of one candle file, in file order.
final class CandleFileReader {
  /// Rows are parsed in blocks of this size, bytes.
  private static let blockSize = 1 << 17

  private let blocks: LineBlocks
  private var parser: RowParser
  private var sink: CandleRowSink
  private var next = 0
  private var failure: TernError?
  private var isFinished = false

  init(_ text: TextFile, _ options: CandleImporter.Options) throws(TernError) {
    blocks = try text.blocks(size: CandleFileReader.blockSize)
    parser = RowParser(file: text.path, layout: .candles, mapping: options.columns)
    sink = CandleRowSink(file: text.path, interval: options.interval)
  }

  /// The next row; nil at the end.
  /// - Throws: `TernError` of kind `data` for a row that cannot be read, after all rows before it were handed out.
  func nextRow() throws(TernError) -> Candle? {
    while next == sink.candles.count {
      if let failure { throw failure }
      guard !isFinished else { return nil }
      sink.candles.removeAll(keepingCapacity: true)
      next = 0
      do throws(TernError) {
        if try blocks.next() {
          try parser.parse(
            blocks.block.assumingMemoryBound(to: UInt8.self), isLast: blocks.isLast, into: &sink)
        } else {
          isFinished = true
          try parser.finish()
        }
      } catch { failure = error }
    }
    next += 1
    return sink.candles[next - 1]
  }
}

/// Collects rows as they stand; what makes a candle acceptable is for `CandleGuard` to say.
private struct CandleRowSink: RowSink {
  let file: String
  let interval: Interval
  var candles: [Candle] = []
  private let slots = CandleSlots(.candles)
  private let layout = SourceLayout.candles

  init(file: String, interval: Interval) {
    self.file = file
    self.interval = interval
  }

  mutating func accept(_ cells: RowCells, line: Int) throws(TernError) {
    let stamp = cells.stamps[slots.openTime]
    guard stamp.rest == 0 else {
      throw TernError(
        .data, "does not open on a whole millisecond", file: file, line: line, key: "open_time",
        found: Timestamp.text(stamp.milliseconds) + " and \(stamp.rest) ns")
    }
    let candle = slots.candle(cells)
    try CandleSink.checkRest(cells, candle, slots, layout, interval, file: file, line: line)
    candles.append(candle)
  }
}
