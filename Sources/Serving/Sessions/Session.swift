import Accounts
import Decision
import Diagnostics
import Feeds
import Files
import Journal
import Market
import Orders
import Risk
import Stacks

/// The decision loop: candles in, approved orders out, everything written down.
///
/// Backtest, replay and paper trading are this one class; they differ in where the candles come from, how fast, and
/// where the record goes. Every input makes one group of records, which is committed before what it decided has any
/// effect. What a session does follows from its header and its inputs alone: no clock, no randomness, no order of
/// hashes. That is why a journal can be run again, by a restart after a crash or for a certificate, and must give the
/// same bytes.
///
/// Rules for candles are those of `CandleGuard`: an ignored candle changes nothing but the record, a hold stops openings
/// until the next sound candle, and a flatten closes what is held in the market.
public final class Session {
  /// The latest instant that is believed, far from where sums of times would overflow.
  private static let latestTime: Int64 = 1 << 60

  /// What the session was started with.
  public let header: SessionHeader
  /// How long the stages take.
  public var telemetry = SessionTelemetry()
  /// The champion, then whoever runs beside it.
  let lanes: [TradingLane]
  private let recorder: Recorder
  private var guards: [CandleGuard]
  private var quotes: [Quote?]
  private var histories: [MarketHistory]
  /// Markets that are on hold, and those that must be left.
  private var onHold: [Bool]
  private var mustLeave: [Bool]
  /// Each market's latest settlement; the venue knows its second.
  private var lastSettlements: [Int64]
  /// How much was taken from each market's feed: where it is to be taken up after a restart.
  public private(set) var feedPositions: [FeedPosition]
  /// The latest that people should see of the session as a whole; each lane has its own.
  public private(set) var notices = NoticeRing()
  /// The latest instant that any input spoke of, milliseconds.
  public private(set) var time: Int64
  /// Candles by what the guards made of them.
  public private(set) var candleCounts = InlineCounts()
  /// Number of candles taken in, ignored ones included.
  public private(set) var candles = 0

  /// Begins a session: makes its first record, but for a journal that is run again, where the record is compared.
  /// - Parameters:
  ///   - header: what the session is.
  ///   - lanes: for each of the header's lanes the decision makers of its markets, in order.
  ///   - time: when it begins, milliseconds: the time of the first record and of the first day's equity.
  /// - Throws: `TernError` of kind `configuration` for values out of range, `data` for stacks that do not fit.
  init(
    header: SessionHeader, makers: [[SeatedMaker]], time: Int64, recorder: Recorder
  ) throws(TernError) {
    try header.configuration.validate()
    self.header = header
    self.recorder = recorder
    self.time = time
    let configuration = header.configuration
    var lanes: [TradingLane] = []
    for (index, lane) in header.lanes.enumerated() {
      var seats: [TradingLane.Seat] = []
      for (market, maker) in makers[index].enumerated() {
        seats.append(try Session.seat(maker, market: market, configuration))
      }
      lanes.append(
        try TradingLane(
          index: UInt8(index), name: lane.name, seats: seats, configuration: configuration, time: time,
          recorder: recorder))
    }
    self.lanes = lanes
    let count = configuration.markets.count
    guards = try configuration.markets.map { terms throws(TernError) in
      try CandleGuard(interval: terms.interval, configuration: configuration.candles)
    }
    quotes = Array(repeating: nil, count: count)
    histories = (0..<count).map { _ in MarketHistory() }
    onHold = Array(repeating: false, count: count)
    mustLeave = Array(repeating: false, count: count)
    lastSettlements = Array(repeating: .min, count: count)
    feedPositions = Array(repeating: FeedPosition(), count: count)
    let json = try CanonicalJSON.encode(header)
    recorder.record(.session, time: time) { payload in
      json.withUnsafeBytes { payload.append(unprefixed: $0) }
    }
    try recorder.commit()
  }

  static func seat(
    _ maker: SeatedMaker, market: Int, _ configuration: SessionConfiguration
  ) throws(TernError) -> TradingLane.Seat {
    TradingLane.Seat(
      maker: maker.maker,
      rules: try PositionRules(
        market: market, plan: maker.plan, rule: maker.maker.rule, configuration: configuration.position),
      stack: maker.stack)
  }

  /// Takes in what a market's feed gives.
  /// - Throws: `TernError` when the record cannot be written or an amount overflows; the session must not go on then.
  public func observe(_ event: MarketEvent, market: Int) throws(TernError) {
    switch event {
    case .funding(let time, let rate): try observeFunding(time: time, rate: rate, market: market)
    case .quote(let quote): quotes[market] = quote
    case .candle(let candle): try observe(candle, market: market)
    }
  }

  /// Takes in a funding settlement; one that repeats, comes after its candle or is no rate is recorded and passed over.
  func observeFunding(time: Int64, rate: Double, market: Int) throws(TernError) {
    feedPositions[market].fundings += 1
    if isSettlement(time: time, rate: rate, market: market) {
      lastSettlements[market] = time
      self.time = max(self.time, time)
      histories[market].appendFunding(time: time, rate: rate)
      for lane in lanes { try lane.observeFunding(time: time, rate: rate, market: market) }
    } else {
      notices.append(.settlementIgnored(market: market), time: self.time)
    }
    recorder.record(.event, time: time) {
      SessionRecords.funding(time: time, rate: rate, market: market, into: &$0)
    }
    try recorder.commit(isHistory: isHistory)
  }

  private func isSettlement(time: Int64, rate: Double, market: Int) -> Bool {
    guard rate.magnitude <= 1, time >= 0, time <= Session.latestTime else { return false }
    let instant = time - time % 1000
    if let last = guards[market].lastAccepted {
      let close = last.openTime + header.configuration.markets[market].interval.milliseconds
      guard instant >= close else { return false }
    }
    return lastSettlements[market] == .min
      || instant > lastSettlements[market] - lastSettlements[market] % 1000
  }

  /// Whether all instants so far lie before the start of trading, so that nothing can have been ordered.
  private var isHistory: Bool { header.configuration.tradingFrom.map { time < $0 } ?? false }

  /// Takes in a closed candle, sound or not.
  func observe(_ candle: Candle, market: Int) throws(TernError) {
    var watch = telemetry.startWatch()
    let start = watch
    feedPositions[market].candles += 1
    candles += 1
    let judgement = guards[market].judge(candle)
    candleCounts[judgement.code.number] += 1
    let (closeTime, overflow) = candle.openTime.addingReportingOverflow(
      header.configuration.markets[market].interval.milliseconds)
    let stamp = overflow ? time : closeTime
    let quote = quotes[market]
    quotes[market] = nil
    recorder.record(.bar, time: stamp) {
      SessionRecords.bar(candle, quote: quote, market: market, judgement: judgement, into: &$0)
    }
    if judgement.acceptsCandle {
      time = max(time, closeTime)
      onHold[market] = judgement.action == .hold || judgement.action == .flatten
      mustLeave[market] = judgement.action == .flatten
      if judgement.code == .gap(missing: 0) { restart(market) }
      histories[market].append(candle)
      if judgement.alerts { recordAlert(judgement, market: market) }
      let bar = Bar(
        market: market, candle: candle, quote: quote, closeTime: closeTime, isAfterGap: judgement.code.isGap,
        isOnHold: onHold[market], mustLeave: mustLeave[market],
        mayOpen: header.configuration.tradingFrom.map { closeTime >= $0 } ?? true)
      for lane in lanes {
        try lane.step(bar, telemetry: &telemetry)
        lane.compare(with: lanes[0], market: market)
      }
      watch = telemetry.startWatch()
    } else {
      try react(to: judgement, market: market)
    }
    try recorder.commit(isHistory: isHistory)
    for lane in lanes { lane.release() }
    telemetry.lap(.journal, &watch)
    telemetry.record(.total, watch &- start)
  }

  /// Tells what a clock shows, so that missing candles are noticed. Nothing is recorded unless a rule acts.
  public func observeSilence(now: Int64) throws(TernError) {
    var isRecorded = false
    // Before a market's first candle nothing can be held there, and nothing be missed.
    for market in guards.indices where guards[market].lastAccepted != nil {
      guard let judgement = guards[market].silence(now: now) else { continue }
      if !isRecorded {
        recorder.record(.event, time: now) { SessionRecords.silence(now: now, into: &$0) }
        isRecorded = true
      }
      time = max(time, now)
      candleCounts[judgement.code.number] += 1
      try react(to: judgement, market: market)
    }
    guard isRecorded else { return }
    try recorder.commit()
    for lane in lanes { lane.release() }
  }

  private func react(to judgement: CandleGuard.Judgement, market: Int) throws(TernError) {
    guard judgement.alerts else { return }
    recordAlert(judgement, market: market)
    switch judgement.action {
    case .hold:
      onHold[market] = true
      for lane in lanes { lane.hold(market: market, true) }
    case .flatten:
      onHold[market] = true
      mustLeave[market] = true
      for lane in lanes { try lane.leave(market: market, at: time) }
    case .accept, .ignore: break
    }
  }

  private func recordAlert(_ judgement: CandleGuard.Judgement, market: Int) {
    notices.append(.alert(market: market, judgement.code, judgement.action), time: time)
    recorder.record(.alert, time: time) {
      SessionRecords.alert(market: market, judgement: judgement, into: &$0)
    }
  }

  /// A new price level was confirmed without a candle missing: what came before says nothing about it.
  private func restart(_ market: Int) {
    histories[market].removeAll()
    for lane in lanes { lane.seats[market].maker.reset() }
  }

  /// Puts another stack in place between two candles; positions, orders and risk are handed over.
  ///
  /// Features go on where they are when the schema is the same; else they are learnt from the market's history.
  /// - Throws: `TernError` of kind `data` when the stack does not fit the market; the old one stays then.
  public func reload(_ stack: LoadedStack, lane: Int, market: Int) throws(TernError) {
    let configuration = header.configuration
    let decider = try stack.makeDecider(
      terms: configuration.markets[market], configuration: configuration.verdict)
    if let current = lanes[lane].seats[market].maker as? Decider, current.schema == decider.schema {
      decider.adoptFeatures(of: current)
    } else {
      try teach(decider, market: market)
    }
    let maker = SeatedMaker(maker: decider, plan: stack.plan, stack: stack.digest)
    lanes[lane].replace(market: market, with: try Session.seat(maker, market: market, configuration))
    notices.append(.reloaded(market: market), time: time, lane: UInt8(lane))
    recorder.record(.reload, lane: UInt8(lane), time: time) {
      SessionRecords.reload(market: market, stack: stack.digest, into: &$0)
    }
    try recorder.commit()
  }

  /// Carries out a person's command in every lane, or in one.
  public func perform(_ command: OperatorCommand, by person: String, reason: String) throws(TernError) {
    recorder.record(.operator, time: time) { payload in
      payload.append(command.rawValue)
      payload.append(person)
      payload.append(reason)
    }
    notices.append(.command(command), time: time)
    for lane in lanes { try lane.perform(command, at: time) }
    try recorder.commit()
    for lane in lanes { lane.release() }
  }

  /// Notes that the session was stopped in order; it can be taken up again.
  public func stop() throws(TernError) {
    recorder.record(.stop, time: time) { _ in }
    try recorder.commit()
  }

  /// Gives a new decision maker the history of a market.
  private func teach(_ decider: Decider, market: Int) throws(TernError) {
    var failure: TernError?
    histories[market].forEach(
      interval: header.configuration.markets[market].interval.milliseconds,
      funding: { time, rate in decider.observeFunding(time: time, rate: rate) },
      candle: { candle in
        guard failure == nil else { return }
        do throws(TernError) { try decider.learn(candle) } catch { failure = error }
      })
    if let failure { throw failure }
  }

  /// Goes on writing to a journal that holds everything so far.
  func write(to journal: JournalWriter, flushes: Bool) throws(TernError) {
    try recorder.resume(writing: journal, flushes: flushes)
  }

  /// The champion's equity.
  public var equity: Money { lanes[0].account.equity }

  /// Number of the journal's records; zero without a journal.
  public var recordCount: UInt64 { recorder.journalRecords }

  /// Hash of the journal's last record, which names its whole content; nil without a journal.
  public var journalHead: String? { recorder.journalHead }

  /// Share of the candles at which a lane's verdict was the champion's; nil before the first.
  public func agreement(of name: String) -> Double? {
    guard let lane = lanes.first(where: { $0.name == name }), lane.counters.decisions > 0 else { return nil }
    return Double(lane.agreements) / Double(lane.counters.decisions)
  }

  /// SHA-256 over all intents of the champion: equal decisions have equal digests.
  public var intentsDigest: Digest { recorder.intentsDigest }

  /// Number of the champion's intents.
  public var intentCount: Int { recorder.intentCount }
}

/// How much of a feed was taken in.
public struct FeedPosition: Equatable, Sendable {
  /// Candles, ignored ones included.
  public internal(set) var candles = 0
  /// Funding settlements.
  public internal(set) var fundings = 0

  /// The beginning.
  public init() {}
}
