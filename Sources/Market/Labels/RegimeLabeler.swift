import Diagnostics
import Market

extension RegimeLabeler {
  /// Labels every candle t with the regime of candles t+1 … t+W.
  ///
  /// With `move` the log return over a window and `volatility` the root of the sum of its squared one-candle log
  /// returns, the first rule that holds decides:
  /// 1. REVERSAL: the past window was directed (`|move| / volatility ≥ past_trend`), the next is directed the other
  ///    way (`≥ efficiency`) and takes back `retracement` of the past move.
  /// 2. BREAKOUT: the past window was not directed, and the next closes outside the range of the last `range_bars`
  ///    candles by `breakout` of its height.
  /// 3. HIGH_VOLATILITY: the next window's volatility ranks at or above `high_volatility` among past windows.
  /// 4. TRENDING_UP, TRENDING_DOWN: the next window is directed and ends with an average directional index (Wilder,
  ///    "New Concepts in Technical Trading Systems", 1978) of `adx` or more.
  /// 5. LOW_VOLATILITY: the rank is at or below `low_volatility`.
  /// 6. RANGING otherwise.
  ///
  /// Ranks are taken among windows that ended at or before candle t, one for every whole `window` of clock time,
  /// so a label never depends on volatility after its own window. Hysteresis: the regime in force is tested
  /// against its `leave` limits, every other against its `enter` limits, and a change must be found in
  /// `confirmation` rows in a row, all at or before t. A row has no label when its window leaves the data or spans a
  /// gap, or while the past it needs is not there.
  ///
  /// - Throws: `TernError` of kind `configuration` or `data`.
  public static func label(
    _ candles: CandleSeries, configuration: Configuration = Configuration()
  ) throws(TernError) -> RegimeSet {
    try configuration.validate()
    try candles.checkPrices()
    var set = RegimeSet(candles, configuration: configuration)
    var history = VolatilityHistory(capacity: configuration.volatilityHistory)
    let window = configuration.window
    let stride = Int64(window) * candles.interval.milliseconds
    let past = max(window, configuration.rangeBars - 1)
    for segment in candles.contiguousSegments() {
      let facts = WindowFacts(candles, segment: segment, configuration: configuration)
      var state = RegimeState(configuration: configuration)
      let cut: LabelSet.Reason = segment.upperBound == candles.count ? .endOfData : .gap
      for row in segment {
        if candles.closeTime(row) % stride == 0, row - segment.lowerBound >= window {
          history.add(facts.volatility(endingAt: row))
        }
        guard row + window < segment.upperBound else {
          set.reason[row] = cut.rawValue
          continue
        }
        let end = row + window
        guard row - segment.lowerBound >= past, history.count >= configuration.volatilityMinimum,
          let adx = facts.adx(at: end)
        else {
          set.reason[row] = LabelSet.Reason.warmUp.rawValue
          continue
        }
        let features = RegimeState.Features(
          next: facts.move(endingAt: end), nextVolatility: facts.volatility(endingAt: end),
          past: facts.move(endingAt: row), pastVolatility: facts.volatility(endingAt: row), adx: adx,
          rank: history.rank(facts.volatility(endingAt: end)),
          escape: facts.escape(from: row, to: candles.close[end]))
        set.regime[row] = state.update(features).rawValue
        set.endTime[row] = candles.closeTime(end)
      }
    }
    return set
  }
}

/// The regime in force and the rules that change it.
struct RegimeState {
  /// What the rules look at.
  struct Features {
    var next: Double
    var nextVolatility: Double
    var past: Double
    var pastVolatility: Double
    var adx: Double
    var rank: Double
    /// Distance of the next close from the past range in units of its height; negative inside it.
    var escape: Double
  }

  let configuration: RegimeLabeler.Configuration
  private var current: Regime?
  private var candidate: Regime?
  private var agreeing = 0

  init(configuration: RegimeLabeler.Configuration) { self.configuration = configuration }

  /// The regime in force after one more row.
  mutating func update(_ features: Features) -> Regime {
    let found = decide(features)
    guard let current else {
      self.current = found
      return found
    }
    if found == current {
      candidate = nil
      return current
    }
    agreeing = found == candidate ? agreeing + 1 : 1
    candidate = found
    guard agreeing >= configuration.confirmation else { return current }
    self.current = found
    candidate = nil
    return found
  }

  private func decide(_ features: Features) -> Regime {
    let next = RegimeState.ratio(features.next, features.nextVolatility)
    let past = RegimeState.ratio(features.past, features.pastVolatility)
    func limit(_ threshold: RegimeLabeler.Threshold, _ regime: Regime) -> Double {
      current == regime ? threshold.leave : threshold.enter
    }
    if past.magnitude >= limit(configuration.pastTrend, .reversal), (past < 0) != (next < 0),
      next.magnitude >= limit(configuration.efficiency, .reversal),
      features.next.magnitude >= limit(configuration.retracement, .reversal) * features.past.magnitude
    {
      return .reversal
    }
    let undirected = current == .breakout ? configuration.pastTrend.enter : configuration.pastTrend.leave
    if past.magnitude < undirected, features.escape >= limit(configuration.breakout, .breakout) {
      return .breakout
    }
    if features.rank >= limit(configuration.highVolatility, .highVolatility) { return .highVolatility }
    for (regime, strength) in [(Regime.trendingUp, next), (.trendingDown, -next)] {
      if strength >= limit(configuration.efficiency, regime), features.adx >= limit(configuration.adx, regime)
      {
        return regime
      }
    }
    if features.rank <= limit(configuration.lowVolatility, .lowVolatility) { return .lowVolatility }
    return .ranging
  }

  private static func ratio(_ move: Double, _ volatility: Double) -> Double {
    volatility > 0 ? move / volatility : 0
  }
}
