import Market

/// The hidden state of the synthetic market: regime, volatility and informed flow, advanced candle by candle.
struct SyntheticState {
  private(set) var regime = SyntheticMarket.Regime.range
  /// Standard deviation of one candle's log return.
  private(set) var volatility = 0.0
  /// The hidden signal, in [−1, 1].
  private(set) var signal = 0.0
  /// Log price at which the present regime began.
  private(set) var anchor: Double

  private let configuration: SyntheticMarket.Configuration
  private let hours: Double
  private let candlesPerDay: Int
  private var deviation = 0.0
  /// Past informed flow, bought minus sold, in typical episodes.
  private var balance = 0.0
  private let typicalHours: Double
  private let persistence: Double
  private let innovation: Double
  private let signalDecay: Double
  private var regimeRandom: NormalSource
  private var volatilityRandom: NormalSource
  private var signalRandom: NormalSource

  /// Activity by hour of the day, UTC: quiet before the European morning, busiest when New York opens.
  private static let season: [Double] = [
    0.95, 0.92, 0.88, 0.85, 0.82, 0.82, 0.86, 0.92, 0.98, 1.00, 1.00, 1.00, 1.05, 1.18, 1.30, 1.32, 1.22,
    1.12, 1.05,
    1.02, 1.00, 1.00, 0.98, 0.96,
  ]

  init(_ configuration: SyntheticMarket.Configuration, logPrice: Double) {
    self.configuration = configuration
    hours = Double(configuration.interval.milliseconds) / 3_600_000
    candlesPerDay = Int(86_400_000 / configuration.interval.milliseconds)
    anchor = logPrice
    persistence = PortableMath.exp(-0.6931471805599453 * hours / configuration.volatilityHalfLife)
    innovation = configuration.volatilityOfVolatility * (1 - persistence * persistence).squareRoot()
    signalDecay = PortableMath.exp(-0.6931471805599453 * hours / configuration.signalHalfLife)
    typicalHours = 0.8 * configuration.signalHalfLife / 0.6931471805599453
    regimeRandom = NormalSource(seed: configuration.seed, stream: 1)
    volatilityRandom = NormalSource(seed: configuration.seed, stream: 2)
    signalRandom = NormalSource(seed: configuration.seed, stream: 3)
  }

  private static let regimes = SyntheticMarket.Regime.allCases

  /// Index of the regime in `Regime.allCases`.
  var regimeIndex: Int { SyntheticState.regimes.firstIndex(of: regime) ?? 0 }

  /// Volatility relative to the configured median.
  var relativeVolatility: Double { volatility / (configuration.hourlyVolatility * hours.squareRoot()) }

  /// Advances to the candle that opens at `time`.
  mutating func advance(to time: Int64, logPrice: Double) {
    balance += signal * relativeVolatility * hours / typicalHours
    let leave = regimeRandom.uniform()
    let choice = regimeRandom.uniform()
    if leave < hours / SyntheticState.meanHours(of: regime) {
      // One of the four others, without building their list: this runs once per live candle.
      let index = min(3, Int(choice * 4))
      regime = SyntheticState.regimes[index < regimeIndex ? index : index + 1]
      anchor = logPrice
    }
    deviation = persistence * deviation + innovation * volatilityRandom.next()
    volatility =
      configuration.hourlyVolatility * hours.squareRoot() * SyntheticState.level(of: regime)
      * PortableMath.exp(deviation) * SyntheticState.season(at: time)
    advanceSignal()
  }

  /// An episode sets the signal to one side; it then decays with a little noise.
  ///
  /// A side that has had more of the flow so far is less likely to have the next episode. Without that the planted
  /// drift would add up to a random walk that takes the price far from its order of magnitude.
  private mutating func advanceSignal() {
    let arrival = signalRandom.uniform()
    let side = signalRandom.uniform() < max(0.1, min(0.9, 0.5 - 0.15 * balance)) ? 1.0 : -1.0
    let size = 0.6 + 0.4 * signalRandom.uniform()
    let noise = signalRandom.next()
    signal = signalDecay * signal + 0.02 * (1 - signalDecay * signalDecay).squareRoot() * 5 * noise
    if arrival < configuration.episodesPerDay / Double(candlesPerDay) { signal = side * size }
    signal = max(-1, min(1, signal))
  }

  /// Expected log return of the next candle beyond the fair game's; all of it scales with the strength.
  func drift(logPrice: Double) -> Double {
    let hourly = volatility / hours.squareRoot()
    var drift = configuration.signalDrift * signal * hourly * hours
    switch regime {
    case .bull: drift += configuration.trendDrift * hourly * hours
    case .bear: drift -= configuration.trendDrift * hourly * hours
    case .range: drift -= 0.05 * max(-5 * hourly, min(5 * hourly, logPrice - anchor)) * hours
    case .highVolatility, .lowVolatility: break
    }
    return configuration.strength * drift
  }

  private static func meanHours(of regime: SyntheticMarket.Regime) -> Double {
    switch regime {
    case .bull, .bear: return 24
    case .range: return 36
    case .highVolatility: return 8
    case .lowVolatility: return 12
    }
  }

  private static func level(of regime: SyntheticMarket.Regime) -> Double {
    switch regime {
    case .bull: return 1.0
    case .bear: return 1.1
    case .range: return 0.9
    case .highVolatility: return 1.5
    case .lowVolatility: return 0.7
    }
  }

  /// Interpolated between the hours; weekends are quieter.
  private static func season(at time: Int64) -> Double {
    let minute = Int(time / 60_000 % 1440)
    let hour = minute / 60
    let part = Double(minute % 60) / 60
    let factor = season[hour] * (1 - part) + season[(hour + 1) % 24] * part
    let weekday = (time / 86_400_000 + 3) % 7
    return weekday >= 5 ? factor * 0.85 : factor
  }
}
