import Compression
import Diagnostics
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Feeds

@Suite struct ImportTests {
  @Test func containersUnitsAndHeadersGiveEqualSeries() throws {
    let folder = try Folder()
    let reference = try Sample.minute.candles(from: [try folder.write(Sample.text())]).series
    #expect(reference.count == 6)
    #expect(reference.openTime == (0..<6).map { Sample.start + $0 * 60_000 })
    #expect(
      reference.close[2] == 30_003 && reference.takerBuyVolume[5] == 10.5 && reference.tradeCount[0] == 40)
    let text = Array(Sample.text().utf8)
    var paths = [
      try folder.write(Gzip.compress(text), "a.csv.gz"), try folder.write(Sample.zip(text), "a.zip"),
      try folder.write([0xef, 0xbb, 0xbf] + text, "bom.csv"),
      try folder.write(Sample.text().replacingOccurrences(of: "\n", with: "\r\n"), "crlf.csv"),
      try folder.write(Sample.text().replacingOccurrences(of: ",", with: ";"), "semicolon.csv"),
      try folder.write(Sample.text(header: nil), "headerless.csv"),
    ]
    for (name, perMinute) in [("s", 60), ("us", 60_000_000), ("ns", 60_000_000_000)] as [(String, Int64)] {
      paths.append(try folder.write(Sample.text(Sample.rows(perMinute: perMinute)), "\(name).csv"))
    }
    for path in paths { #expect(try Sample.minute.candles(from: [path]).series == reference, "\(path)") }
  }

  @Test func readsBinanceDumpsWithAndWithoutHeader() throws {
    let folder = try Folder()
    let rows = [
      "1672531200000,16541.77,16545.70,16508.39,16529.67,4364.83570,1672534799999,72146293.5,149854,2179.9,36032400.9,0",
      "1672534800000,16529.59,16556.80,16525.78,16551.47,3590.06669,1672538399999,59393010.7,126556,1872.6,30979200.1,0",
    ]
    let header =
      "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
    let importer = CandleImporter(options: .init(symbol: "BTCUSDT", interval: try Interval("1h")))
    let plain = try importer.candles(from: [try folder.write(Sample.text(rows, header: nil), "a.csv")]).series
    #expect(
      try importer.candles(from: [try folder.write(Sample.text(rows, header: header), "b.csv")]).series
        == plain)
    #expect(plain.tradeCount == [149_854, 126_556] && plain.takerBuyVolume == [2179.9, 1872.6])
  }

  @Test func mapsForeignColumns() throws {
    let folder = try Folder()
    let path = try folder.write(
      "ts,o,h,l,c,junk\n2023-01-01T00:00:00Z,1,3,0.5,2,x\n2023-01-01T00:01:00Z,2,4,1,3,y\n")
    let mapping = try ColumnMapping("open_time=ts,open=o,high=h,low=l,close=c")
    let importer = CandleImporter(options: .init(symbol: "X", interval: .minute, columns: mapping))
    let (series, report) = try importer.candles(from: [path])
    #expect(series.close == [2, 3] && series.openTime[1] == Sample.start + 60_000)
    #expect(series.volume.allSatisfy(\.isNaN) && report.warnings.count == 1)
    #expect(throws: TernError.self) { try ColumnMapping("opentime=ts") }
  }

  @Test func joinsFilesInTimeOrderAndRefusesOverlap() throws {
    let folder = try Folder()
    let rows = Sample.rows(10)
    let late = try folder.write(Sample.text(Array(rows[6...])), "late.csv")
    let early = try folder.write(Sample.text(Array(rows[..<4])), "early.csv")
    let (series, report) = try Sample.minute.candles(from: [late, early])
    #expect(series.count == 8 && report.sources.map(\.name) == ["early.csv", "late.csv"])
    #expect(
      report.gaps == [CandleGap(start: Sample.start + 240_000, end: Sample.start + 360_000, missing: 2)])
    let overlapping = try folder.write(Sample.text(Array(rows[3...])), "overlap.csv")
    let error = try #require(throws: TernError.self) {
      try Sample.minute.candles(from: [early, overlapping])
    }
    #expect(error.kind == .data && error.file == overlapping && error.line == 2)
  }

  @Test func readsFundingMarkPricesAndQuotes() throws {
    let folder = try Folder()
    let funding = try Sample.minute.funding(from: [
      try folder.write(
        "calc_time,funding_interval_hours,last_funding_rate\n1672531200000,8,0.0001\n1672560000000,8,-0.0002\n"
      )
    ]).series
    #expect(funding == FundingSeries(time: [1_672_531_200_000, 1_672_560_000_000], rate: [0.0001, -0.0002]))
    let mark = try Sample.minute.markPrice(from: [try folder.write(Sample.text(), "m.csv")]).series
    #expect(mark.time.first == Sample.start + 60_000 && mark.price.first == 30_001)
    let quotes = try Sample.minute.quotes(
      from: [
        try folder.write(
          "time,bid_price,bid_quantity,ask_price,ask_quantity\n1672531200000,1,2,1.5,3\n1672531200000,1.1,2,1.5,3\n",
          "q.csv")
      ]
    ).series
    #expect(quotes.time == [1_672_531_200_000] && quotes.bidPrice == [1.1])
  }

  /// Each defect as: the line's number in the file, the row, the column named.
  static let defects: [(line: Int, row: String, column: String?)] = [
    (3, "1672531260000,abc,2,1,1,1,1,1", "open"), (3, "1672531260000,NaN,2,1,1,1,1,1", "open"),
    (3, "1672531260000,1,inf,1,1,1,1,1", "high"), (3, "1672531260000,1,1e999,1,1,1,1,1", "high"),
    (3, "1672531260000,,2,1,1,1,1,1", "open"), (3, "1672531260000,1,2,1,1,-1,1,1", "volume"),
    (3, "1672531260000,1,2,3,1,1,1,1", "high"), (3, "1672531260000,5,2,1,1,1,1,1", "open"),
    (3, "1672531260000,1,2,1,0.5,1,1,1", "close"), (3, "1672531260000,0,2,0,1,1,1,1", "open"),
    (3, "1672531260000,1,2,1,1,1,1,2", "taker_buy_volume"), (3, "1672531260000,1,2,1,1,1,1.5,1", "count"),
    (3, "1672531200000,1,2,1,1,1,1,1", "open_time"), (3, "1672531140000,1,2,1,1,1,1,1", "open_time"),
    (3, "1672531260001,1,2,1,1,1,1,1", "open_time"), (3, "1672531260,1,2,1,1,1,1,1", "open_time"),
    (3, "yesterday,1,2,1,1,1,1,1", "open_time"), (3, "1672531260000,1,2,1,1,1,1", nil),
    (3, "1672531260000,1,2,1,1,1,1,1,9", nil),
  ]

  @Test(arguments: defects.indices)
  func refusesADefectiveRow(index: Int) throws {
    let folder = try Folder()
    let defect = ImportTests.defects[index]
    let path = try folder.write(Sample.text([Sample.rows()[0], defect.row]))
    let error = try #require(throws: TernError.self) { try Sample.minute.candles(from: [path]) }
    #expect(
      error.kind == .data && error.file == path && error.line == defect.line && error.key == defect.column)
  }

  @Test func refusesDamagedFilesAndLyingHeaders() throws {
    let folder = try Folder()
    let text = Array(Sample.text().utf8)
    let packed = try Gzip.compress(text)
    let zip = Sample.zip(text)
    for path in [
      try folder.write("", "empty.csv"), try folder.write(Sample.header + "\n", "header.csv"),
      try folder.write(packed.dropLast(5), "cut.csv.gz"), try folder.write(zip.dropLast(5), "cut.zip"),
      try folder.write(text, "plain.csv.gz"), try folder.write(text, "plain.zip"),
      try folder.write(Sample.zip(text, name: "picture.png"), "other.zip"),
      try folder.write(
        Sample.text(header: "open_time,open,high,low,close,volum,count,taker_buy_volume"), "near.csv"),
      try folder.write(
        Sample.text(header: "open_time,open,high,low,volume,count,taker_buy_volume,x"), "lacks.csv"),
      try folder.write(
        Sample.text(header: "open_time,open,open,low,close,volume,count,taker_buy_volume"), "twice.csv"),
      try folder.write(Sample.text(Sample.rows(perMinute: 300_000)), "five.csv"), folder.path + "/absent.csv",
      folder.path,
    ] {
      let error = try #require(throws: TernError.self) { try Sample.minute.candles(from: [path]) }
      #expect(error.kind == .data && error.file?.hasPrefix(path) == true, "\(error)")
    }
  }

  @Test(.enabled(if: SharedData.year != nil, "skipped: no shared data"))
  func readsARealYear() throws {
    let path = try #require(SharedData.year)
    let (series, report) = try Sample.minute.candles(from: [path])
    // The halt of 2023-03-24, 12:40 to 14:00 UTC.
    let halt = CandleGap(start: 1_679_661_600_000, end: 1_679_666_400_000, missing: 80)
    #expect(series.count == 525_520 && report.gaps == [halt])
  }
}
