import Accounts
import Backtest
import Decision
import Diagnostics
import Files
import Market
import Risk
import Service
import Sessions

extension SessionBacktest {
  /// Everything a run gives: the document of `tern backtest --json`.
  public struct Result: Codable, Sendable {
    /// Everything that decided, apart from the stacks.
    public var configuration: SessionConfiguration
    /// Digests of the stacks, by market; none for signals.
    public var stacks: [Digest]
    /// Candles taken in, those before trading and ignored ones included.
    public var candles: Int
    /// Intents.
    public var intents: Int
    /// SHA-256 over them: `tern-serve replay` of the same candles gives the same.
    public var intentsDigest: Digest
    /// The champion, then whoever ran beside it.
    public var lanes: [SessionSummary.Lane]
    /// Signals that were to be executed since trading began.
    public var signals: Int
    /// Signals that did not become trades; `gap` counts openings that met no price, `belowMinimum` sizes below the
    /// least notional or a single step.
    public var skipped: Backtest.Skipped
    /// What risk and the position rules refused, by reason.
    public var refused: [String: Int]
    /// What risk let pass with less than was asked for, by reason.
    public var reduced: [String: Int]
    /// The finished positions, in order of their end.
    public var trades: [Backtest.Trade]
    /// What is held at the end.
    public var openPositions: [Backtest.OpenPosition]
    /// Equity at the last close of every UTC day; days without candles carry the last value on.
    public var daily: [Backtest.EquityPoint]
    /// Equity at every candle's close; nil unless asked for.
    public var bars: [Backtest.EquityPoint]?
    /// The figures, from the start of trading.
    public var metrics: Backtest.Metrics
    /// What it is held against, with the same exits and sizes but without limits of risk; nil for several markets.
    public var baselines: Backtest.Baselines?
    /// Seconds that the loop ran.
    public var seconds: Double
    /// Candles a second.
    public var candlesPerSecond: Double

    private enum CodingKeys: String, CodingKey {
      case configuration, stacks, candles, intents, lanes, signals, skipped, refused, reduced, trades, daily,
        bars, metrics,
        baselines, seconds
      case intentsDigest = "intents_digest"
      case openPositions = "open_positions"
      case candlesPerSecond = "candles_per_second"
    }

    init(
      summary: SessionSummary, session: Session, follower: SessionFollower, plans: [TradePlan],
      options: Options
    ) throws(TernError) {
      let champion = session.champion
      configuration = session.header.configuration
      stacks = summary.lanes[0].stacks
      candles = summary.candles
      intents = summary.intents
      intentsDigest = summary.intentsDigest
      lanes = summary.lanes
      seconds = summary.seconds
      candlesPerSecond = summary.candlesPerSecond
      signals = follower.executed
      let counters = champion.counters
      skipped = Backtest.Skipped()
      skipped.lowConfidence = counters.byReason[VerdictReason.belowConfidence.rawValue]
      skipped.belowMinimum = counters.byEntryRefusal[EntryRefusal.belowMinimum.rawValue]
      skipped.gap = follower.openings - follower.openingsFilled
      refused = Result.named(follower.refusals)
      reduced = Result.named(follower.reductions)
      var byRules = 0
      for reason in EntryRefusal.allCases where counters.byEntryRefusal[reason.rawValue] > 0 {
        byRules += counters.byEntryRefusal[reason.rawValue]
        if reason != .belowMinimum { refused[reason.name] = counters.byEntryRefusal[reason.rawValue] }
      }
      skipped.inPosition = follower.executed - follower.asked - byRules
      trades = follower.trades
      openPositions = try Result.open(champion.account, configuration, follower)
      daily = follower.curve.daily
      bars = options.keepsBars ? follower.curve.bars : nil
      metrics = try Backtest.Metrics(curve: follower.curve, trades: trades, open: openPositions)
      guard configuration.markets.count == 1 else { return }
      baselines = try Backtest.baselines(
        follower.candles, funding: follower.funding, trades: trades, shares: follower.shares,
        totalReturn: metrics.totalReturn,
        configuration: Result.fixedExits(configuration, plan: plans[0], options: options))
    }

    private static func named(_ counts: InlineCounts) -> [String: Int] {
      var result: [String: Int] = [:]
      for reason in RiskReason.allCases where counts[reason.rawValue] > 0 {
        result[reason.name] = counts[reason.rawValue]
      }
      return result
    }

    private static func open(
      _ account: Account, _ configuration: SessionConfiguration, _ follower: SessionFollower
    ) throws(TernError) -> [Backtest.OpenPosition] {
      var result: [Backtest.OpenPosition] = []
      for (market, position) in account.positions.enumerated() where !position.isFlat {
        result.append(
          Backtest.OpenPosition(
            symbol: configuration.markets[market].symbol, direction: position.direction,
            entryTime: position.entryTime, entryPrice: position.entryPrice, quantity: position.size,
            grossProfit: try position.grossProfit + position.unrealised(at: position.mark),
            fees: position.fees,
            funding: position.funding))
      }
      return result
    }

    /// The settings with which `Backtest` trades the same sizes, exits and costs.
    private static func fixedExits(
      _ configuration: SessionConfiguration, plan: TradePlan, options: Options
    ) -> Backtest.Configuration {
      let terms = configuration.markets[0]
      return Backtest.Configuration(
        initialEquity: configuration.initialEquity, marginFraction: plan.marginFraction,
        leverage: plan.leverage, takeProfit: plan.takeProfit, stopLoss: plan.stopLoss, horizon: plan.horizon,
        minimumConfidence: plan.confidence, takerFee: terms.takerFee, makerFee: terms.makerFee,
        takeProfitLiquidity: configuration.venue.takeProfitLiquidity == .maker ? .maker : .taker,
        slippage: configuration.venue.slippage, stopSlippage: configuration.venue.stopSlippage,
        rules: terms.rules, randomRuns: options.randomRuns, seed: options.seed)
    }
  }
}
