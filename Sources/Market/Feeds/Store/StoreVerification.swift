import Diagnostics
import Files
import HDF5Reader
import Market

/// Reads all rows of a store once and compares them with what the manifest says, in bounded memory.
enum StoreVerification {
  /// - Throws: `TernError` of kind `data` naming the file and the column.
  static func run(_ manifest: CandleStore.Manifest, in source: HDF5Source) throws(TernError) {
    do throws(TernError) {
      try candles(manifest, source)
      for group in StoreColumns.Group.allCases where group != .candles && manifest.holds(group) {
        try instants(group, manifest, source)
      }
    } catch { throw error.inFile(source.path) }
  }

  private static func candles(_ manifest: CandleStore.Manifest, _ source: HDF5Source) throws(TernError) {
    var rows = try StoreGroup(.candles, manifest, in: source, hashing: true)
    let contradiction = TernError(.data, "the manifest does not describe the candles", file: source.path)
    guard rows.count > 0 else {
      throw TernError(.data, "there are no candles", file: source.path, expected: "at least one")
    }
    guard rows.count == manifest.rows else { throw contradiction }
    var gap = 0
    var expected = manifest.first
    for row in 0..<rows.count {
      try rows.advance()
      _ = try rows.candle(manifest.interval)
      if rows.time != expected {
        guard row > 0, gap < manifest.gaps.count, rows.time > expected,
          manifest.gaps[gap]
            == CandleGap(
              start: expected, end: rows.time,
              missing: Int((rows.time - expected) / manifest.interval.milliseconds))
        else { throw contradiction }
        gap += 1
      }
      expected = rows.time + manifest.interval.milliseconds
    }
    guard gap == manifest.gaps.count, rows.time == manifest.last else { throw contradiction }
    try compare(rows, manifest, source)
  }

  private static func instants(
    _ group: StoreColumns.Group, _ manifest: CandleStore.Manifest, _ source: HDF5Source
  ) throws(TernError) {
    var rows = try StoreGroup(group, manifest, in: source, hashing: true)
    for _ in 0..<rows.count {
      try rows.advance()
      switch group {
      case .funding: _ = try rows.rate()
      case .mark: try StoreRules.checkMark(rows.time, try rows.number(1))
      case .quotes: _ = try rows.quote()
      case .candles: break
      }
    }
    try compare(rows, manifest, source)
  }

  private static func compare(
    _ rows: StoreGroup, _ manifest: CandleStore.Manifest, _ source: HDF5Source
  ) throws(TernError) {
    for lane in rows.lanes {
      let path = lane.column.path
      let stated = manifest.columns.first { $0.path == path }?.digest
      guard let found = lane.column.digest(), found == stated else {
        throw TernError(
          .data, "the values were changed or are damaged", file: source.path, key: path,
          found: lane.column.digest()?.description, expected: stated?.description)
      }
    }
  }
}
