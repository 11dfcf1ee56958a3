import Accounts
import Artifacts
import Decision
import Diagnostics
import Feeds
import Files
import Glibc
import Market
import Monitoring
import Orders
import Risk
import Sessions

/// Puts a session into the words of the status document.
enum SessionStatus {
  static func document(_ session: Session, host: SessionHost) -> StatusDocument {
    let champion = session.views[0]
    let risk = champion.risk
    let reference = host.plan.references[0][0]
    let parts = reference.split(separator: "@", maxSplits: 1).map(String.init)
    var document = StatusDocument(
      program: StatusDocument.Program(
        name: "tern-serve", version: TernVersion.text, mode: host.mode.rawValue, pid: Int(getpid()),
        startedAt: host.startedAt),
      time: host.now, state: risk.state.name,
      stack: StatusDocument.Stack(
        name: parts.first ?? reference, alias: parts.count > 1 ? parts[1] : nil,
        digest: champion.stack(market: 0)?.description ?? "none", loadedAt: host.startedAt),
      feed: StatusDocument.Feed(
        source: host.plan.sources.joined(separator: "; "),
        speed: host.mode == .paper && host.plan.configuration.speed > 0 ? host.plan.configuration.speed : nil,
        barsDecided: champion.counters.decisions, isFinished: host.isFinished),
      account: account(session, champion, risk), risk: limits(champion, risk))
    document.stateReasons = risk.reason.map { [$0.name] } ?? []
    document.stack.reloads = host.reloadCounts.done
    document.stack.refusedReloads = host.reloadCounts.refused
    document.journal = StatusDocument.Journal(
      path: host.journal, records: Int(clamping: session.recordCount), head: session.journalHead ?? "none")
    for market in session.header.configuration.markets.indices {
      document.symbols.append(symbol(session, champion, market, host))
    }
    document.events = events(session)
    document.stages = SessionStage.allCases.map { stage in
      let histogram = session.telemetry.latency(stage)
      return StatusDocument.Stage(
        name: stage.name, count: histogram.count, p50: Double(histogram.quantile(0.5)) / 1000,
        p99: Double(histogram.quantile(0.99)) / 1000)
    }
    document.variants = session.views.map { variant($0, champion, session) }
    return document
  }

  private static func account(
    _ session: Session, _ view: LaneView, _ risk: RiskStatus
  ) -> StatusDocument.Account {
    let account = view.account
    let unrealised = Money(units: account.equity.units - account.cash.units)
    return StatusDocument.Account(
      currency: "USDT", initialEquity: "\(session.header.configuration.initialEquity)",
      equity: "\(account.equity)", peakEquity: "\(risk.peakEquity)",
      realisedToday: "\(Money(units: account.cash.units - risk.dayStartEquity.units))",
      unrealised: "\(unrealised)", fees: "\(account.fees)", funding: "\(account.funding)")
  }

  private static func limits(_ view: LaneView, _ risk: RiskStatus) -> StatusDocument.Risk {
    let limits = view.limits
    var result = StatusDocument.Risk(
      dayLoss: risk.dailyLoss, dayLossLimit: limits.maximumDailyLoss.doubleValue, drawdown: risk.drawdown,
      drawdownLimit: limits.maximumDrawdown.doubleValue, tradesToday: risk.dailyTrades,
      tradesLimit: limits.maximumDailyTrades, consecutiveLosses: risk.consecutiveLosses,
      consecutiveLossesLimit: limits.maximumConsecutiveLosses)
    result.volatilityRatio = risk.volatilityRatio
    result.volatilityRatioLimit = limits.volatilityMultiple
    result.rollingSharpe = risk.sharpe
    result.isReviewDue = risk.needsReview
    return result
  }

  private static func symbol(
    _ session: Session, _ view: LaneView, _ market: Int, _ host: SessionHost
  ) -> StatusDocument.Symbol {
    var symbol = StatusDocument.Symbol(symbol: session.header.configuration.markets[market].symbol)
    let position = view.account.positions[market]
    if let decision = view.decision(market: market) {
      symbol.candle = StatusDocument.Candle(
        openTime: decision.openTime, closeTime: decision.closeTime, close: "\(position.mark)",
        age: max(0, session.time - decision.closeTime))
      if decision.reason != .warmingUp, decision.reason != .unknownInput {
        symbol.regimes = Regime.allCases.map {
          StatusDocument.Probability($0.name, Double(decision.regimeProbabilities[Int($0.rawValue)]))
        }
        symbol.signals = Direction.allCases.map {
          StatusDocument.Probability($0.name, decision.probabilities[Int($0.rawValue)])
        }
      }
      symbol.verdict = StatusDocument.Verdict(
        side: decision.verdict.name, confidence: decision.confidence,
        minimumConfidence: view.minimumConfidence(market: market), expectedValue: decision.expectedValue,
        reason: decision.executes ? nil : decision.reason.name)
    }
    guard !position.isFlat else { return symbol }
    let exits = view.exits(market: market)
    let unrealised = (try? position.unrealised(at: position.mark)) ?? .zero
    symbol.position = StatusDocument.Position(
      side: position.direction.name, quantity: "\(position.size)", entryPrice: "\(position.entryPrice)",
      markPrice: "\(position.mark)", stopPrice: exits.stop.map { "\($0)" },
      takeProfitPrice: exits.takeProfit.map { "\($0)" }, unrealised: "\(unrealised)",
      openedAt: position.entryTime)
    return symbol
  }

  private static func variant(
    _ view: LaneView, _ champion: LaneView, _ session: Session
  ) -> StatusDocument.Variant {
    let counters = view.counters
    let initial = session.header.configuration.initialEquity.doubleValue
    return StatusDocument.Variant(
      role: view.name, digest: view.stack(market: 0)?.description ?? "none",
      barsDecided: counters.decisions,
      agreement: view.name == champion.name ? nil : session.agreement(of: view.name),
      trades: counters.trades,
      winRate: counters.trades > 0 ? Double(counters.wins) / Double(counters.trades) : nil,
      netReturn: view.account.equity.doubleValue / initial - 1, maximumDrawdown: view.maximumDrawdown)
  }

  private static func events(_ session: Session) -> [StatusDocument.Event] {
    var entries = session.notices.latest
    for view in session.views { entries += view.notices.latest }
    // Ties keep the order of the lists, which is fixed.
    let sorted = entries.enumerated().sorted {
      $0.element.time != $1.element.time ? $0.element.time > $1.element.time : $0.offset < $1.offset
    }
    return sorted.prefix(20).map { event($0.element, session) }
  }

  private static func event(_ entry: NoticeRing.Entry, _ session: Session) -> StatusDocument.Event {
    let lane = entry.lane == 0 ? "" : " (\(session.header.lanes[Int(entry.lane)].name))"
    func symbol(_ market: Int) -> String { session.header.configuration.markets[market].symbol }
    switch entry.notice {
    case .fill(let fill):
      return StatusDocument.Event(
        time: entry.time, kind: "fill", symbol: symbol(fill.market), code: fill.side.name,
        text: "\(fill.side.name) \(fill.quantity) at \(fill.price), fee \(fill.fee)\(lane)")
    case .trade(let trade):
      return StatusDocument.Event(
        time: entry.time, kind: "trade", symbol: symbol(trade.market), code: trade.direction.name,
        text: "\(trade.direction.name) \(trade.quantity) ended with \(trade.profit) after costs\(lane)")
    case .refused(let intent, let reason):
      return StatusDocument.Event(
        time: entry.time, kind: "rejection", symbol: symbol(intent.market), code: reason.name,
        text: "\(intent.purpose.name) refused\(lane)")
    case .state(let transition):
      return StatusDocument.Event(
        time: entry.time, kind: "state", code: transition.reason.name,
        text: "\(transition.from.name) to \(transition.to.name)\(lane)")
    case .alert(let market, let code, let action):
      return StatusDocument.Event(
        time: entry.time, kind: "alert", symbol: symbol(market), code: "\(code.name)",
        text: "candle \(code.name), \(action)")
    case .settlementIgnored(let market):
      return StatusDocument.Event(
        time: entry.time, kind: "alert", symbol: symbol(market), code: "FUNDING",
        text: "a settlement was passed over")
    case .reloaded(let market):
      return StatusDocument.Event(
        time: entry.time, kind: "reload", symbol: symbol(market), text: "another stack decides\(lane)")
    case .command(let command):
      return StatusDocument.Event(
        time: entry.time, kind: "operator", code: command.name, text: "a person's command")
    }
  }
}
