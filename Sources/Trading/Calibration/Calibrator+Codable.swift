extension Calibrator: Codable {
  private enum CodingKeys: String, CodingKey { case method, temperature, maps }

  /// Reads `{"method": …}` with `temperature` or `maps` beside it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(CalibrationMethod.self, forKey: .method) {
    case .none: self = .identity
    case .temperature: self = .temperature(try TemperatureScaling(from: decoder))
    case .platt: self = .platt(try Calibrator.maps(container))
    case .isotonic: self = .isotonic(try Calibrator.maps(container))
    }
  }

  private static func maps<Map: Decodable>(_ container: KeyedDecodingContainer<CodingKeys>) throws -> [Map] {
    let maps = try container.decode([Map].self, forKey: .maps)
    guard maps.count == 1 || maps.count > 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .maps, in: container,
        debugDescription: "holds \(maps.count) maps, expected 1 for two classes or one per class for more")
    }
    return maps
  }

  /// Writes the method and its parameters.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    switch self {
    case .identity: break
    case .temperature(let scaling): try container.encode(scaling.temperature, forKey: .temperature)
    case .platt(let maps): try container.encode(maps, forKey: .maps)
    case .isotonic(let maps): try container.encode(maps, forKey: .maps)
    }
  }
}
