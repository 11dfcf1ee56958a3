/// The three answers of every decision. The raw value is the class index in probability vectors:
/// `[P(long), P(short), P(neutral)]`.
public enum Direction: Int8, CaseIterable, Sendable {
  /// Buy first, sell later.
  case long = 0
  /// Sell first, buy back later.
  case short = 1
  /// Stay out.
  case neutral = 2

  /// `LONG`, `SHORT` or `NEUTRAL`.
  public var name: String {
    switch self {
    case .long: return "LONG"
    case .short: return "SHORT"
    case .neutral: return "NEUTRAL"
    }
  }

  /// +1, −1 or 0: what a rise of the price earns.
  public var sign: Int64 {
    switch self {
    case .long: return 1
    case .short: return -1
    case .neutral: return 0
    }
  }

  /// The direction of a name, as `name` writes it.
  public init?(name: String) {
    guard let direction = Direction.allCases.first(where: { $0.name == name }) else { return nil }
    self = direction
  }
}

extension Direction: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

extension Direction: Codable {
  /// Reads the name.
  public init(from decoder: any Decoder) throws { self = try decodeCase(from: decoder, named: \.name) }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws { try encodeCase(named: name, to: encoder) }
}
