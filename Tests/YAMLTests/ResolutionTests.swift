import Testing
import YAML

@Suite struct ResolutionTests {
  @Test(arguments: [
    ("0", 0), ("-7", -7), ("+12", 12), ("1_000_000", 1_000_000), ("0x1F", 31), ("0o17", 15), ("010", 10),
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
  ])
  func readsWholeNumbers(_ text: String, _ value: Int) {
    #expect(YAMLScalar(text).integer() == value)
  }

  @Test(arguments: [
    "", "1.0", "1e3", "1_", "_1", "1__0", "9223372036854775808", "0x", "0o8", "0x-1", "--1", "+", "1 000",
    "١",
    "0b1", "12:30",
  ])
  func refusesWhatIsNoWholeNumber(_ text: String) {
    #expect(YAMLScalar(text).integer(Int.self) == nil)
  }

  @Test func keepsToTheRangeOfTheType() {
    #expect(YAMLScalar("255").integer(UInt8.self) == 255)
    #expect(YAMLScalar("256").integer(UInt8.self) == nil)
    #expect(YAMLScalar("-1").integer(UInt8.self) == nil)
  }

  @Test(arguments: [
    ("0.1", 0.1), ("1e3", 1000), ("-2.5E-3", -0.0025), (".5", 0.5), ("5.", 5), ("+1", 1), ("1_000.5", 1000.5),
    ("0x10", 16), (".inf", .infinity), ("-.INF", -.infinity), ("4.9e-324", 4.9e-324),
  ])
  func readsNumbers(_ text: String, _ value: Double) {
    #expect(YAMLScalar(text).number() == value)
  }

  @Test(arguments: [
    "", ".", "e3", "1e", "1e+", "inf", "nan", "infinity", "0x1p3", "1.2.3", "1,5", "1e999", "1 ",
  ])
  func refusesWhatIsNoNumber(_ text: String) {
    #expect(YAMLScalar(text).number(Double.self) == nil)
  }

  @Test func readsNotANumber() throws {
    #expect(try #require(YAMLScalar(".nan").number(Double.self)).isNaN)
  }

  @Test func quotesMakeText() {
    for text in ["1", "1.5", "true", "null", "~", ""] {
      let quoted = YAMLScalar(text, isPlain: false)
      #expect(quoted.integer(Int.self) == nil)
      #expect(quoted.number(Double.self) == nil)
      #expect(quoted.boolean == nil)
      #expect(!quoted.isNull)
    }
  }

  @Test func onlyTrueAndFalseAreTruthValues() {
    #expect(YAMLScalar("true").boolean == true)
    #expect(YAMLScalar("False").boolean == false)
    for word in ["yes", "no", "on", "off", "y", "n", "1", "tRUE"] { #expect(YAMLScalar(word).boolean == nil) }
  }

  @Test func emptyTildeAndNullAreNothing() {
    for word in ["", "~", "null", "Null", "NULL"] { #expect(YAMLScalar(word).isNull) }
    for word in ["nil", "none", "nULL"] { #expect(!YAMLScalar(word).isNull) }
  }
}
