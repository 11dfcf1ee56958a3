import Foundation
import Market

@testable import Features

/// Candles for the tests: files, a seeded random walk, and degenerate shapes.
enum TestMarket {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  static let golden = folder.appendingPathComponent("Golden")

  /// The shared real candles, when this machine has them.
  static var realCandlesPath: String? {
    let root =
      ProcessInfo.processInfo.environment["TERN_SHARED_DATA"]
      ?? folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("shared/data").path
    let path = root + "/crypto/spot_BTCUSDT_1m_2023.csv.gz"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// The first rows of a gzip-compressed candle file.
  static func compressed(_ path: String, rows: Int) throws -> CandleSeries {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "gzip -dc \"$0\" | head -n \(rows + 1)", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return parse(String(decoding: data, as: UTF8.self))
  }

  /// The committed synthetic candles.
  static func committed() throws -> CandleSeries {
    parse(try String(contentsOf: golden.appendingPathComponent("synthetic_candles.csv"), encoding: .utf8))
  }

  static func parse(_ text: String) -> CandleSeries {
    var series = CandleSeries(symbol: "TEST", interval: .minute)
    for line in text.utf8.split(separator: UInt8(ascii: "\n")).dropFirst() {
      let cells = line.split(separator: UInt8(ascii: ",")).map { Double(String($0) ?? "") ?? .nan }
      series.append(
        Candle(
          openTime: Int64(cells[0]), open: cells[1], high: cells[2], low: cells[3], close: cells[4],
          volume: cells[5], tradeCount: cells[6], takerBuyVolume: cells[7]))
    }
    return series
  }

  /// SplitMix64, so that every test market repeats.
  struct Source: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
    /// About normal: twelve uniforms.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
  }

  /// A random walk; `gaps` are the row numbers before which an hour and a half is missing.
  static func walk(
    rows: Int, seed: UInt64 = 1, start: Int64 = 1_672_531_200_000, interval: Interval = .minute,
    price: Double = 100,
    gaps: [Int] = []
  ) -> CandleSeries {
    var source = Source(state: seed)
    var series = CandleSeries(symbol: "TEST", interval: interval)
    var (time, close) = (start, price)
    for row in 0..<rows {
      if gaps.contains(row) {
        time += 90 * 60_000 / interval.milliseconds * interval.milliseconds + interval.milliseconds
      }
      let open = close * exp(1e-4 * source.normal())
      close = open * exp(1e-3 * source.normal())
      let high = max(open, close) * (1 + 5e-4 * source.uniform())
      let low = min(open, close) * (1 - 5e-4 * source.uniform())
      let volume = exp(source.normal())
      series.append(
        Candle(
          openTime: time, open: open, high: high, low: low, close: close, volume: volume,
          tradeCount: (1 + 20 * volume).rounded(), takerBuyVolume: volume * source.uniform()))
      time += interval.milliseconds
    }
    return series
  }

  /// A market with every source: candles, funding every eight hours from ten days before, and a quote per candle.
  static func full(_ candles: CandleSeries, seed: UInt64 = 9) -> MarketData {
    var source = Source(state: seed)
    var funding = FundingSeries()
    let eight: Int64 = 8 * 3_600_000
    let first = (candles.openTime.first ?? 0) / eight * eight - 40 * eight
    for time in stride(from: first, through: (candles.openTime.last ?? 0) + eight, by: Int(eight)) {
      funding.time.append(time)
      funding.rate.append(1e-4 * source.normal())
    }
    var quotes = QuoteSeries()
    for row in 0..<candles.count {
      quotes.time.append(candles.closeTime(row) - 100)
      quotes.bidPrice.append(candles.close[row] * (1 - 1e-4 * source.uniform()))
      quotes.askPrice.append(candles.close[row] * (1 + 1e-4 * source.uniform()))
      quotes.bidQuantity.append(source.uniform())
      quotes.askQuantity.append(source.uniform())
    }
    return MarketData(candles: candles, funding: funding, quotes: quotes)
  }
}

extension FeatureMatrix {
  /// One value by feature name; NaN with a message in the log when there is no such feature.
  func value(_ name: String, _ row: Int) -> Double {
    guard let column = schema.index(of: name) else { return .nan }
    return Double(values[column * rows + row])
  }
}
