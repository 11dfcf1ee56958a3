import Compression
import Diagnostics
import Files
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Feeds

@Suite struct CandleFileFeedTests {
  private func feed(
    _ paths: [String], funding: [String] = [], bounds: FeedBounds = .all
  ) throws -> CandleFileFeed {
    try CandleFileFeed(paths, options: Sample.minute.options, funding: funding, bounds: bounds)
  }

  private func candles(_ events: [MarketEvent]) -> [Candle] {
    events.compactMap { if case .candle(let candle) = $0 { candle } else { nil } }
  }

  private func imported(_ paths: [String]) throws -> [Candle] {
    let series = try Sample.minute.candles(from: paths).series
    return (0..<series.count).map { series[$0] }
  }

  @Test func everyContainerGivesTheImportersCandles() throws {
    let folder = try Folder()
    // Several blocks of 128 KiB, with a line across every border.
    let text = Array(Sample.text(Sample.rows(9000)).utf8)
    #expect(text.count > 3 << 17)
    let half = text.count / 2
    let members = try Gzip.compress(Array(text[..<half])) + Gzip.compress(Array(text[half...]))
    let paths = [
      try folder.write(text, "plain.csv"), try folder.write(text.dropLast(), "unended.csv"),
      try folder.write(Gzip.compress(text), "packed.csv.gz"), try folder.write(members, "members.csv.gz"),
      try folder.write(members + [UInt8](repeating: 0, count: 100_000), "padded.csv.gz"),
      try folder.write(Sample.zip(text), "archive.zip"),
    ]
    let expected = try imported([paths[0]])
    var digests: Set<Digest> = []
    for path in paths {
      let feed = try feed([path])
      #expect(try candles(drain(feed)) == expected, "\(path)")
      #expect(feed.digest == Digest(of: Array(try Data(contentsOf: URL(fileURLWithPath: path)))))
      digests.insert(feed.digest)
    }
    #expect(digests.count == paths.count)
  }

  @Test func damagedContainersAreErrorsAfterTheRowsBefore() throws {
    let folder = try Folder()
    let text = Array(Sample.text(Sample.rows(9000)).utf8)
    let packed = try Gzip.compress(text)
    var flipped = Sample.zip(text)
    flipped[flipped.count / 2] ^= 1
    for path in [
      try folder.write(packed.dropLast(5), "cut.csv.gz"), try folder.write(packed + [7], "longer.csv.gz"),
      try folder.write(flipped, "flipped.zip"),
    ] {
      let error = #expect(throws: TernError.self) { try drain(feed([path])) }
      #expect(error?.kind == .data && error?.file?.hasPrefix(path) == true, "\(String(describing: error))")
    }
  }

  @Test func disorderAndDuplicatesPassThroughForTheGuard() throws {
    let folder = try Folder()
    var rows = Sample.rows(8)
    rows.swapAt(3, 4)
    rows.insert(rows[1], at: 2)
    rows[7] = rows[7].replacingOccurrences(of: "1672531560000,", with: "1672531560001,")
    // High below low.
    rows.append("1672532000000,100,90,110,100,1,1,1")
    let path = try folder.write(Sample.text(rows))
    let read = try candles(drain(feed([path])))
    #expect(read.count == 10)
    #expect(
      read.map { ($0.openTime - Sample.start) / 60_000 }.prefix(7) == [0, 1, 1, 2, 4, 3, 5])
    var watch = try CandleGuard(interval: .minute)
    #expect(
      read.map { "\(watch.judge($0).code.name)" } == [
        "accepted", "accepted", "duplicate", "accepted", "gap", "out_of_order", "accepted", "misaligned",
        "gap",
        "malformed",
      ])
  }

  @Test func anUnreadableRowIsAnErrorAtItsPlaceAndStaysOne() throws {
    let folder = try Folder()
    for (row, key) in [
      ("1672531620000,abc,2,1,1,1,1,1", "open"), ("never,1,1,1,1,1,1,1", "open_time"),
      ("1672531620000,nan,2,1,1,1,1,1", "open"), ("1672531620000000,1,1,1,1,1,1,1", "open_time"),
    ] {
      let path = try folder.write(Sample.text(Sample.rows(7) + [row] + Sample.rows(2)))
      let feed = try feed([path])
      for _ in 0..<7 { #expect(try feed.next() != nil) }
      for _ in 0..<2 {
        let error = #expect(throws: TernError.self) { try feed.next() }
        #expect(error?.kind == .data && error?.file == path && error?.line == 9 && error?.key == key)
      }
    }
    let stamps = try folder.write("open_time,open,high,low,close\n1672531200000001,1,1,1,1\n")
    #expect(throws: TernError.self) { try feed([stamps]) }
    let closes = try folder.write(
      "open_time,open,high,low,close,close_time\n1672531200000,1,1,1,1,1672534799999\n", "closes.csv")
    let error = #expect(throws: TernError.self) { try feed([closes]) }
    #expect(error?.key == "close_time" && error?.line == 2)
  }

  @Test func filesAreTakenInTheOrderOfTheirFirstRows() throws {
    let folder = try Folder()
    let rows = Sample.rows(30)
    let late = try folder.write(Sample.text(Array(rows[20...])), "a.csv")
    let early = try folder.write(Gzip.compress(Array(Sample.text(Array(rows[..<10])).utf8)), "b.csv.gz")
    let middle = try folder.write(Sample.zip(Array(Sample.text(Array(rows[10..<20])).utf8)), "c.zip")
    let feed = try feed([late, early, middle])
    let read = try candles(drain(feed))
    #expect(read == (try imported([early, middle, late])) && read.count == 30)
    #expect(
      try self.feed([early, late, middle]).digest == feed.digest, "the order of naming does not matter")
    // Overlapping files are no error here.
    let again = try folder.write(Sample.text(Array(rows[5..<12])), "d.csv")
    #expect(try candles(drain(self.feed([again, early]))).count == 17)
  }

  @Test func fundingIsMergedAndBoundsKeepTheirPart() throws {
    let folder = try Folder()
    let path = try folder.write(Sample.text(Sample.rows(6)))
    let funding = try folder.write(
      "funding_time,funding_rate\n\(Sample.start),0.0001\n\(Sample.start + 120_000),0.0002\n\(Sample.start + 900_000),0.0003\n",
      "funding.csv")
    let events = try drain(feed([path], funding: [funding]))
    let kinds = events.map { event -> String in
      switch event {
      case .funding: "f"
      case .quote: "q"
      case .candle: "c"
      }
    }
    // The candle that closes at the second settlement comes after it.
    #expect(kinds.joined() == "fcfcccccf")
    let bounds = FeedBounds(from: Sample.start + 120_000, to: Sample.start + 240_000)
    #expect(try drain(feed([path], funding: [funding], bounds: bounds)) == Array(events[2...4]))
    #expect(try feed([path], funding: [funding]).digest != feed([path]).digest)
  }

  @Test(.enabled(if: SharedData.year != nil, "skipped: no shared data"))
  func aRealYearStreamsAsItIsImported() throws {
    let path = try #require(SharedData.year)
    let series = try Sample.minute.candles(from: [path]).series
    let feed = try feed([path])
    var watch = try CandleGuard(interval: .minute)
    var index = 0
    var gaps = 0
    while let event = try feed.next() {
      guard case .candle(let candle) = event else { continue }
      if candle.openTime != series.openTime[index] || candle.close != series.close[index] { break }
      // The halt of 2023-03-24; nothing else is remarkable.
      if watch.judge(candle) != .init(.accepted, .accept) { gaps += 1 }
      index += 1
    }
    #expect(index == series.count && gaps == 1)
  }
}
