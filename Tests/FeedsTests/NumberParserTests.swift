import Compute
import Foundation
import Testing

@testable import Feeds

@Suite struct NumberParserTests {
  private func parse(_ text: String) -> (value: Double, consumed: Int)? {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      return NumberParser.withPowers { powers in
        var value = 0.0
        guard let end = NumberParser.parse(base, base + buffer.count, powers, &value) else { return nil }
        return (value, end - base)
      }
    }
  }

  private func expectEqual(_ text: String) {
    let result = parse(text)
    #expect(result?.value.bitPattern == strtod(text, nil).bitPattern, "\(text)")
    #expect(result?.consumed == text.utf8.count, "\(text)")
  }

  @Test func edgeCasesEqualStrtod() {
    for text in [
      "0", "-0", "+1", "1.", ".5", "-.5e-3", "0.1", "9007199254740992", "9007199254740993",
      "9007199254740994",
      "18446744073709551615", "18446744073709551616", "9999999999999999999", "99999999999999999999",
      "1e22", "1e23", "1e-22", "1e-23", "123456789012345678e22", "1.7976931348623157e308",
      "1.7976931348623159e308",
      "1e309", "4.9e-324", "2.4e-324", "2.2250738585072011e-308", "2.2250738585072014e-308", "1e-400",
      "0.000000000000000000000000000001", "100000000000000000000000000000000", "00000000000000000000000001.5",
      "1e+5", "1E5", "1e99999999999", "1e-99999999999", "0e999999", "8.5", "30000.10000000",
    ] { expectEqual(text) }
  }

  @Test func randomTextsEqualStrtod() {
    var random = Philox(seed: 11)
    for _ in 0..<200_000 {
      var text = random.integer(below: 4) == 0 ? "-" : ""
      for _ in 0...random.integer(below: 20) { text += "\(random.integer(below: 10))" }
      if random.integer(below: 4) > 0 {
        text += "."
        for _ in 0..<random.integer(below: 20) { text += "\(random.integer(below: 10))" }
      }
      if random.integer(below: 5) == 0 { text += "e\(random.integer(below: 700) - 350)" }
      expectEqual(text)
    }
  }

  @Test func randomBitPatternsSurvive() {
    var random = Philox(seed: 12)
    for _ in 0..<50_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(parse("\(value)")?.value.bitPattern == value.bitPattern)
    }
  }

  @Test func refusesWhatIsNoDecimalNumber() {
    for text in ["", "-", ".", "e5", "nan", "inf", "Infinity", " 1", "+-1"] { #expect(parse(text) == nil) }
    #expect(parse("0x10")?.consumed == 1)
    #expect(parse("1e")?.consumed == 1)
    #expect(parse("1e+")?.consumed == 1)
  }
}
