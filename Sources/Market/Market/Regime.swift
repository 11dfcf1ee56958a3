/// The kinds of market that layer 1 tells apart. The raw value is the class index in probability vectors.
public enum Regime: Int8, CaseIterable, Sendable {
  /// A directed rise.
  case trendingUp = 0
  /// A directed fall.
  case trendingDown = 1
  /// Neither directed nor remarkable in volatility.
  case ranging = 2
  /// Much more volatile than of late, without one direction.
  case highVolatility = 3
  /// Much quieter than of late.
  case lowVolatility = 4
  /// The price leaves a range it has kept to.
  case breakout = 5
  /// A trend turns into its opposite.
  case reversal = 6

  /// `TRENDING_UP`, `TRENDING_DOWN`, `RANGING`, `HIGH_VOLATILITY`, `LOW_VOLATILITY`, `BREAKOUT` or `REVERSAL`.
  public var name: String {
    switch self {
    case .trendingUp: return "TRENDING_UP"
    case .trendingDown: return "TRENDING_DOWN"
    case .ranging: return "RANGING"
    case .highVolatility: return "HIGH_VOLATILITY"
    case .lowVolatility: return "LOW_VOLATILITY"
    case .breakout: return "BREAKOUT"
    case .reversal: return "REVERSAL"
    }
  }

  /// The regime of a name, as `name` writes it.
  public init?(name: String) {
    guard let regime = Regime.allCases.first(where: { $0.name == name }) else { return nil }
    self = regime
  }
}

extension Regime: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

extension Regime: Codable {
  /// Reads the name.
  public init(from decoder: any Decoder) throws { self = try decodeCase(from: decoder, named: \.name) }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws { try encodeCase(named: name, to: encoder) }
}
