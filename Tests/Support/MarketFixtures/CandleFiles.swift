import Compression
import Feeds
import Foundation
import Market

/// A folder that lives as long as a test.
public final class Folder {
  /// Where it is.
  public let path: String

  /// Creates it.
  public init() throws {
    path = NSTemporaryDirectory() + "tern-folder-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  public func write(_ bytes: some Sequence<UInt8>, _ name: String) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes a text file and returns its path.
  public func write(_ text: String, _ name: String = "candles.csv") throws -> String {
    try write(text.utf8, name)
  }

  /// The names of its files, sorted.
  public var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

/// Small candle files and markets.
public enum Sample {
  /// Open time of the first candle: 2023-01-01T00:00:00Z.
  public static let start: Int64 = 1_672_531_200_000

  /// The columns of the files.
  public static let header = "open_time,open,high,low,close,volume,count,taker_buy_volume"

  /// An importer for them.
  public static let minute = CandleImporter(options: .init(symbol: "BTCUSDT", interval: .minute))

  /// Rows of a valid file; the time's unit is `perMinute` ticks a minute.
  public static func rows(_ count: Int = 6, perMinute: Int64 = 60_000) -> [String] {
    (0..<count).map { row in
      let time = (start / 60_000 + Int64(row)) * perMinute
      let open = 30_000 + Double(row)
      return
        "\(time),\(open),\(open + 3.5),\(open - 2.25),\(open + 1),\(10 + row).125,\(40 + row),\(5 + row).5"
    }
  }

  /// The text of a file of rows.
  public static func text(_ rows: [String] = rows(), header: String? = header) -> String {
    ((header.map { [$0] } ?? []) + rows).joined(separator: "\n") + "\n"
  }

  /// A ZIP archive of one stored entry.
  public static func zip(_ content: [UInt8], name: String = "candles.csv") -> [UInt8] {
    func little(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let crc = Int(Checksum.crc32(content))
    let sizes =
      little(crc, 4) + little(content.count, 4) + little(content.count, 4) + little(name.utf8.count, 2)
    let local = [0x50, 0x4b, 3, 4] + little(20, 2) + little(0, 8) + sizes + little(0, 2) + Array(name.utf8)
    let entry = [0x50, 0x4b, 1, 2] + little(20, 4) + little(0, 8) + sizes + little(0, 16) + Array(name.utf8)
    let end = [0x50, 0x4b, 5, 6] + little(0, 4) + little(1, 2) + little(1, 2) + little(entry.count, 4)
    return local + content + entry + end + little(local.count + content.count, 4) + little(0, 2)
  }

  /// A small market with everything a store can hold.
  public static func market(days: Int = 1) throws -> MarketData {
    var recipe = SyntheticMarket.Configuration()
    recipe.days = days
    return try SyntheticMarket.generate(recipe)
  }
}
