import Compute
import Foundation
import Market
import Testing

@testable import Risk

@Suite struct VolatilityTests {
  private func limits(short: Int = 60, normal: Int = 10_080, minimum: Int = 1_440) -> RiskLimits {
    var limits = RiskLimits()
    limits.volatilityShortBars = short
    limits.volatilityNormalBars = normal
    limits.volatilityMinimumBars = minimum
    return limits
  }

  /// Normal returns of ±1000 units, then the short window's: exactly three times as large, and one return less by one
  /// unit of 1e-12.
  @Test func threeTimesNormalActsAtItsExactBoundary() {
    for (last, isHigh) in [(Int64(-3_000), true), (-2_999, false), (-3_001, true)] {
      var monitor = VolatilityMonitor(limits: limits(), markets: 1)
      for bar in 0..<1_440 { monitor.observe(units: bar % 2 == 0 ? 1_000 : -1_000, market: 0) }
      for bar in 0..<59 { monitor.observe(units: bar % 2 == 0 ? 3_000 : -3_000, market: 0) }
      #expect(monitor.ratio(market: 0) == nil, "one bar too few are known")
      monitor.observe(units: last, market: 0)
      if last == -3_000 { #expect(monitor.ratio(market: 0) == 3) }
      #expect((monitor.highMarkets == 1) == isHigh)
    }
  }

  /// Once high, exactly twice normal releases and a unit of 1e-12 more does not.
  @Test func twiceNormalReleasesAtItsExactBoundary() {
    for (last, isHigh) in [(Int64(-6_000), false), (-6_001, true), (-5_999, false)] {
      var monitor = VolatilityMonitor(limits: limits(short: 2, normal: 2, minimum: 2), markets: 2)
      for unit in [1_000, -1_000, 3_000, -3_000] as [Int64] { monitor.observe(units: unit, market: 1) }
      #expect(monitor.highMarkets == 1 && monitor.ratio(market: 1) == 3)
      for unit in [6_000, last] as [Int64] { monitor.observe(units: unit, market: 1) }
      #expect((monitor.highMarkets == 1) == isHigh)
      if last == -6_000 { #expect(monitor.ratio(market: 1) == 2) }
    }
  }

  /// Against plain formulas in binary numbers over whole windows, gaps included.
  @Test func theRatioIsThatOfStandardDeviations() {
    var random = Philox(seed: 11, stream: 0)
    let (short, normal, minimum) = (20, 200, 50)
    var monitor = VolatilityMonitor(
      limits: limits(short: short, normal: normal, minimum: minimum), markets: 2)
    var returns: [Double] = []
    var close = 100.0
    var largest = 0.0
    for bar in 0..<3_000 {
      let isGap = bar % 97 == 50
      let before = close
      let scale = bar / 300 % 2 == 0 ? 0.001 : 0.005
      close *= exp(scale * random.normal()) * (isGap ? 1.3 : 1)
      if !isGap, bar > 0 { returns.append(log(close / before)) }
      monitor.observe(close: close, market: 1, afterGap: isGap)
      // Neither a missing price nor an absurd one is a close.
      if bar % 31 == 0 {
        for bad in [0, -1, .nan, .infinity] { monitor.observe(close: bad, market: 1, afterGap: false) }
      }
      func deviation(_ values: ArraySlice<Double>) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)).squareRoot()
      }
      guard returns.count >= short + minimum else {
        #expect(monitor.ratio(market: 1) == nil)
        continue
      }
      let expected =
        deviation(returns.suffix(short)) / deviation(returns.dropLast(short).suffix(normal))
      let found = monitor.ratio(market: 1) ?? -1
      // Returns are kept to 1e-12 of about 1e-3: nine digits.
      largest = max(largest, abs(found / expected - 1))
    }
    #expect(largest < 1e-8)
    #expect(monitor.ratio(market: 0) == nil)
  }

  /// Nothing that has left the windows is remembered, whatever its size.
  @Test func aShockLeavesNoTrace() {
    var shocked = VolatilityMonitor(limits: limits(short: 3, normal: 6, minimum: 4), markets: 1)
    var calm = shocked
    for unit in [10_000_000_000_000, -9_999_999_999_999, 1] as [Int64] {
      shocked.observe(units: unit, market: 0)
    }
    for unit in [0, 0, 0] as [Int64] { calm.observe(units: unit, market: 0) }
    for bar in 0..<9 {
      shocked.observe(units: Int64(bar * bar), market: 0)
      calm.observe(units: Int64(bar * bar), market: 0)
    }
    #expect(shocked.ratio(market: 0) == calm.ratio(market: 0) && calm.ratio(market: 0) != nil)
  }

  @Test func aStandstillIsNotJudgedAndAMoveAfterItIs() {
    var monitor = VolatilityMonitor(limits: limits(short: 3, normal: 6, minimum: 4), markets: 1)
    for _ in 0..<12 { monitor.observe(close: 50, market: 0, afterGap: false) }
    #expect(monitor.ratio(market: 0) == 0 && monitor.highMarkets == 0)
    monitor.observe(close: 50.1, market: 0, afterGap: false)
    #expect(monitor.ratio(market: 0) == .infinity && monitor.highMarkets == 1)
    for _ in 0..<3 { monitor.observe(close: 50.1, market: 0, afterGap: false) }
    #expect(monitor.ratio(market: 0) == 0 && monitor.highMarkets == 0)
  }

  @Test func theLogarithmIsTheLibrarysToItsLastDigits() {
    var random = Philox(seed: 3, stream: 0)
    var largest = 0.0
    for _ in 0..<20_000 {
      let b = exp(10 * random.normal())
      let a = b * exp(0.3 * random.normal() * random.normal())
      let expected = log1p((a - b) / b)
      if expected != 0 { largest = max(largest, abs(logarithm(of: a, over: b) / expected - 1)) }
    }
    // Some eight roundings on either side, half a unit of the last place each.
    #expect(largest < 16 * 0x1p-53)
  }
}
