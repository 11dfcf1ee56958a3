import Diagnostics
import Foundation
import Market
import Testing

@Suite struct FixedPointTextTests {
  @Test(
    arguments: [
      ("0", 0), ("1", 100_000_000), ("-1", -100_000_000), ("+2.5", 250_000_000), ("0.00000001", 1),
      ("-0.00000001", -1), (".5", 50_000_000), ("16541.77", 1_654_177_000_000), ("1.1000000000", 110_000_000),
      ("007", 700_000_000), ("92233720368.54775807", Int64.max), ("-92233720368.54775808", Int64.min),
    ] as [(String, Int64)])
  func readsDecimalText(text: String, units: Int64) throws {
    #expect(try Money(text).units == units)
    #expect(try Price(text).units == units)
  }

  @Test(arguments: [
    "", "-", "+", ".", "1.", "-.", "1e5", "1,5", " 1", "1 ", "0x10", "nan", "inf", "--1", "1.2.3",
    "0.000000001",
    "92233720368.54775808", "-92233720368.54775809", "99999999999999999999", "١",
  ])
  func refusesEverythingElse(text: String) {
    let error = #expect(throws: TernError.self) { try Quantity(text) }
    #expect(error?.kind == .data && error?.found == "\"\(text)\"")
  }

  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("100.10", "100.1"), ("0.00000010", "0.0000001"), ("-12.000", "-12"),
    ("-0.5", "-0.5"),
    ("-92233720368.54775808", "-92233720368.54775808"),
  ])
  func writesTheShortestText(text: String, shortest: String) throws {
    #expect(try Rate(text).description == shortest)
  }

  @Test func everyNumberReadsBackFromItsText() throws {
    var random = SystemIndependentRandom(state: 1)
    for _ in 0..<20_000 {
      let units = random.units()
      #expect(try Money(Money(units: units).description).units == units)
    }
  }

  @Test func jsonHoldsDecimalStrings() throws {
    struct Order: Codable, Equatable {
      var price: Price
      var quantity: Quantity
      var margin: Money
      var fee: Rate
    }
    let order = Order(
      price: try Price("16541.77"), quantity: try Quantity("0.003"), margin: try Money("-0.00000001"),
      fee: try Rate("0.0005"))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(order)
    #expect(
      String(decoding: json, as: UTF8.self)
        == #"{"fee":"0.0005","margin":"-0.00000001","price":"16541.77","quantity":"0.003"}"#)
    #expect(try JSONDecoder().decode(Order.self, from: json) == order)
    #expect(throws: (any Error).self) { try JSONDecoder().decode([Price].self, from: Data("[1.5]".utf8)) }
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode([Price].self, from: Data(#"["1.5x"]"#.utf8))
    }
  }

  @Test func decimalTextSurvivesADouble() throws {
    var random = SystemIndependentRandom(state: 2)
    for _ in 0..<50_000 {
      // Up to 15 significant digits, the decimal point anywhere that leaves at most eight places.
      let digits = Int64(1 + random.next() % 999_999_999_999_999)
      let places = max(5, Int(random.next() % 9))
      var unit: Int64 = 1
      for _ in places..<8 { unit *= 10 }
      let (units, overflow) = digits.multipliedReportingOverflow(by: unit)
      if overflow { continue }
      let money = Money(units: units)
      #expect(try Money(Double(money.description)!) == money)
    }
    #expect(try Money(123456789.1).description == "123456789.1")
    for value in [Double.nan, .infinity, -.infinity, 9.3e10, -1e300, 92233720368.5477581] {
      #expect(throws: TernError.self) { try Money(value) }
    }
  }
}

@Suite struct FixedPointArithmeticTests {
  @Test func sumsAreExactAndNeverWrap() throws {
    let tenth = try Money("0.1")
    #expect(try tenth + tenth + tenth == Money("0.3"))
    let most = Money(units: .max)
    let least = Money(units: .min)
    #expect(throws: TernError.self) { try most + Money(units: 1) }
    #expect(throws: TernError.self) { try least - Money(units: 1) }
    #expect(throws: TernError.self) { try least.negated() }
    #expect(throws: TernError.self) { try most.multiplied(by: 2 as Int64) }
    #expect(throws: TernError.self) { try most.multiplied(by: Rate(units: Rate.scale + 1)) }
    #expect(throws: TernError.self) { try Money(price: Price(units: .max), quantity: try Quantity("1.1")) }
    #expect(throws: TernError.self) { try most.rounded(to: try Money("1"), .up) }
    #expect(throws: TernError.self) { try Quantity(notional: most, price: Price(units: 1)) }
    #expect(throws: TernError.self) { try Quantity(notional: most, price: .zero) }
    #expect(try most.multiplied(by: .one) == most)
    let overflow = #expect(throws: TernError.self) { try Price(units: .max) + Price(units: 1) }
    #expect(overflow?.kind == .data && overflow?.message.contains("price") == true)
  }

  /// Halves and their neighbours: 2.5, −2.5, 3.5, 2.4, −2.6 steps of 1e-8.
  @Test(
    arguments: [
      (Rounding.down, [2, -3, 3, 2, -3]), (.up, [3, -2, 4, 3, -2]), (.towardZero, [2, -2, 3, 2, -2]),
      (.awayFromZero, [3, -3, 4, 3, -3]), (.nearest, [2, -2, 4, 2, -3]),
    ] as [(Rounding, [Int64])])
  func roundingRules(rule: Rounding, expected: [Int64]) throws {
    let rates = ["0.25", "-0.25", "0.35", "0.24", "-0.26"]
    for (rate, units) in zip(rates, expected) {
      #expect(try Money(units: 10).multiplied(by: try Rate(rate), rule).units == units)
    }
  }

  @Test func ticksAndSteps() throws {
    let tick = try Price("0.1")
    #expect(try Price("16541.77").rounded(to: tick, .down) == Price("16541.7"))
    #expect(try Price("16541.77").rounded(to: tick, .up) == Price("16541.8"))
    #expect(try Price("16541.75").rounded(to: tick, .nearest) == Price("16541.8"))
    #expect(try Price("16541.65").rounded(to: tick, .nearest) == Price("16541.6"))
    #expect(try Price("16541.7").isMultiple(of: tick))
    #expect(try !Price("16541.77").isMultiple(of: tick))
    // 4000 / 30000.1 = 0.13333288…
    let quantity = try Quantity(notional: Money("4000"), price: Price("30000.1"))
    #expect(quantity.description == "0.13333288")
    #expect(try quantity.rounded(to: Quantity("0.001"), .down) == Quantity("0.133"))
    #expect(try Money(price: Price("30000.1"), quantity: Quantity("0.133")) == Money("3990.0133"))
    #expect(
      try Money(from: Price("30000.1"), to: Price("29999.9"), quantity: Quantity("0.133")) == Money("-0.0266")
    )
  }

  /// Every rule against its meaning in exact terms: q·d ≤ n and so on, without the code under test.
  @Test func productsObeyTheirRounding() throws {
    var random = SystemIndependentRandom(state: 3)
    for _ in 0..<20_000 {
      let a = random.units() >> 8
      let b = random.units() >> 24
      let exact = Int128(a) * Int128(b)
      let one = Int128(Rate.scale)
      func product(_ rule: Rounding) throws -> Int128 {
        Int128(try Money(units: a).multiplied(by: Rate(units: b), rule).units) * one
      }
      guard (exact / one).magnitude < Int128(Int64.max).magnitude - 1 else {
        #expect(throws: TernError.self) { try product(.nearest) }
        continue
      }
      let down = try product(.down)
      let up = try product(.up)
      #expect(down <= exact && exact < down + one && up >= exact && exact > up - one)
      let near = try product(.nearest)
      #expect((near - exact).magnitude * 2 <= one.magnitude)
      #expect(try product(.towardZero).magnitude <= exact.magnitude)
      #expect(try product(.awayFromZero).magnitude >= exact.magnitude)
      #expect(try product(.towardZero) == (exact >= 0 ? down : up))
      #expect(try product(.awayFromZero) == (exact >= 0 ? up : down))
    }
  }
}

@Suite struct SymbolRulesTests {
  @Test func missingKeysTakeTheDefaultAndUnknownOnesAreRefused() throws {
    let read = { (text: String) in try JSONDecoder().decode(SymbolRules.self, from: Data(text.utf8)) }
    #expect(try read("{}") == SymbolRules())
    let rules = try read(#"{"tick_size": "0.01", "min_notional": 5}"#)
    #expect(try rules.tickSize == Price("0.01") && rules.minNotional == Money("5"))
    #expect(rules.stepSize == SymbolRules().stepSize)
    #expect(try read(String(decoding: try JSONEncoder().encode(rules), as: UTF8.self)) == rules)
    #expect(throws: (any Error).self) { try read(#"{"tick": 0.01}"#) }
    let error = #expect(throws: TernError.self) { try read(#"{"tick_size": "a"}"#) }
    #expect(error?.kind == .configuration && error?.key == "tick_size")
  }

  @Test func rulesThatCannotBeObeyedAreRefusedByName() throws {
    try SymbolRules().validate()
    try SymbolRules.finest.validate()
    for (rules, key) in [
      (SymbolRules(tickSize: .zero), "tick_size"), (SymbolRules(stepSize: Quantity(units: -1)), "step_size"),
      (SymbolRules(minNotional: Money(units: -1)), "min_notional"),
    ] {
      let error = #expect(throws: TernError.self) { try rules.validate() }
      #expect(error?.kind == .configuration && error?.key == key)
    }
  }
}

@Suite struct ClassTests {
  @Test func namesAndClassIndicesAreFixed() throws {
    #expect(Direction.allCases.map(\.name) == ["LONG", "SHORT", "NEUTRAL"])
    #expect(Direction.allCases.map(\.rawValue) == [0, 1, 2] && Direction.allCases.map(\.sign) == [1, -1, 0])
    #expect(
      Regime.allCases.map(\.name) == [
        "TRENDING_UP", "TRENDING_DOWN", "RANGING", "HIGH_VOLATILITY", "LOW_VOLATILITY", "BREAKOUT",
        "REVERSAL",
      ])
    #expect(Regime.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6])
    let json = try JSONEncoder().encode([Direction.short])
    #expect(String(decoding: json, as: UTF8.self) == #"["SHORT"]"#)
    #expect(try JSONDecoder().decode([Regime].self, from: Data(#"["REVERSAL"]"#.utf8)) == [.reversal])
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode([Direction].self, from: Data(#"["long"]"#.utf8))
    }
    #expect(throws: (any Error).self) { try JSONDecoder().decode([Regime].self, from: Data(#"["UP"]"#.utf8)) }
  }
}

/// A linear congruential generator, so that these tests do not depend on the code under test.
struct SystemIndependentRandom {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 11
  }
  /// Numbers of every magnitude and sign.
  mutating func units() -> Int64 {
    let bits = Int64(bitPattern: next() << 11 | next() & 0x7FF)
    return bits >> Int64(next() % 63)
  }
}
