import Diagnostics
import HDF5Reader
import Market

/// A column of a store, read row by row; a chunk is loaded when its first row is asked for.
final class StoreLane {
  let column: HDF5Column

  /// Opens a column that the manifest lists.
  init(
    _ path: String, _ manifest: CandleStore.Manifest, in source: HDF5Source, hashing: Bool
  ) throws(TernError) {
    guard let stated = manifest.columns.first(where: { $0.path == path }) else {
      throw TernError(.data, "the column is absent", file: source.path, key: path)
    }
    column = try source.column(path, hashing: hashing)
    guard column.count == stated.rows else {
      throw TernError(
        .data, "has another shape than the manifest says", file: source.path, key: path,
        found: "[\(column.count)]", expected: "[\(stated.rows)]")
    }
    let expected: HDF5Column.Element = StoreColumns.isTime(path) ? .int64 : .float64
    guard column.element == expected else {
      throw TernError(
        .data, "holds another element type", file: source.path, key: path, expected: "\(expected)")
    }
  }

  @inline(__always)
  func time(_ row: Int) throws(TernError) -> Int64 {
    if !column.loaded.contains(row) { try load(row) }
    return column.int64(row)
  }

  @inline(__always)
  func number(_ row: Int) throws(TernError) -> Double {
    if !column.loaded.contains(row) { try load(row) }
    return column.double(row)
  }

  @inline(never)
  private func load(_ row: Int) throws(TernError) {
    column.seek(to: row)
    guard try column.loadNext(), column.loaded.contains(row) else {
      preconditionFailure("a row beyond the column's end was asked for")
    }
  }
}

/// The rows of one group of a store, in order, each checked by the store's rules.
struct StoreGroup {
  /// The columns in file order; the first holds the times.
  let lanes: [StoreLane]
  let count: Int
  /// The row whose time was read last.
  private(set) var row = -1
  /// Its time; `Int64.max` past the end.
  private(set) var time = Int64.min
  private var order: StoreTimeOrder

  /// Opens a group.
  /// - Throws: `TernError` of kind `data` when its columns are absent or of different lengths.
  init(
    _ group: StoreColumns.Group, _ manifest: CandleStore.Manifest, in source: HDF5Source, hashing: Bool
  ) throws(TernError) {
    var lanes: [StoreLane] = []
    for path in group.paths { lanes.append(try StoreLane(path, manifest, in: source, hashing: hashing)) }
    self.lanes = lanes
    count = lanes[0].column.count
    order = StoreTimeOrder(group.timeKey)
    for lane in lanes where lane.column.count != count {
      throw TernError(
        .data, "columns differ in length", file: source.path, key: group.name,
        found: "\(lanes.map(\.column.count))")
    }
  }

  /// Moves to the next row.
  @inline(__always)
  mutating func advance() throws(TernError) {
    row += 1
    guard row < count else {
      time = .max
      return
    }
    time = try lanes[0].time(row)
    try order.accept(time)
  }

  /// Moves to the first row at or after an instant, from before the first row. Times increase in whatever is written
  /// as a store, so the rows between need not be looked at.
  /// - Parameter guess: a row that it may be, which saves a search that touches other chunks.
  mutating func advance(to instant: Int64, guess: Int = 0) throws(TernError) {
    var (low, high) = (0, instant == .min ? 0 : count)
    if guess > 0, guess < high, try lanes[0].time(guess) >= instant, try lanes[0].time(guess - 1) < instant {
      (low, high) = (guess, guess)
    }
    while low < high {
      let middle = low + (high - low) / 2
      if try lanes[0].time(middle) < instant { low = middle + 1 } else { high = middle }
    }
    row = low - 1
    try advance()
  }

  @inline(__always)
  func number(_ lane: Int) throws(TernError) -> Double { try lanes[lane].number(row) }

  /// The row as a candle.
  @inline(__always)
  func candle(_ interval: Interval) throws(TernError) -> Candle {
    let candle = Candle(
      openTime: time, open: try number(1), high: try number(2), low: try number(3), close: try number(4),
      volume: try number(5), tradeCount: try number(6), takerBuyVolume: try number(7))
    try StoreRules.checkCandle(candle, interval)
    return candle
  }

  /// The row as a quote.
  @inline(__always)
  func quote() throws(TernError) -> Quote {
    let quote = Quote(
      time: time, bidPrice: try number(1), bidQuantity: try number(2), askPrice: try number(3),
      askQuantity: try number(4))
    try StoreRules.checkQuote(quote)
    return quote
  }

  /// The row's funding rate.
  @inline(__always)
  func rate() throws(TernError) -> Double {
    let rate = try number(1)
    try StoreRules.checkFunding(time, rate)
    return rate
  }
}
