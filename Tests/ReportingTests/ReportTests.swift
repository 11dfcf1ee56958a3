import Diagnostics
import Files
import Testing

@testable import Reporting

@Suite("Report data")
struct ReportTests {
  @Test("Survives JSON unchanged")
  func roundTrip() throws {
    for report in [try SampleReports.full(), try SampleReports.bare()] {
      let bytes = try report.json()
      let again = try CanonicalJSON.decode(EvaluationReport.self, from: bytes)
      #expect(again == report)
      #expect(try again.json() == bytes)
    }
  }

  @Test("Has a digest of what was found, not of when or how fast")
  func digest() throws {
    let report = try SampleReports.full()
    var other = report
    other.run.created += 1
    other.timings = [.init(phase: "all", seconds: 3)]
    #expect(try other.digest() == report.digest())
    other.timings = nil
    #expect(try other.digest() == report.digest())
    other.data.digest += "0"
    #expect(try other.digest() != report.digest())
  }

  @Test("Thins a curve without losing its ends, its extremes or its order", arguments: [4, 5, 10, 101, 1200])
  func thinning(maximumPoints: Int) throws {
    var draws = SampleReports.Draws()
    var values = (0..<5000).map { _ in draws.normal() }
    values[1234] = 90
    values[4321] = -90
    let time = values.indices.map { Int64($0) * 60_000 }
    let curve = try Curve(name: "walk", time: time, value: values, maximumPoints: maximumPoints)
    #expect(curve.time.count <= maximumPoints)
    #expect(curve.time.count == curve.value.count)
    #expect(curve.value.max() == 90)
    #expect(curve.value.min() == -90)
    #expect(curve.time.first == time.first && curve.time.last == time.last)
    #expect(zip(curve.time, curve.time.dropFirst()).allSatisfy { $0 < $1 })
    #expect(zip(curve.time, curve.value).allSatisfy { values[Int($0 / 60_000)] == $1 })
  }

  @Test("Leaves a short curve as it is")
  func short() throws {
    let curve = try Curve(name: "short", time: [1, 2, 3], value: [3, 1, 2], maximumPoints: 3)
    #expect(curve.value == [3, 1, 2])
  }

  @Test("Measures drawdown from the highest point so far")
  func drawdown() throws {
    let curve = try Curve.drawdown(time: [0, 1, 2, 3, 4], equity: [100, 80, 120, 90, 120])
    #expect(curve.value == [0, -0.2, 0, -0.25, 0])
  }

  @Test("Refuses curves that are none")
  func refusals() {
    #expect(throws: TernError.self) { try Curve(name: "c", time: [0], value: []) }
    #expect(throws: TernError.self) { try Curve(name: "c", time: [1, 0], value: [1, 1]) }
    #expect(throws: TernError.self) { try Curve(name: "c", time: [0], value: [.nan]) }
    #expect(throws: TernError.self) { try Curve.drawdown(time: [0], equity: [0]) }
  }

  @Test("Ranks importances from high to low, equals by name")
  func ranking() throws {
    var layer = try SampleReports.bare().signal
    layer.importances = [.init(name: "b", value: 1), .init(name: "c", value: 2), .init(name: "a", value: 1)]
    #expect(layer.rankedImportances.map(\.name) == ["c", "a", "b"])
  }

  @Test("Compares with random entries by rank")
  func randomEntry() throws {
    let random = try #require(RandomEntryReport(outcomes: [0.3, .nan, 0.1, 0.2], strategy: 0.2))
    #expect(random.outcomes == [0.1, 0.2, 0.3])
    #expect(random.pValue == 0.75)
    #expect(RandomEntryReport(outcomes: [], strategy: 1) == nil)
    #expect(RandomEntryReport(outcomes: [1], strategy: .nan) == nil)
  }
}
