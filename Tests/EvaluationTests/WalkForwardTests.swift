import Chronology
import Compute
import Diagnostics
import Foundation
import Testing

@testable import Evaluation

private func time(_ text: String) -> Int64 {
  guard let time = Timestamp.parse(text) else { preconditionFailure("\(text) is no time") }
  return time
}

/// Rows every 20 minutes whose labels end 1 to 60 minutes later.
private func rows(from start: Int64, to end: Int64, seed: UInt64) throws -> RowTimes {
  var random = Philox(seed: seed)
  let decision = Array(stride(from: start, to: end, by: Int(20 * Timestamp.minute)))
  return try RowTimes(
    decision: decision,
    labelEnd: decision.map { $0 + Int64(1 + random.integer(below: 60)) * Timestamp.minute })
}

@Suite("Walk-forward")
struct WalkForwardTests {
  @Test func defaultsAreSixMonthsOneMonthOneMonth() throws {
    let span = time("2023-01-01")..<time("2023-10-01")
    let folds = try WalkForward().folds(over: span)
    #expect(folds.map(\.index) == [0, 1, 2])
    #expect(folds.map(\.test.lowerBound) == ["2023-07-01", "2023-08-01", "2023-09-01"].map(time))
    #expect(folds.map(\.test.upperBound) == ["2023-08-01", "2023-09-01", "2023-10-01"].map(time))
    #expect(folds.map(\.train.lowerBound) == ["2023-01-01", "2023-02-01", "2023-03-01"].map(time))
    // Calibration: the last 30 days before the test, less an hour of horizon and one of embargo; training ends as
    // far before the calibration.
    #expect(folds[0].calibration == time("2023-06-01")..<time("2023-06-30T22:00"))
    #expect(folds[0].train.upperBound == time("2023-05-31T22:00"))
  }

  @Test func monthsDoNotDriftFromTheThirtyFirst() throws {
    var configuration = WalkForward.Configuration()
    configuration.train = .months(1)
    configuration.calibration = .days(0)
    let folds = try WalkForward(configuration).folds(over: time("2023-07-31")..<time("2024-05-01"))
    let starts = [
      "2023-08-31", "2023-09-30", "2023-10-31", "2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29",
    ]
    #expect(folds.prefix(7).map(\.test.lowerBound) == starts.map(time))
    // One ends where the next begins, so no day between them goes untested.
    for (a, b) in zip(folds, folds.dropFirst()) { #expect(a.test.upperBound == b.test.lowerBound) }
    #expect(folds.allSatisfy { $0.calibration == nil })
  }

  @Test func anchoredTrainingKeepsItsStart() throws {
    var configuration = WalkForward.Configuration()
    configuration.anchored = true
    let folds = try WalkForward(configuration).folds(over: time("2023-01-01")..<time("2023-12-01"))
    #expect(folds.count == 5 && folds.allSatisfy { $0.train.lowerBound == time("2023-01-01") })
  }

  @Test func partialTestIsKeptOnlyWhenAsked() throws {
    var configuration = WalkForward.Configuration()
    let span = time("2023-01-01")..<time("2023-08-11")
    #expect(try WalkForward(configuration).folds(over: span).count == 1)
    configuration.partialTest = true
    let folds = try WalkForward(configuration).folds(over: span)
    #expect(folds.count == 2 && folds[1].test == time("2023-08-01")..<time("2023-08-11"))
  }

  @Test func tooShortDataNamesWhatIsNeeded() throws {
    do {
      _ = try WalkForward().folds(over: time("2023-01-01")..<time("2023-07-15"))
      Issue.record("six and a half months cannot hold a fold of seven")
    } catch {
      #expect(error.kind == .data)
      #expect(error.description.contains("2023-07-15") && error.description.contains("2023-08-01"))
    }
  }

  @Test func badConfigurationsAreRefused() throws {
    func make(_ change: (inout WalkForward.Configuration) -> Void) throws -> [WalkForward.Fold] {
      var configuration = WalkForward.Configuration()
      change(&configuration)
      return try WalkForward(configuration).folds(over: time("2023-01-01")..<time("2024-01-01"))
    }
    #expect(throws: TernError.self) { try make { $0.step = .days(10) } }
    #expect(throws: TernError.self) { try make { $0.step = .days(0) } }
    #expect(throws: TernError.self) { try make { $0.embargo = .months(1) } }
    #expect(throws: TernError.self) { try make { $0.calibration = .days(365) } }
    #expect(throws: TernError.self) { try make { $0.horizon = .days(400) } }
  }

  @Test func configurationRoundTripsAndRejectsUnknownKeys() throws {
    let text = #"{"train":"180d","test":"2w","step":"2w","embargo":"90m","anchored":true}"#
    let read = try JSONDecoder().decode(WalkForward.Configuration.self, from: Data(text.utf8))
    #expect(
      read.train == .days(180) && read.test == .days(14) && read.embargo == .minutes(90) && read.anchored)
    #expect(read.horizon == .minutes(60))
    #expect(
      try JSONDecoder().decode(WalkForward.Configuration.self, from: JSONEncoder().encode(read)) == read)
    #expect {
      try JSONDecoder().decode(WalkForward.Configuration.self, from: Data(#"{"embrago":"1h"}"#.utf8))
    } throws: { error in
      "\(error)".contains("embrago: is not a known key; did you mean embargo?")
    }
    for text in ["6", "mo", "-1d", "+1d", "6 months", "1y", "", "99999999999999999999d", "1.5h"] {
      #expect(throws: TernError.self) { try CalendarSpan(text) }
    }
    for text in ["6mo", "0m", "30d", "36h", "61m", "59s", "1500ms"] {
      #expect(try CalendarSpan(text).description == text)
    }
    do {
      _ = try JSONDecoder().decode([String: CalendarSpan].self, from: Data(#"{"horizon":"6 hours"}"#.utf8))
      Issue.record("\"6 hours\" is no span")
    } catch {
      let error = error as? TernError
      #expect(error?.kind == .configuration && error?.key == "horizon")
    }
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func noTrainingLabelTouchesTheTestSpan(seed: UInt64) throws {
    var random = Philox(seed: seed, stream: 1)
    var configuration = WalkForward.Configuration()
    configuration.train = .days(10 + random.integer(below: 20))
    configuration.test = .days(1 + random.integer(below: 7))
    configuration.step = configuration.test
    // Sometimes shorter than the labels really reach: the exact purge must then do the work.
    configuration.horizon = .minutes(random.integer(below: 90))
    configuration.embargo = .minutes(random.integer(below: 300))
    configuration.calibration = .days(random.integer(below: 5))
    let start = time("2024-02-11T07:13")
    let end = start + 60 * Timestamp.day
    let times = try rows(from: start, to: end, seed: seed)
    let splitter = try WalkForward(configuration)
    let folds = try splitter.folds(over: start..<end)
    var tested = [Int](repeating: 0, count: times.count)
    for fold in folds {
      let part = try fold.rows(times, embargo: splitter.embargo)
      for row in part.test { tested[row] += 1 }
      for row in part.train + part.calibration {
        #expect(times.labelEnd[row] + splitter.embargo < fold.test.lowerBound)
      }
      if let calibration = fold.calibration {
        #expect(part.train.allSatisfy { times.labelEnd[$0] + splitter.embargo < calibration.lowerBound })
        #expect(part.calibration.allSatisfy { times.decision[$0] >= calibration.lowerBound })
      }
      #expect(Set(part.train).isDisjoint(with: part.calibration))
      #expect(part.train.allSatisfy { fold.train.contains(times.decision[$0]) })
      #expect(part.test.allSatisfy { fold.test.contains(times.decision[$0]) })
    }
    // Every row between the first and the last test is tested exactly once, every other never.
    let covered = folds[0].test.lowerBound..<folds[folds.count - 1].test.upperBound
    for row in 0..<times.count { #expect(tested[row] == (covered.contains(times.decision[row]) ? 1 : 0)) }
  }

  @Test func trainingEndsExactlyAtTheTestLessPurgeAndEmbargo() throws {
    var configuration = WalkForward.Configuration()
    configuration.calibration = .days(0)
    configuration.horizon = .minutes(45)
    configuration.embargo = .hours(5)
    for fold in try WalkForward(configuration).folds(over: time("2023-01-01")..<time("2024-01-01")) {
      #expect(fold.train.upperBound == fold.test.lowerBound - 45 * Timestamp.minute - 5 * Timestamp.hour)
      // The last label of the nominal range ends before the embargo begins.
      #expect(fold.train.upperBound - 1 + 45 * Timestamp.minute < fold.test.lowerBound - 5 * Timestamp.hour)
    }
  }

  @Test func labelsLongerThanTheHorizonArePurgedByTheirTrueEnds() throws {
    // Every label takes 10 hours although the configuration claims an hour.
    let start = time("2024-01-01")
    let decision = (0..<40).flatMap { day in
      (0..<24).map { start + (Int64(day) * 24 + Int64($0)) * Timestamp.hour }
    }
    let times = try RowTimes(decision: decision, labelEnd: decision.map { $0 + 10 * Timestamp.hour })
    var configuration = WalkForward.Configuration()
    configuration.train = .days(20)
    configuration.test = .days(5)
    configuration.step = .days(5)
    configuration.calibration = .days(3)
    let splitter = try WalkForward(configuration)
    for fold in try splitter.folds(over: start..<(start + 40 * Timestamp.day)) {
      let part = try fold.rows(times, embargo: splitter.embargo)
      // Before each of the two borders the nominal range stops 2 h short, but the labels of decisions 3 to 11 h before
      // it still end within the embargo of an hour or beyond.
      #expect(part.purged == 2 * 9)
      #expect(part.calibration.allSatisfy { times.labelEnd[$0] < fold.test.lowerBound - splitter.embargo })
    }
  }

  @Test func emptyPartsAreNamed() throws {
    let folds = try WalkForward().folds(over: time("2023-01-01")..<time("2023-09-01"))
    let early = try rows(from: time("2023-01-01"), to: time("2023-02-01"), seed: 1)
    #expect {
      try folds[0].rows(early, embargo: 0)
    } throws: { error in
      "\(error)".contains("fold 0 has no labelled test rows")
    }
    #expect(throws: TernError.self) { try RowTimes(decision: [10], labelEnd: [9]) }
  }
}

@Suite("Cross-fitting")
struct CrossFittingTests {
  @Test(arguments: 0..<10 as Range<UInt64>) func heldOutRowsNeverMeetTheirTrainingRows(seed: UInt64) throws {
    var random = Philox(seed: seed, stream: 2)
    let blocks = 2 + random.integer(below: 6)
    let horizon = Int64(random.integer(below: 90)) * Timestamp.minute
    let embargo = Int64(random.integer(below: 240)) * Timestamp.minute
    let times = try rows(from: 0, to: 20 * Timestamp.day, seed: seed)
    let parts = try CrossFitting(blocks: blocks, horizon: horizon, embargo: embargo).parts(times)
    #expect(parts.count == blocks)
    #expect(parts.flatMap(\.heldOut).sorted() == Array(0..<times.count))
    for part in parts {
      let first = times.decision[part.heldOut[0]]
      let last = part.heldOut.map { times.decision[$0] }.max()!
      let settled = part.heldOut.map { times.labelEnd[$0] }.max()!
      #expect(part.span == first..<(last + 1))
      for row in part.train {
        let isBefore = times.labelEnd[row] < first && times.decision[row] + horizon < first
        let isAfter = times.decision[row] > max(settled, last + horizon) + embargo
        #expect(isBefore || isAfter)
      }
      // Nothing is dropped beyond what the purge and the embargo demand.
      let allowed = (0..<times.count).filter {
        (times.labelEnd[$0] < first && times.decision[$0] + horizon < first)
          || times.decision[$0] > max(settled, last + horizon) + embargo
      }
      #expect(part.train == allowed)
    }
  }

  @Test func instantsSharedByRowsAreNotParted() throws {
    let decision = (0..<300).map { Int64($0 / 7) * Timestamp.hour }
    let times = try RowTimes(decision: decision, labelEnd: decision)
    let parts = try CrossFitting(blocks: 4, horizon: 0, embargo: 0).parts(times)
    let owners = parts.map { Set($0.heldOut.map { decision[$0] }) }
    for a in owners.indices {
      for b in owners.indices where a != b { #expect(owners[a].isDisjoint(with: owners[b])) }
    }
  }

  @Test func onlyTheGivenRowsAreSplit() throws {
    let times = try rows(from: 0, to: 10 * Timestamp.day, seed: 1)
    let chosen = (0..<times.count).filter { $0 % 3 == 0 }
    let parts = try CrossFitting(blocks: 3, horizon: Timestamp.hour, embargo: 0).parts(
      times, rows: chosen.reversed())
    #expect(parts.flatMap(\.heldOut) == chosen)
    #expect(parts.allSatisfy { Set($0.train).isSubset(of: chosen) })
  }

  @Test func tooFewInstantsOrTooMuchPurgeIsAnError() throws {
    let same = try RowTimes(decision: [5, 5, 5, 5], labelEnd: [6, 6, 6, 6])
    let fitting = try CrossFitting(blocks: 2, horizon: 0, embargo: 0)
    #expect(throws: TernError.self) { try fitting.parts(same) }
    #expect(throws: TernError.self) { try fitting.parts(RowTimes(decision: [], labelEnd: [])) }
    let times = try rows(from: 0, to: Timestamp.day, seed: 1)
    #expect(throws: TernError.self) {
      try CrossFitting(blocks: 2, horizon: 30 * Timestamp.day, embargo: 0).parts(times)
    }
    #expect(throws: TernError.self) { try CrossFitting(blocks: 1, horizon: 0, embargo: 0) }
  }
}
