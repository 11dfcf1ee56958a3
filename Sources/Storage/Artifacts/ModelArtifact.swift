import Compute
import Diagnostics
import Files

/// A trained model of any kind, as a published file holds it.
public enum ModelArtifact: Sendable {
  /// Trees.
  case forest(ForestArtifact)
  /// A network.
  case network(NetworkArtifact)

  /// Reads and checks an artifact.
  /// - Throws: `TernError` of kind `data` naming the file for anything that is not a whole, consistent model.
  public init(path: String) throws(TernError) {
    try self.init(file: SafetensorsFile(path: path))
  }

  /// Reads and checks an artifact that is already open.
  /// - Throws: `TernError` of kind `data` naming the file.
  public init(file: SafetensorsFile) throws(TernError) {
    let text = try ArtifactContent.configuration(of: file)
    let kind = try CanonicalJSON.decode(Kind.self, from: text.utf8, file: file.path)
    self =
      kind.isNetwork
      ? .network(try NetworkArtifact(file: file)) : .forest(try ForestArtifact(file: file))
  }

  /// What it says of itself.
  public var card: ModelCard {
    switch self {
    case .forest(let artifact): artifact.description.card
    case .network(let artifact): artifact.description.card
    }
  }

  /// Predicts every row of columns: probabilities, or numbers in the target's units.
  /// - Parameter columns: cells as the signature gives them. Shape: (feature, row).
  /// - Returns: row-major `(row, output)`.
  public func predict(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    switch self {
    case .forest(let artifact): try artifact.forest.predict(columns: columns, pool: pool)
    case .network(let artifact): try artifact.model.predict(columns: columns, pool: pool)
    }
  }

  /// The model as trees.
  /// - Throws: `TernError` of kind `usage` for a network, which what is asked for does not know.
  public func forest(for what: String) throws(TernError) -> ForestArtifact {
    guard case .forest(let artifact) = self else {
      throw TernError(.usage, "\(what) is for models of trees", key: "--model", found: card.model)
    }
    return artifact
  }

  /// The model as a network.
  /// - Throws: `TernError` of kind `usage` for trees, which what is asked for does not know.
  public func network(for what: String) throws(TernError) -> NetworkArtifact {
    guard case .network(let artifact) = self else {
      throw TernError(.usage, "\(what) is for networks", key: "--model", found: card.model)
    }
    return artifact
  }

  /// The one key by which the kinds differ.
  private struct Kind: Decodable {
    let isNetwork: Bool

    private enum CodingKeys: String, CodingKey { case network }

    init(from decoder: any Decoder) throws {
      isNetwork = try decoder.container(keyedBy: CodingKeys.self).contains(.network)
    }
  }
}
