import Diagnostics
import Foundation
import Market
import MarketFixtures
import Testing

@testable import Datasets
@testable import Feeds

@Suite struct QualityTests {
  /// Sixteen minutes with one defect each at known rows.
  private func defective(_ folder: Folder) throws -> RawCandles {
    var rows = Sample.rows(16)
    rows.remove(at: 13)  // a gap
    rows[12] = "\(Sample.start + 12 * 60_000),1,2,1,1,0,0,0"
    rows[11] = "\(Sample.start + 11 * 60_000),30000,30010,29990,30010.5,1,1,1"  // 1.7e-5 above the high
    rows[10] = "\(Sample.start + 10 * 60_000),30000,30010,29990,31000,1,1,1"  // far above the high
    rows[9] = "\(Sample.start + 9 * 60_000),abc,30010,29990,30000,1,1,1"
    rows[8] = "\(Sample.start + 8 * 60_000 + 7),30000,30010,29990,30000,1,1,1"
    rows.swapAt(5, 6)
    rows.insert(rows[2], at: 3)  // an exact duplicate
    // contradicts minute 1, more volume
    rows.insert("\(Sample.start + 60_000),30000,30010,29990,30000,99,1,1", at: 2)
    rows.append("never,1,1,1,1,1,1,1")
    return try Sample.minute.rawCandles(from: [try folder.write(Sample.text(rows))]).raw
  }

  @Test func inspectionFindsEveryDefect() throws {
    let report = CandleInspection.inspect(try defective(try Folder()))
    #expect(report.rows == 17 && !report.isClean)
    let counts: [(InspectionReport.Kind, Int)] = [
      (.unreadable, 2), (.disorder, 1), (.exactDuplicate, 1), (.conflictingDuplicate, 1), (.misaligned, 1),
      (.closeOutside, 2), (.highBelowLow, 0), (.negativeVolume, 0),
    ]
    for (kind, count) in counts { #expect(report.count(kind) == count, "\(kind)") }
    #expect(
      report.gaps.contains(CandleGap(start: Sample.start + 780_000, end: Sample.start + 840_000, missing: 1)))
    #expect(report.zeroVolumeRuns.map(\.start) == [Sample.start + 720_000])
    #expect(report.text.contains("exact_duplicate: 1") && report.text.contains("candles.csv:5"))
    #expect(try JSONDecoder().decode(InspectionReport.self, from: JSONEncoder().encode(report)) == report)
  }

  @Test func outliersStandOutOfARandomWalk() throws {
    var series = try Sample.market().candles
    #expect(CandleInspection.inspect(series).isClean)
    let before = CandleInspection.inspect(series)
    series.close[700] *= 2
    series.high[700] = series.close[700]
    series.volume[300] *= 10_000
    let report = CandleInspection.inspect(series)
    // The jump up, and the fall back to the next close.
    #expect(report.count(.returnOutlier) == before.count(.returnOutlier) + 2)
    #expect(report.count(.volumeOutlier) == before.count(.volumeOutlier) + 1 && report.isClean)
  }

  @Test func repairDoesWhatItSaysAndInventsNothing() throws {
    let raw = try defective(try Folder())
    let (series, report) = try CandleRepair.repair(raw)
    let counts: [(RepairReport.Kind, Int)] = [
      (.sorted, 1), (.droppedUnreadable, 1), (.droppedMisaligned, 1), (.droppedInvalid, 1),
      (.droppedExactDuplicate, 1), (.droppedConflictingDuplicate, 1), (.widened, 1),
    ]
    for (kind, count) in counts { #expect(report.count(kind) == count, "\(kind)") }
    #expect(report.rowsRead == 17 && report.rowsWritten == 12 && series.count == 12 && report.unreadable == 2)
    let minutes = [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 14, 15]
    #expect(series.openTime == minutes.map { Sample.start + Int64($0) * 60_000 })
    #expect(series.volume[1] == 99 && series.high[8] == 30_010.5)
    #expect(report.gaps.map(\.missing) == [3, 1])
    #expect(CandleInspection.inspect(series).isClean)
    let again = try CandleRepair.repair(RawCandles(series))
    #expect(again.series == series && again.report.isUnchanged)
    #expect(try JSONDecoder().decode(RepairReport.self, from: JSONEncoder().encode(report)) == report)
  }

  @Test func conflictsFollowTheStatedRule() throws {
    var raw = CandleSeries(symbol: "X", interval: .minute)
    for volume in [2.0, 3, 1] {
      raw.append(Candle(openTime: Sample.start, open: 1, high: 1, low: 1, close: 1, volume: volume))
    }
    raw.append(Candle(openTime: Sample.start + 60_000, open: 1, high: 1, low: 1, close: 1, volume: 5))
    for (rule, kept) in [(CandleRepair.ConflictRule.first, 2.0), (.last, 1), (.largestVolume, 3)] {
      var options = CandleRepair.Options()
      options.conflicts = rule
      #expect(try CandleRepair.repair(RawCandles(raw), options: options).series.volume == [kept, 5])
    }
    var options = CandleRepair.Options()
    options.conflicts = .none
    #expect(try CandleRepair.repair(RawCandles(raw), options: options).series.volume == [5])
  }

  @Test func nothingUsableIsAnError() throws {
    var raw = CandleSeries(symbol: "X", interval: .minute)
    raw.append(Candle(openTime: Sample.start, open: -1, high: 1, low: 1, close: 1, volume: 1))
    let error = #expect(throws: TernError.self) { try CandleRepair.repair(RawCandles(raw)) }
    #expect(error?.kind == .data)
  }

  @Test(.enabled(if: SharedData.year != nil, "skipped: no shared data"))
  func aRealYearIsCleanButForItsHalt() throws {
    let path = try #require(SharedData.year)
    let series = try Sample.minute.candles(from: [path]).series
    let raw = try Sample.minute.rawCandles(from: [path]).raw
    let inspection = CandleInspection.inspect(raw)
    // The halt of 2023-03-24, 12:40 to 14:00 UTC.
    let halt = CandleGap(start: 1_679_661_600_000, end: 1_679_666_400_000, missing: 80)
    #expect(inspection.isClean && inspection.gaps == [halt] && inspection.zeroVolumeRuns.map(\.count) == [72])
    let repaired = try CandleRepair.repair(raw)
    #expect(repaired.series == series && repaired.report.isUnchanged)
  }
}
