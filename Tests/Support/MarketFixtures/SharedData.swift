import Foundation
import Market

/// Real market data beside the repository, if it is there; tests that need it are skipped elsewhere.
public enum SharedData {
  /// Where it lies: TERN_SHARED_DATA, or the folder beside the repository.
  public static let folder: String = {
    if let path = ProcessInfo.processInfo.environment["TERN_SHARED_DATA"] { return path }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../../shared/data").standardizedFileURL.path
  }()

  /// Whether a file of candles, funding or messages is there.
  public static func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/crypto/\(name)")
  }

  /// A cell's number; what is none becomes NaN, which every reader of candles refuses.
  private static func number(_ text: Substring) -> Double { Double(text) ?? .nan }

  /// Reads a candle file by way of `gunzip`.
  public static func candles(_ name: String, interval: Interval = .minute) throws -> CandleSeries {
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

  /// The lines of a compressed text file.
  public static func lines(_ name: String) throws -> [Substring] {
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

  /// The path of a year of real minute candles, if it is there.
  public static let year: String? = {
    let name = "spot_BTCUSDT_1m_2023.csv.gz"
    return has(name) ? "\(folder)/crypto/\(name)" : nil
  }()
}
