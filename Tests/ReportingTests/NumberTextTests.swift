import Testing

@testable import Reporting

@Suite("Numbers as the page writes them")
struct NumberTextTests {
  @Test("Groups thousands and rounds half away from zero")
  func fixed() {
    #expect(NumberText.fixed(1_234_567.891, 2) == "1,234,567.89")
    #expect(NumberText.fixed(-1234.5, 0) == "−1,235")
    #expect(NumberText.fixed(-0.0001, 2) == "0.00")
    #expect(NumberText.fixed(nil, 2) == "–")
    #expect(NumberText.fixed(.nan, 2) == "–")
    #expect(NumberText.count(.min) == "−9,223,372,036,854,775,808")
  }

  @Test("Signs a gain, a loss and neither")
  func change() {
    #expect(NumberText.change(0.015) == "+1.50\u{00A0}%")
    #expect(NumberText.change(-0.015) == "−1.50\u{00A0}%")
    #expect(NumberText.change(0.00001) == "0.00\u{00A0}%")
    #expect(NumberText.change(nil) == "–")
  }

  @Test("Keeps the digits that matter at any magnitude")
  func plain() {
    #expect(NumberText.plain(0) == "0")
    #expect(NumberText.plain(0.123456) == "0.1235")
    #expect(NumberText.plain(12.3456) == "12.35")
    #expect(NumberText.plain(123_456) == "123,456")
    #expect(NumberText.plain(0.0000123) == "1.23e−5")
    #expect(NumberText.plain(-9.999e15) == "−1.00e16")
  }

  @Test("Says times as people do")
  func times() {
    #expect(NumberText.duration(0.0123) == "12.3 ms")
    #expect(NumberText.duration(61) == "1 min 1 s")
    #expect(NumberText.duration(7260) == "2 h 1 min")
    #expect(NumberText.instant(1_679_661_600_000) == "2023-03-24 12:40 UTC")
    #expect(NumberText.date(-1) == "1969-12-31")
  }

  @Test("Writes coordinates without exponents or foreign signs")
  func coordinates() {
    #expect(NumberText.coordinate(-0.04) == "0")
    #expect(NumberText.coordinate(-12.34) == "-12.3")
    #expect(NumberText.coordinate(1e300) == "1000000")
    #expect(NumberText.coordinate(.nan) == "0")
  }
}
