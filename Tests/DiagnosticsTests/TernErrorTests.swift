import Diagnostics
import Testing

@Suite struct TernErrorTests {
  @Test func namesThePlaceWhatWasFoundAndWhatWasExpected() {
    let error = TernError(
      .data, "is not a number", file: "a.csv", line: 17, key: "open", found: "\"abc\"", expected: "a price")
    #expect(error.description == "a.csv:17: open: is not a number (found \"abc\", expected a price)")
    #expect(error.kind.rawValue == 65)
  }

  @Test func keepsTheFirstFileNamed() {
    let error = TernError(.data, "is damaged").inFile("inner.gz").inFile("outer.zip")
    #expect(error.file == "inner.gz")
  }

  @Test func findsTheNearestName() {
    let known = ["max_depth", "max_leaves", "learning_rate"]
    #expect(nearestName(to: "max_dept", among: known) == "max_depth")
    #expect(nearestName(to: "Learning_Rate", among: known) == "learning_rate")
    #expect(nearestName(to: "xyz", among: known) == nil)
    #expect(nearestName(to: "anything", among: [String]()) == nil)
  }
}
