import Diagnostics
import Features
import Files
import Foundation
import HDF5
import Market
import Testing

@testable import Pipelines

@Suite struct FeatureStoreTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "tern-\(UUID().uuidString)")

  /// More rows than a block, and not a whole number of blocks.
  private var market: MarketData {
    var candles = CandleSeries(symbol: "TEST", interval: .minute)
    for row in 0..<9_001 {
      let price = 100 + 10 * sin(Double(row) / 50)
      candles.append(
        Candle(
          openTime: Int64(row) * 60_000, open: price, high: price * 1.001, low: price * 0.999,
          close: price * 1.0005,
          volume: Double(row % 17), tradeCount: 3, takerBuyVolume: Double(row % 17) / 2))
    }
    return MarketData(candles: candles)
  }

  @Test func theStoreAndTheTableHoldTheMatrix() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (market, path, csv) = (market, folder.path + "/f.h5", folder.path + "/f.csv")
    let schema = try FeatureCatalogue.schema(
      for: .minute, selecting: ["rsi_14", "log_return_1", "ema_21_distance_1h"])
    try FeatureStore.write(market, schema: schema, dataDigest: Digest(of: [1]), to: path, csv: csv)
    let matrix = try FeatureBuilder.build(market, schema: schema)
    let file = try HDF5File.open(path)
    let stored = try file.read("values", as: Float.self)
    #expect(stored.shape == [3, 9_001])
    #expect(stored.values.map(\.bitPattern) == matrix.values.map(\.bitPattern))
    #expect(try file.read("open_time", as: Int64.self).values == market.candles.openTime)
    #expect(try file.stringAttribute("schema_hash") == schema.hash.description)
    #expect(try file.stringAttribute("data_digest") == Digest(of: [1]).description)
    let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 9_002 && lines[0] == "open_time,rsi_14,log_return_1,ema_21_distance_1h")
    for row in [0, 1, 4_095, 4_096, 8_192, 9_000] {
      let cells = matrix.row(row).map { $0.isNaN ? "" : "\($0)" }
      #expect(lines[row + 1] == "\(market.candles.openTime[row]),\(cells.joined(separator: ","))")
    }
  }

  @Test func aFaultyMarketLeavesNothing() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var broken = market
    broken.candles.close[8_000] = -1
    let schema = try FeatureCatalogue.schema(for: .minute, selecting: ["rsi_14"])
    let error = #expect(throws: TernError.self) {
      try FeatureStore.write(
        broken, schema: schema, dataDigest: Digest(of: [1]), to: folder.path + "/f.h5",
        csv: folder.path + "/f.csv")
    }
    #expect(error?.kind == .data)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
