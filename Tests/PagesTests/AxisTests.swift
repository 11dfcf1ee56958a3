import Testing

@testable import Pages

@Suite("Axes")
struct AxisTests {
  @Test(
    "Value ticks are round, ordered and cover the values",
    arguments: [
      [0.0, 1], [-0.0123, 0.0456], [9990, 10_010], [3, 3], [0, 0], [-1e-9, 1e-9], [1e12, 5e12],
    ])
  func values(_ values: [Double]) {
    let axis = ValueAxis(covering: values)
    #expect((2...12).contains(axis.ticks.count))
    #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0 < $1 })
    for value in values {
      // One part in 10⁹ of the span: the rounding of a tick's position.
      #expect((-1e-9...1 + 1e-9).contains(axis.fraction(value)))
    }
  }

  @Test("Value ticks of a known span")
  func known() {
    let axis = ValueAxis(covering: [0, 1])
    #expect(axis.ticks.count == 6)
    #expect(axis.digits == 1)
  }

  @Test(
    "Time ticks lie within the span at round instants",
    arguments: [
      (Int64(0), Int64(7_200_000)), (1_690_848_000_000, 1_693_526_400_000),
      (1_690_848_000_000, 1_722_470_400_000),
      (0, 1_722_470_400_000), (-5_000_000_000_000, 5_000_000_000_000), (.min, .max), (17, 17),
    ])
  func times(_ start: Int64, _ end: Int64) {
    let axis = TimeAxis(covering: [start, end])
    #expect(axis.ticks.count <= 12)
    #expect(axis.ticks.allSatisfy { (axis.lower...axis.upper).contains($0.time) && $0.time % 3_600_000 == 0 })
    #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count)
  }

  @Test("A year is marked by months")
  func months() {
    // 2023-08-01 to 2024-08-01.
    let axis = TimeAxis(covering: [1_690_848_000_000, 1_722_470_400_000])
    #expect(
      axis.ticks.map(\.label) == ["Sep 2023", "Nov 2023", "Jan 2024", "Mar 2024", "May 2024", "Jul 2024"])
  }
}
