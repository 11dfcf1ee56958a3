import Chronology
import Foundation
import Testing

@Suite struct TimestampTests {
  @Test func agreesWithFoundationsCalendarOverFourCenturies() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    for day in stride(from: Int64(-73_000), through: 73_000, by: 97) {
      let date = Timestamp.civilDate(ofDay: day)
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
      #expect(
        date == Timestamp.CivilDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0))
      #expect(Timestamp.days(of: date) == day)
    }
  }

  @Test func textAndParsingAreInverse() {
    for time in [0, 1_679_661_600_000, 1_679_661_600_123, 951_782_399_999, -1, 4_102_444_800_000] as [Int64] {
      #expect(Timestamp.parse(Timestamp.text(time)) == time)
    }
    #expect(Timestamp.text(1_679_661_600_000) == "2023-03-24T12:40:00Z")
  }

  @Test(arguments: [
    "2023-02-29", "2023-13-01", "2023-1-01", "2023-01-01T", "2023-01-01T24:00", "2023-01-01T10:60",
    "2023-01-01T10:00:61", "2023-01-01T10:00+02:00", "2023-01-01Z", "", "yesterday", "2023-01-01T10:00:00.",
  ])
  func refuses(_ text: String) {
    #expect(Timestamp.parse(text) == nil)
  }

  @Test func addsCalendarMonths() throws {
    let january31 = try #require(Timestamp.parse("2024-01-31T05:00Z"))
    #expect(Timestamp.text(Timestamp.addingMonths(1, to: january31)) == "2024-02-29T05:00:00Z")
    #expect(Timestamp.text(Timestamp.addingMonths(-2, to: january31)) == "2023-11-30T05:00:00Z")
    #expect(Timestamp.text(Timestamp.addingMonths(12, to: january31)) == "2025-01-31T05:00:00Z")
  }
}
