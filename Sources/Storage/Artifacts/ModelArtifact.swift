import Compute
import Diagnostics
import Files
import RowModels

/// A trained model of any kind, as a published file holds it.
public enum ModelArtifact: Sendable {
  /// Trees.
  case forest(ForestArtifact)
  /// A network.
  case network(NetworkArtifact)
  /// Several of them.
  case ensemble(EnsembleArtifact)

  /// Reads and checks an artifact.
  /// - Throws: `TernError` of kind `data` naming the file for anything that is not a whole, consistent model.
  public init(path: String) throws(TernError) {
    try self.init(file: SafetensorsFile(path: path))
  }

  /// Reads and checks an artifact that is already open.
  /// - Throws: `TernError` of kind `data` naming the file.
  public init(file: SafetensorsFile) throws(TernError) {
    let text = try ArtifactContent.configuration(of: file)
    switch try CanonicalJSON.decode(ModelKind.self, from: text.utf8, file: file.path) {
    case .forest: self = .forest(try ForestArtifact(file: file))
    case .network: self = .network(try NetworkArtifact(file: file))
    case .ensemble: self = .ensemble(try EnsembleArtifact(file: file))
    }
  }

  /// What it says of itself.
  public var card: ModelCard {
    switch self {
    case .forest(let artifact): artifact.description.card
    case .network(let artifact): artifact.description.card
    case .ensemble(let artifact): artifact.description.card
    }
  }

  /// The model as prediction needs it.
  public var model: RowModel {
    switch self {
    case .forest(let artifact): .forest(artifact.forest)
    case .network(let artifact): .network(artifact.model)
    case .ensemble(let artifact): artifact.model
    }
  }

  /// Its arrays by dotted name.
  public func tensors() -> [NamedTensor] {
    switch self {
    case .forest(let artifact): artifact.tensors()
    case .network(let artifact): artifact.tensors()
    case .ensemble(let artifact): artifact.tensors()
    }
  }

  /// Its description, everything of it that is not an array, as text.
  public func configuration() throws(TernError) -> String {
    let bytes =
      switch self {
      case .forest(let artifact): try CanonicalJSON.encode(artifact.description)
      case .network(let artifact): try CanonicalJSON.encode(artifact.description)
      case .ensemble(let artifact): try CanonicalJSON.encode(artifact.description)
      }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Predicts every row of columns: probabilities, or numbers in the target's units.
  /// - Parameter columns: cells as the signature gives them. Shape: (feature, row).
  /// - Returns: row-major `(row, output)`.
  public func predict(columns: [[Float]], pool: ThreadPool) throws(TernError) -> [Float] {
    try model.predict(columns: columns, pool: pool)
  }

  /// The model as trees.
  /// - Throws: `TernError` of kind `usage` for another kind, which what is asked for does not know.
  public func forest(for what: String) throws(TernError) -> ForestArtifact {
    guard case .forest(let artifact) = self else {
      throw TernError(.usage, "\(what) is for models of trees", key: "--model", found: card.model)
    }
    return artifact
  }

  /// The model as a network.
  /// - Throws: `TernError` of kind `usage` for another kind, which what is asked for does not know.
  public func network(for what: String) throws(TernError) -> NetworkArtifact {
    guard case .network(let artifact) = self else {
      throw TernError(.usage, "\(what) is for networks", key: "--model", found: card.model)
    }
    return artifact
  }
}
