import Compute
import Market
import Orders
import Testing

@testable import Accounts
@testable import Risk

@Suite struct HeadroomTests {
  @Test func headroomByHand() throws {
    let desk = try Desk()
    let all = desk.risk.headroom(market: 0, direction: .short, account: desk.account, price: desk.prices[0])
    #expect(try all.quantity == Quantity("40") && all.notional == Money("4000"))
    #expect(try all.margin == Money("800") && all.reason == .marginLimit)
    try desk.hold("39", .sell)
    let rest = desk.risk.headroom(market: 0, direction: .short, account: desk.account, price: desk.prices[0])
    #expect(rest.quantity == (try Quantity("1")))
    func none(_ direction: Direction, market: Int = 0, _ price: String = "100") throws -> RiskReason {
      let found = desk.risk.headroom(
        market: market, direction: direction, account: desk.account, price: try Price(price))
      #expect(found.quantity == .zero && found.notional == .zero && found.margin == .zero)
      return found.reason
    }
    #expect(try none(.long) == .wrongSide)
    #expect(try none(.neutral) == .badOrder)
    #expect(try none(.short, market: 1) == .unknownMarket)
    #expect(try none(.short, "0") == .noPrice)
    #expect(try none(.short, "90000000000") == .marginLimit)
    // With 0.05 % of slippage it would be beyond the range of prices.
    let other = try Desk(RiskLimits())
    let beyond = other.risk.headroom(
      market: 0, direction: .long, account: other.account, price: try Price("92233720368"))
    #expect(beyond.reason == .badPrice && beyond.quantity == .zero)
    desk.risk.halt(at: 0)
    #expect(try none(.short) == .openingWhileHalted)
  }

  /// Exactly the headroom is approved as asked, and one step more is cut to it or rejected.
  @Test func headroomIsExact() throws {
    var random = Philox(seed: 21, stream: 0)
    var open = 0
    for _ in 0..<20_000 {
      let book = try RandomBook(&random)
      for market in book.terms.indices {
        for direction in [Direction.long, .short] {
          let price = book.prices[market]
          let room = book.risk.headroom(
            market: market, direction: direction, account: book.account, price: price)
          let step = book.terms[market].rules.stepSize
          func ask(_ quantity: Quantity) -> RiskVerdict {
            var copy = book.risk
            return copy.approve(
              OrderIntent(
                market: market, purpose: .entry, side: direction == .long ? .buy : .sell, kind: .market,
                quantity: quantity,
                protection: Protection(stopLoss: Rate(units: 1), takeProfit: Rate(units: 1))),
              account: book.account, price: price, at: book.time)
          }
          let more = ask(Quantity(units: room.quantity.units + step.units))
          if room.quantity > .zero {
            open += 1
            let exact = ask(room.quantity)
            guard exact.reason == nil, exact.order?.intent.quantity == room.quantity,
              case .reduced(let order, room.reason) = more, order.intent.quantity == room.quantity
            else {
              Issue.record("\(room) \(exact) \(more)")
              return
            }
          } else if more.order != nil || (more.reason != room.reason && more.reason != .belowMinimumNotional)
          {
            Issue.record("\(room) \(more)")
            return
          }
        }
      }
    }
    // Enough of the random books have room for the property to mean something.
    #expect(open > 20_000)
  }
}

/// An account with random positions, prices, terms and limits, and its risk.
struct RandomBook {
  var terms: [MarketTerms]
  var limits: RiskLimits
  var account: Account
  var risk: RiskManager
  var prices: [Price] = []
  var time: Int64 = 0

  init(_ random: inout Philox) throws {
    let markets = 1 + random.integer(below: 3)
    terms = []
    for _ in 0..<markets {
      let tick = [1, 1_000, 1_000_000, 10_000_000][random.integer(below: 4)]
      let step = [1, 1_000, 100_000, 100_000_000][random.integer(below: 4)]
      terms.append(
        MarketTerms(
          symbol: "M",
          rules: SymbolRules(
            tickSize: Price(units: Int64(tick)), stepSize: Quantity(units: Int64(step)),
            minNotional: Money(units: Int64(random.integer(below: 3)) * 500_000_000)),
          leverage: Rate(units: Int64(100_000_000 + random.integer(below: 400_000_001))),
          takerFee: Rate(units: Int64(random.integer(below: 3)) * 50_000),
          makerFee: Rate(units: Int64(random.integer(below: 3)) * 20_000 - 20_000)))
      // From dust to dear, on the tick.
      let magnitude = [2_000_000, 300_000_000, 10_000_000_000, 6_000_000_000_000][random.integer(below: 4)]
      let price = Int64(magnitude + random.integer(below: magnitude))
      prices.append(Price(units: max(price / Int64(tick), 1) * Int64(tick)))
    }
    limits = RiskLimits()
    limits.volatilityShortBars = 3
    limits.volatilityNormalBars = 8
    limits.volatilityMinimumBars = 4
    limits.reviewDays = 2
    limits.maximumOpenPositions = 1 + random.integer(below: 3)
    limits.maximumDailyTrades = 1 + random.integer(below: 4)
    limits.maximumConsecutiveLosses = 1 + random.integer(below: 3)
    limits.maximumAccountMargin = Rate(units: Int64(4_000_000 + random.integer(below: 20_000_000)))
    limits.slippageAllowance = Rate(units: Int64(random.integer(below: 3)) * 50_000)
    let equity = Money(units: Int64(1 + random.integer(below: 1_000)) * 1_000_000_007)
    account = Account(cash: equity, markets: markets)
    time = Int64(random.integer(below: 86_400_000))
    risk = try RiskManager(limits: limits, terms: terms, equity: equity, time: time)
    for market in 0..<markets where random.integer(below: 2) == 0 {
      // A position from before, within or beyond its limit.
      let notional = Int128(account.cash.units) * Int128(random.integer(below: 50)) / 100
      let step = Int128(terms[market].rules.stepSize.units)
      let units = notional * 100_000_000 / Int128(prices[market].units) / step * step
      guard units > 0 else { continue }
      _ = try account.apply(
        Fill(
          order: OrderIdentifier(0), market: market, time: 0,
          side: random.integer(below: 2) == 0 ? .buy : .sell,
          price: prices[market], quantity: Quantity(units: Int64(units)), fee: .zero, liquidity: .taker))
    }
  }
}
