import Diagnostics
import Files
import Market
import Testing

@testable import Orders

@Suite struct MarketTermsTests {
  @Test func feesAreRoundedUpAndFollowTheLiquidity() throws {
    let terms = MarketTerms(symbol: "BTCUSDT")
    let price = try Price("16541.7")
    let quantity = try Quantity("0.241")
    // 16541.7 × 0.241 = 3986.5497; × 0.0005 = 1.99327485, × 0.0002 = 0.79730994, × 0.0125 = 49.83187125.
    #expect(try terms.fee(price, quantity, .taker) == Money("1.99327485"))
    #expect(try terms.fee(price, quantity, .maker) == Money("0.79730994"))
    #expect(try terms.fee(price, quantity, .liquidation) == Money("49.83187125"))
    // 1e-8 × 1 × 0.0005 is a fraction of the last unit and still costs one.
    #expect(try terms.fee(Price(units: 1), Quantity("1"), .taker) == Money(units: 1))
  }

  @Test func unknownKeysAndValuesOutOfRangeAreRefused() throws {
    let good = #"{"symbol":"ETHUSDT","leverage":3,"taker_fee":"0.0004"}"#
    let terms = try CanonicalJSON.decode(MarketTerms.self, from: Array(good.utf8))
    #expect(terms.leverage == Rate(units: 300_000_000))
    #expect(terms.takerFee == Rate(units: 40_000))
    try terms.validate()
    let misspelt = #"{"symbol":"ETHUSDT","levarage":3}"#
    let error = #expect(throws: TernError.self) {
      try CanonicalJSON.decode(MarketTerms.self, from: Array(misspelt.utf8))
    }
    #expect("\(try #require(error))".contains("leverage"))
    for text in [
      #"{"symbol":"X","leverage":0.5}"#, #"{"symbol":"X","maintenance_margin":0.5}"#, #"{"symbol":""}"#,
    ] {
      let wrong = try CanonicalJSON.decode(MarketTerms.self, from: Array(text.utf8))
      #expect(throws: TernError.self) { try wrong.validate() }
    }
  }

  @Test func onlyEntriesAndAddsOpen() {
    #expect(OrderPurpose.allCases.filter(\.opens) == [.entry, .add])
    #expect(Side(opening: .short) == .sell && Side(opening: .neutral) == nil)
  }
}
