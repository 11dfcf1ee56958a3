import Foundation
import Market

@testable import Labels

let start: Int64 = 1_672_531_200_000  // 2023-01-01T00:00:00Z

/// Candles from rows of open, high, low, close; `skip` leaves a gap of one candle before each listed row.
func candles(
  _ rows: [(Double, Double, Double, Double)], interval: Interval = .minute, from time: Int64 = start,
  skip: Set<Int> = []
) -> CandleSeries {
  var series = CandleSeries(symbol: "TEST", interval: interval)
  var openTime = time
  for (index, row) in rows.enumerated() {
    if skip.contains(index) { openTime += interval.milliseconds }
    series.append(
      Candle(openTime: openTime, open: row.0, high: row.1, low: row.2, close: row.3, volume: 1))
    openTime += interval.milliseconds
  }
  return series
}

/// A small linear congruential generator, so that test markets do not depend on the code under test.
struct TestRandom {
  var state: UInt64
  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }
  mutating func normal() -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + uniform() }
  }
}

/// A random walk on a tick of 0.01, with gaps of the price between candles and, by `holes`, missing candles.
func randomMarket(
  _ count: Int, seed: UInt64, volatility: Double = 0.002, holes: Double = 0, interval: Interval = .minute
) -> CandleSeries {
  var random = TestRandom(state: seed)
  var series = CandleSeries(symbol: "TEST", interval: interval)
  var price = 100.0
  var time = start
  let tick = { (value: Double) in max(0.01, (value * 100).rounded() / 100) }
  for _ in 0..<count {
    if random.uniform() < holes { time += interval.milliseconds * Int64(1 + random.uniform() * 5) }
    let open = tick(price * (1 + (random.uniform() < 0.05 ? 4 : 0.2) * volatility * random.normal()))
    let close = tick(open * (1 + volatility * random.normal()))
    let high = tick(max(open, close) * (1 + volatility * 0.7 * random.uniform()))
    let low = tick(min(open, close) * (1 - volatility * 0.7 * random.uniform()))
    series.append(
      Candle(
        openTime: time, open: open, high: max(high, open, close), low: min(low, open, close), close: close,
        volume: 1))
    price = close
    time += interval.milliseconds
  }
  return series
}

/// Where shared market data lies, if it is there.
enum SharedData {
  static let folder: String = {
    if let path = ProcessInfo.processInfo.environment["TERN_SHARED_DATA"] { return path }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/data").path
  }()

  static func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/crypto/\(name)")
  }

  /// A cell's number; what is none becomes NaN, which every reader of candles refuses.
  private static func number(_ text: Substring) -> Double { Double(text) ?? .nan }

  /// Reads a candle file by way of `gunzip`.
  static func candles(_ name: String, interval: Interval = .minute) throws -> CandleSeries {
    var series = CandleSeries(symbol: "BTCUSDT", interval: interval)
    for line in try lines(name) {
      let fields = line.split(separator: ",")
      guard let time = Int64(fields[0]) else { continue }
      series.append(
        Candle(
          openTime: time, open: number(fields[1]), high: number(fields[2]), low: number(fields[3]),
          close: number(fields[4]), volume: number(fields[5])))
    }
    return series
  }

  static func lines(_ name: String) throws -> [Substring] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gunzip", "-c", "\(folder)/crypto/\(name)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
  }
}
