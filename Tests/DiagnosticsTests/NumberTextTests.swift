import Foundation
import Testing

@testable import Diagnostics

@Suite("Numbers for people")
struct NumberTextTests {
  @Test func proseAndTablesDifferOnlyInTheirSigns() {
    #expect(NumberText.prose.fixed(-1234.056, places: 2) == "−1234.06")
    #expect(NumberText.table.fixed(-1234.056, places: 2) == "-1234.06")
    #expect(NumberText.prose.percent(0.1234, places: 1) == "12.3 %")
    #expect(NumberText.table.percent(-0.1234, places: 1) == "-12.3%")
  }

  @Test func valuesThatRoundToZeroCarryNoSign() {
    #expect(NumberText.prose.fixed(-0.0004, places: 3) == "0.000")
    #expect(NumberText.table.fixed(-0.0, places: 0) == "0")
    #expect(NumberText.prose.fixed(-1.5, places: 0) == "−2")
  }

  @Test func whatIsNotFiniteIsSaid() {
    #expect(NumberText.prose.fixed(.nan, places: 2) == "n/a")
    #expect(NumberText.prose.fixed(.infinity, places: 2) == "∞")
    #expect(NumberText.prose.fixed(-.infinity, places: 2) == "−∞")
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(NumberText.table.fixed(value, places: 2) == "-")
    }
  }

  @Test func hugeNumbersKeepTheirSize() {
    #expect(NumberText.table.fixed(1e300, places: 2) == "1e+300")
    #expect(NumberText.table.fixed(8_999_999_999_999, places: 3) == "8999999999999.000")
  }

  /// C's printf rounds the exact binary value; ours rounds after a multiplication, so they may differ by one unit of
  /// the last place on near-ties and nowhere else.
  @Test func agreesWithPrintfToTheLastPlace() throws {
    for step in -2000...2000 {
      let value = Double(step) * 0.73912
      for places in 0...6 {
        let found = NumberText.table.fixed(value, places: places)
        let expected = String(format: "%.\(places)f", value)
        let difference = try abs(#require(Double(found)) - #require(Double(expected)))
        #expect(difference <= 1.001 * pow(10, -Double(places)))
        #expect(found.split(separator: ".").last?.count == expected.split(separator: ".").last?.count)
        if found != expected {
          let units = value.magnitude * pow(10, Double(places))
          // Only where the value lies within rounding of a tie, or where printf writes "-0".
          #expect(abs(units - units.rounded(.down) - 0.5) < 1e-9 * max(1, units) || Double(expected) == 0)
        }
      }
    }
  }
}
