import Accounts
import Backtest
import Decision
import Diagnostics
import Market
import Orders
import Risk
import Sessions

/// Follows a session's champion from outside: writes down its equity, its trades with their average prices, and what
/// became of its signals.
final class SessionFollower: LaneObserver {
  /// A position on its way from its first execution to its last; sums are exact.
  private struct Running {
    var opened: Int128 = 0
    var openedNotional: Int128 = 0
    var closed: Int128 = 0
    var closedNotional: Int128 = 0
    var confidence = 0.0
    /// Equity before the first execution, units.
    var equity: Int64 = 0
    var reason = Backtest.ExitReason.stop
  }

  private let markets: [MarketTerms]
  private let plans: [TradePlan]
  private let tradingFrom: Int64
  private(set) var curve: Backtest.EquityCurve
  private(set) var trades: [Backtest.Trade] = []
  /// Each trade's size as a share of the full one.
  private(set) var shares: [Rate] = []
  /// The candles of a single market since trading began, and all its funding.
  private(set) var candles: CandleSeries
  private(set) var funding = FundingSeries()
  /// Signals that were to be executed, and those of them that risk was asked about.
  private(set) var executed = 0
  private(set) var asked = 0
  /// Openings that risk let pass, and those of them that were executed at least in part.
  private(set) var openings = 0
  private(set) var openingsFilled = 0
  /// Intents that risk refused, and that it made smaller, by the raw value of the reason.
  private(set) var refusals = InlineCounts()
  private(set) var reductions = InlineCounts()
  /// What went wrong while following.
  private(set) var failure: TernError?
  private var running: [Running]
  /// Executed signals by market: the time of the decision and the confidence.
  private var signals: [[(time: Int64, confidence: Double)]]
  private var lastOpening = OrderIdentifier(0)

  init(_ configuration: SessionConfiguration, plans: [TradePlan]) {
    markets = configuration.markets
    self.plans = plans
    tradingFrom = configuration.tradingFrom ?? .min
    let shortest = markets.map(\.interval).min { $0.milliseconds < $1.milliseconds } ?? .minute
    curve = Backtest.EquityCurve(initial: configuration.initialEquity, interval: shortest)
    candles = CandleSeries(symbol: markets[0].symbol, interval: markets[0].interval)
    running = Array(repeating: Running(), count: markets.count)
    signals = Array(repeating: [], count: markets.count)
  }

  /// Takes in a candle that was decided on.
  func follow(_ candle: Candle, market: Int, champion: LaneView) {
    let closeTime = candle.openTime + markets[market].interval.milliseconds
    if let decision = champion.decision(market: market), decision.executes, closeTime >= tradingFrom {
      signals[market].append((closeTime, decision.confidence))
      executed += 1
    }
    guard candle.openTime >= tradingFrom else { return }
    curve.append(closeTime: closeTime, equity: champion.account.equity)
    if markets.count == 1 { candles.append(candle) }
  }

  /// Takes in a funding settlement.
  func followFunding(time: Int64, rate: Double) {
    guard markets.count == 1, funding.time.last.map({ $0 < time }) ?? true else { return }
    funding.time.append(time)
    funding.rate.append(rate)
  }

  func judged(_ intent: OrderIntent, _ verdict: RiskVerdict) {
    switch verdict {
    case .approved: break
    case .reduced(_, let reason): reductions[reason.rawValue] += 1
    case .rejected(let reason): refusals[reason.rawValue] += 1
    }
    guard intent.purpose == .entry else { return }
    asked += 1
    if verdict.order != nil { openings += 1 }
  }

  func executing(_ fill: Fill, order: ApprovedOrder?, account: Account) {
    let market = fill.market
    let position = account.positions[market]
    if position.isFlat {
      running[market] = Running()
      running[market].equity = account.equity.units
      running[market].confidence = confidence(of: order, market: market)
    }
    let quantity = Int128(fill.quantity.units)
    let notional = Int128(fill.price.units) * quantity
    guard position.closingSide == fill.side else {
      if let order, order.intent.purpose == .entry, order.identifier != lastOpening {
        openingsFilled += 1
        lastOpening = order.identifier
      }
      running[market].opened += quantity
      running[market].openedNotional += notional
      return
    }
    running[market].closed += quantity
    running[market].closedNotional += notional
    running[market].reason = SessionFollower.reason(order?.intent.purpose)
  }

  func closed(_ trade: ClosedTrade) {
    let position = running[trade.market]
    do throws(TernError) {
      trades.append(
        Backtest.Trade(
          symbol: markets.count > 1 ? markets[trade.market].symbol : nil, direction: trade.direction,
          entryTime: trade.entryTime, exitTime: trade.exitTime,
          entryPrice: SessionFollower.average(position.openedNotional, position.opened),
          exitPrice: SessionFollower.average(position.closedNotional, position.closed),
          quantity: Quantity(units: Int64(clamping: position.opened)), grossProfit: trade.grossProfit,
          fees: trade.fees, funding: trade.funding, profit: trade.profit, reason: position.reason,
          confidence: position.confidence))
      shares.append(try share(position, plans[trade.market]))
    } catch { failure = failure ?? error }
  }

  /// Size over full size, at most one.
  private func share(_ position: Running, _ plan: TradePlan) throws(TernError) -> Rate {
    let full = try Money(units: position.equity).multiplied(by: plan.marginFraction)
      .multiplied(by: plan.leverage)
    guard full > .zero else { return .one }
    let notional = position.openedNotional / Int128(Quantity.scale)
    let units = (notional * Int128(Rate.scale) + Int128(full.units) / 2) / Int128(full.units)
    return min(.one, Rate(units: Int64(clamping: units)))
  }

  /// The confidence of the decision that an order comes from.
  private func confidence(of order: ApprovedOrder?, market: Int) -> Double {
    guard let order else { return 0 }
    var low = 0
    var high = signals[market].count
    while low < high {
      let middle = (low + high) / 2
      if signals[market][middle].time < order.time { low = middle + 1 } else { high = middle }
    }
    guard low < signals[market].count, signals[market][low].time == order.time else { return 0 }
    return signals[market][low].confidence
  }

  private static func average(_ notional: Int128, _ quantity: Int128) -> Price {
    quantity > 0 ? Price(units: Int64(clamping: (notional + quantity / 2) / quantity)) : .zero
  }

  private static func reason(_ purpose: OrderPurpose?) -> Backtest.ExitReason {
    switch purpose {
    case nil: return .liquidation
    case .protectiveStop: return .stop
    case .takeProfit, .partialTakeProfit: return .takeProfit
    case .timeExit: return .time
    case .signalExit: return .reversal
    case .emergencyExit: return .emergency
    case .flatten, .entry, .add: return .flatten
    }
  }
}
