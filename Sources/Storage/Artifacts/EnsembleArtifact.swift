import Diagnostics
import Files
import RowModels

/// Several models of the same inputs and classes with the blend of their probabilities, as one published file holds them.
public struct EnsembleArtifact: Sendable {
  /// What only an ensemble has.
  public struct Header: ArtifactHeader {
    /// Its key in the description.
    public static var key: String { "ensemble" }
    /// How probabilities become one.
    public var blend: Blend
    /// The members in order.
    public var members: [MemberDescription]

    /// Gathers the parts.
    public init(blend: Blend, members: [MemberDescription]) {
      self.blend = blend
      self.members = members
    }
  }

  /// Everything of a member that is not an array.
  public enum MemberDescription: Codable, Equatable, Sendable {
    /// Trees.
    case forest(ForestArtifact.Description)
    /// A network.
    case network(NetworkArtifact.Description)

    /// Reads whichever it is.
    public init(from decoder: any Decoder) throws {
      self =
        try ModelKind(from: decoder) == .network
        ? .network(try NetworkArtifact.Description(from: decoder))
        : .forest(try ForestArtifact.Description(from: decoder))
    }

    /// Writes the description.
    public func encode(to encoder: any Encoder) throws {
      switch self {
      case .forest(let description): try description.encode(to: encoder)
      case .network(let description): try description.encode(to: encoder)
      }
    }
  }

  /// Everything of an ensemble that is not an array.
  public typealias Description = ArtifactDescription<Header>

  /// Everything that is not an array.
  public let description: Description
  /// The members in order.
  public let members: [ModelArtifact]

  /// The members as prediction needs them.
  public var model: RowModel { .blend(members.map(\.model), description.header.blend) }

  /// Puts an ensemble together and checks that its parts agree.
  /// - Parameter card: what the ensemble says of itself.
  /// - Throws: `TernError` of kind `data`.
  public init(card: ModelCard, members: [ModelArtifact], blend: Blend) throws(TernError) {
    let descriptions = try members.map { member throws(TernError) -> MemberDescription in
      switch member {
      case .forest(let artifact): return .forest(artifact.description)
      case .network(let artifact): return .network(artifact.description)
      case .ensemble: throw TernError(.data, "an ensemble is no member of an ensemble", key: "members")
      }
    }
    try self.init(
      description: Description(
        model: card.model, signature: card.signature, featureSchema: card.featureSchema,
        header: Header(blend: blend, members: descriptions), parameters: card.parameters,
        bestIteration: card.bestIteration),
      members: members)
  }

  private init(description: Description, members: [ModelArtifact]) throws(TernError) {
    self.description = description
    self.members = members
    let model = model
    guard members.count > 1 else {
      throw TernError(
        .data, "an ensemble has several members", key: "members", found: "\(members.count)",
        expected: "two or more")
    }
    try model.validate()
    for (place, member) in members.enumerated() where member.card.signature != description.signature {
      throw TernError(.data, "the member has another signature", key: "members.\(place).signature")
    }
  }

  /// Reads and checks an artifact that is already open: its content digest first, then every member.
  /// - Throws: `TernError` of kind `data` naming the file for anything that is not a whole, consistent model.
  public init(file: SafetensorsFile) throws(TernError) {
    let content = try ArtifactContent(file)
    let description = try CanonicalJSON.decode(
      Description.self, from: content.configuration.utf8, file: file.path)
    var members: [ModelArtifact] = []
    for (place, member) in description.header.members.enumerated() {
      let prefix = EnsembleArtifact.prefix(place)
      let tensors = content.tensors.filter { $0.name.hasPrefix(prefix) }.map {
        NamedTensor(String($0.name.dropFirst(prefix.count)), shape: $0.shape, $0.element)
      }
      switch member {
      case .forest(let own):
        members.append(.forest(try ForestArtifact(description: own, tensors: tensors, file: file.path)))
      case .network(let own):
        members.append(.network(try NetworkArtifact(description: own, tensors: tensors, file: file.path)))
      }
    }
    do throws(TernError) {
      try self.init(description: description, members: members)
    } catch { throw error.inFile(file.path) }
  }

  /// The members' arrays by dotted name.
  public func tensors() -> [NamedTensor] {
    members.enumerated().flatMap { place, member in
      member.tensors().map {
        NamedTensor(EnsembleArtifact.prefix(place) + $0.name, shape: $0.shape, $0.element)
      }
    }
  }

  private static func prefix(_ place: Int) -> String { "member.\(place)." }
}

/// The kinds of models, told from the one key by which their descriptions differ.
enum ModelKind: Decodable {
  case forest
  case network
  case ensemble

  private enum CodingKeys: String, CodingKey { case network, ensemble }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self = keys.contains(.network) ? .network : keys.contains(.ensemble) ? .ensemble : .forest
  }
}
