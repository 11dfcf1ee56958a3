import Testing

@testable import Risk

@Suite struct RiskReasonTests {
  /// Names go into journals and metrics, where two reasons must not look alike.
  @Test func namesAreUniqueWords() {
    let names = RiskReason.allCases.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(name.utf8.allSatisfy { (65...90).contains($0) || $0 == 95 }, "\(name)")
    }
  }
}
