import Chronology
import Diagnostics
import Market

/// Watches that times strictly increase.
struct TimeOrder {
  let file: String
  let key: String
  /// Line of the first row.
  private(set) var firstLine = 0
  private(set) var last: Int64?

  init(file: String, key: String) {
    self.file = file
    self.key = key
  }

  mutating func advance(to time: Int64, line: Int, allowsEqual: Bool = false) throws(TernError) {
    if let last {
      guard time > last || allowsEqual && time == last else {
        throw TernError(
          .data, time == last ? "the time is repeated" : "the time runs backward", file: file, line: line,
          key: key,
          found: Timestamp.text(time), expected: "later than \(Timestamp.text(last))")
      }
    } else {
      firstLine = line
    }
    last = time
  }
}

/// Collects funding rates.
struct FundingSink: RowSink {
  let file: String
  var series = FundingSeries()
  var order: TimeOrder

  init(file: String) {
    self.file = file
    order = TimeOrder(file: file, key: "funding_time")
  }

  mutating func accept(_ cells: RowCells, line: Int) throws(TernError) {
    let time = cells.stamps[0].milliseconds + (cells.stamps[0].rest > 0 ? 1 : 0)
    try order.advance(to: time, line: line)
    let rate = cells.numbers[1]
    guard abs(rate) < 1 else {
      throw TernError(
        .data, "is not a plausible funding rate", file: file, line: line, key: "funding_rate",
        found: "\(rate)",
        expected: "a fraction of the notional between -1 and 1")
    }
    series.time.append(time)
    series.rate.append(rate)
  }
}

/// Collects mark prices given as instants.
struct MarkPriceSink: RowSink {
  let file: String
  var series = MarkPriceSeries()
  var order: TimeOrder

  init(file: String) {
    self.file = file
    order = TimeOrder(file: file, key: "time")
  }

  /// Whether a file holds instants (`time,price`) rather than candles.
  static func isInstants(_ input: TextInput, mapping: ColumnMapping) throws(TernError) -> Bool {
    if !mapping.isEmpty { return mapping.source(of: "price") != nil }
    var answer = false
    var isFirst = true
    try input.forEachBlock { block, _ throws(TernError) in
      guard isFirst else { return }
      isFirst = false
      let line = UnsafeBufferPointer(rebasing: block[..<(block.firstIndex(of: 0x0a) ?? block.count)])
      answer = (DelimitedRow.fields(line, delimiter: FieldPlan.delimiter(of: line))?.count ?? 0) < 5
    }
    return answer
  }

  mutating func accept(_ cells: RowCells, line: Int) throws(TernError) {
    let time = cells.stamps[0].milliseconds + (cells.stamps[0].rest > 0 ? 1 : 0)
    try order.advance(to: time, line: line)
    guard cells.numbers[1] > 0 else {
      throw TernError(
        .data, "a price must be positive", file: file, line: line, key: "price", found: "\(cells.numbers[1])",
        expected: "more than 0")
    }
    series.time.append(time)
    series.price.append(cells.numbers[1])
  }
}

/// Collects best bids and asks, the last of each window.
struct QuoteSink: RowSink {
  let file: String
  let sampling: Int64
  var series = QuoteSeries()
  var order: TimeOrder

  init(file: String, sampling: Interval?) {
    self.file = file
    self.sampling = sampling?.milliseconds ?? 1
    order = TimeOrder(file: file, key: "time")
  }

  mutating func accept(_ cells: RowCells, line: Int) throws(TernError) {
    let time = cells.stamps[0].milliseconds + (cells.stamps[0].rest > 0 ? 1 : 0)
    try order.advance(to: time, line: line, allowsEqual: true)
    let bid = cells.numbers[1]
    let bidQuantity = cells.numbers[2]
    let ask = cells.numbers[3]
    let askQuantity = cells.numbers[4]
    for (key, price) in [("bid_price", bid), ("ask_price", ask)] where price <= 0 {
      throw TernError(
        .data, "a price must be positive", file: file, line: line, key: key, found: "\(price)",
        expected: "more than 0")
    }
    for (key, quantity) in [("bid_quantity", bidQuantity), ("ask_quantity", askQuantity)] where quantity < 0 {
      throw TernError(
        .data, "must not be negative", file: file, line: line, key: key, found: "\(quantity)",
        expected: "0 or more")
    }
    guard bid <= ask else {
      throw TernError(
        .data, "the quote is crossed", file: file, line: line, key: "bid_price",
        found: "bid \(bid), ask \(ask)",
        expected: "bid ≤ ask")
    }
    // A quote at a window's closing instant belongs to the window that it closes.
    if let last = series.time.last, (last - 1) / sampling == (time - 1) / sampling {
      series.time.removeLast()
      series.bidPrice.removeLast()
      series.bidQuantity.removeLast()
      series.askPrice.removeLast()
      series.askQuantity.removeLast()
    }
    series.time.append(time)
    series.bidPrice.append(bid)
    series.bidQuantity.append(bidQuantity)
    series.askPrice.append(ask)
    series.askQuantity.append(askQuantity)
  }
}
