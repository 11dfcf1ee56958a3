import Testing

@testable import Pages

@Suite("Numbers as the page writes them")
struct PageTextTests {
  @Test("Groups thousands and rounds half away from zero")
  func fixed() {
    #expect(PageText.fixed(1_234_567.891, 2) == "1,234,567.89")
    #expect(PageText.fixed(-1234.5, 0) == "−1,235")
    #expect(PageText.fixed(-0.0001, 2) == "0.00")
    #expect(PageText.fixed(nil, 2) == "–")
    #expect(PageText.fixed(.nan, 2) == "–")
    #expect(PageText.count(.min) == "−9,223,372,036,854,775,808")
  }

  @Test("Signs a gain, a loss and neither")
  func change() {
    #expect(PageText.change(0.015) == "+1.50\u{00A0}%")
    #expect(PageText.change(-0.015) == "−1.50\u{00A0}%")
    #expect(PageText.change(0.00001) == "0.00\u{00A0}%")
    #expect(PageText.change(nil) == "–")
  }

  @Test("Keeps the digits that matter at any magnitude")
  func plain() {
    #expect(PageText.plain(0) == "0")
    #expect(PageText.plain(0.123456) == "0.1235")
    #expect(PageText.plain(12.3456) == "12.35")
    #expect(PageText.plain(123_456) == "123,456")
    #expect(PageText.plain(0.0000123) == "1.23e−5")
    #expect(PageText.plain(-9.999e15) == "−1.00e16")
  }

  @Test("Says times as people do")
  func times() {
    #expect(PageText.duration(0.0123) == "12.3 ms")
    #expect(PageText.duration(61) == "1 min 1 s")
    #expect(PageText.duration(7260) == "2 h 1 min")
    #expect(PageText.instant(1_679_661_600_000) == "2023-03-24 12:40 UTC")
    #expect(PageText.date(-1) == "1969-12-31")
  }

  @Test("Writes coordinates without exponents or foreign signs")
  func coordinates() {
    #expect(PageText.coordinate(-0.04) == "0")
    #expect(PageText.coordinate(-12.34) == "-12.3")
    #expect(PageText.coordinate(1e300) == "1000000")
    #expect(PageText.coordinate(.nan) == "0")
  }
}
