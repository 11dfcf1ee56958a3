import Backtest
import Chronology
import Decision
import Diagnostics
import Feeds
import Files
import Market
import Orders
import Service
import Sessions

/// A backtest on the decision loop: the very session that `tern-serve` runs, without a journal, followed from outside
/// and summed up with the figures of `Backtest`.
///
/// What it decides is what replay and paper trading decide on the same candles: equal intents have equal digests. What a
/// position that is still held at the end is worth then is in the equity; it is listed apart and is no trade.
///
/// Differences from `Backtest.run`, the evaluator with fixed exits: risk limits, confidence-scaled sizes and the
/// candles' rules apply; sizes are taken at the close that decides; a holding time that is over ends the position
/// at the next open, not at the close; nothing is closed because the data end.
public struct SessionBacktest {
  /// How the result is made.
  public struct Options: Sendable {
    /// Random-entry runs that the result is compared with; default 200, 0 for none.
    public var randomRuns = 200
    /// Seed of the random entries; default 0.
    public var seed: UInt64 = 0
    /// Whether the result keeps the equity at every candle and not only at every day's end; default false.
    public var keepsBars = false

    /// The defaults.
    public init() {}
  }

  private let session: Session
  private let feeds: FeedMerge
  private let plans: [TradePlan]
  private let options: Options

  /// A backtest of a registered stack.
  /// - Parameter plan: the session, as `tern-serve replay` would run it.
  /// - Throws: `TernError` of kind `data` or `configuration` when the session cannot begin.
  public init(_ plan: SessionPlan, options: Options = Options()) throws(TernError) {
    feeds = try plan.feeds()
    session = try Session.unrecorded(
      header: plan.header, stacks: plan.stacks, time: try feeds.startTime() ?? 0)
    plans = try plan.header.lanes[0].stacks.map { digest throws(TernError) in
      try plan.stacks.stack(digest).plan
    }
    self.options = options
  }

  /// A backtest of signals that another program decided.
  /// - Parameters:
  ///   - data: the candles and what lies beside them.
  ///   - signals: one answer for each candle.
  ///   - digest: identity of the data.
  ///   - from: when trading begins, milliseconds; earlier candles only fill the windows of risk.
  ///   - to: end of the candles, milliseconds, exclusive.
  /// - Throws: `TernError` of kind `data` or `configuration` when the session cannot begin.
  public init(
    _ data: MarketData, digest: Digest, signals: Backtest.Signals, configuration: SignalConfiguration,
    from: Int64? = nil, to: Int64? = nil
  ) throws(TernError) {
    let header = SessionHeader(
      configuration: try configuration.session(
        symbol: data.candles.symbol, interval: data.candles.interval, from: from),
      lanes: [SessionHeader.Lane(name: "champion", stacks: [])], sources: [digest])
    feeds = FeedMerge([SeriesFeed(data, digest: digest, bounds: FeedBounds(to: to ?? .max))])
    let terms = header.configuration.markets[0]
    let maker = ScriptedMaker(
      times: data.candles.openTime, signals: signals, interval: terms.interval,
      rule: try VerdictRule(
        plan: configuration.plan, takerFee: terms.takerFee, configuration: header.configuration.verdict))
    session = try Session.unrecorded(
      header: header, scripts: [SeatedMaker(maker: maker, plan: configuration.plan)],
      time: try feeds.startTime() ?? 0)
    plans = [configuration.plan]
    options = configuration.options
  }

  /// Runs to the end of the candles.
  /// - Throws: `TernError` of kind `data` when a source is unsound or holds no candle of the time asked for.
  public func run() throws(TernError) -> Result {
    let configuration = session.header.configuration
    let follower = SessionFollower(configuration, plans: plans)
    session.observe(with: follower)
    let clock = SystemClock()
    let begun = clock.monotonic
    while let next = try feeds.next() {
      let accepted = session.acceptedCandles
      try session.observe(next.event, market: next.market)
      switch next.event {
      case .candle(let candle) where session.acceptedCandles > accepted:
        follower.follow(candle, market: next.market, champion: session.champion)
      case .funding(let time, let rate): follower.followFunding(time: time, rate: rate)
      case .candle, .quote: break
      }
    }
    let seconds = Double(clock.monotonic - begun) / 1e9
    if let failure = follower.failure { throw failure }
    let summary = SessionSummary(
      session, mode: "backtest", seconds: seconds, candlesHere: session.candles, journal: nil,
      isResumed: false)
    return try Result(summary: summary, session: session, follower: follower, plans: plans, options: options)
  }
}
