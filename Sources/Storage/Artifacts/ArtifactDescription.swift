import Files

/// What only one kind of model has, beside its arrays.
public protocol ArtifactHeader: Codable, Equatable, Sendable {
  /// Its key in the description.
  static var key: String { get }
}

/// Everything of a model that is not an array: the card that every kind has, and the header of its own kind, in one JSON
/// object.
@dynamicMemberLookup
public struct ArtifactDescription<Header: ArtifactHeader>: Codable, Equatable, Sendable {
  /// What every kind of model has.
  public var card: ModelCard
  /// What this kind has.
  public var header: Header

  private struct Key: CodingKey {
    let stringValue = Header.key
    var intValue: Int? { nil }
    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
  }

  /// Gathers the parts.
  public init(
    model: String, signature: ModelSignature, featureSchema: Digest?, header: Header, parameters: JSONValue,
    bestIteration: Int
  ) {
    card = ModelCard(
      model: model, signature: signature, featureSchema: featureSchema, parameters: parameters,
      bestIteration: bestIteration)
    self.header = header
  }

  /// Reads the card's keys and the header's from one object.
  public init(from decoder: any Decoder) throws {
    card = try ModelCard(from: decoder)
    header = try decoder.container(keyedBy: Key.self).decode(Header.self, forKey: Key())
  }

  /// Writes the card's keys and the header's into one object.
  public func encode(to encoder: any Encoder) throws {
    try card.encode(to: encoder)
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(header, forKey: Key())
  }

  /// A part of the card.
  public subscript<Part>(dynamicMember part: WritableKeyPath<ModelCard, Part>) -> Part {
    get { card[keyPath: part] }
    set { card[keyPath: part] = newValue }
  }
}
