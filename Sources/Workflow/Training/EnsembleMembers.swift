import Artifacts
import Diagnostics
import ForestFormats

extension ModelArtifact {
  /// A member of an ensemble, which is a whole model too.
  /// - Parameter place: from zero.
  /// - Throws: `TernError` of kind `usage` for a model that has no such member.
  public func member(_ place: Int) throws(TernError) -> ModelArtifact {
    guard case .ensemble(let artifact) = self else {
      throw TernError(
        .usage, "only an ensemble has members", key: "--member", found: card.model, expected: "no --member")
    }
    guard artifact.members.indices.contains(place) else {
      throw TernError(
        .usage, "the ensemble has no such member", key: "--member", found: "\(place)",
        expected: artifact.members.enumerated().map { "\($0) (\($1.card.model))" }.joined(separator: " or "))
    }
    return artifact.members[place]
  }
}

extension EnsembleArtifact {
  /// The error for an export of the whole: no other program blends models of several kinds.
  public var exportRefusal: TernError {
    let ways = members.enumerated().map { place, member in
      let formats =
        switch member {
        case .network: NetworkModelExport.Format.allCases.map(\.rawValue)
        case .forest, .ensemble: ForestFormat.allCases.map(\.rawValue) + [ModelExport.safetensors]
        }
      return "--member \(place) (\(member.card.model)) as \(formats.joined(separator: ", "))"
    }
    return TernError(
      .usage, "no format of another program holds an ensemble; its members are exported one by one",
      key: "--model", found: "an ensemble of \(members.map(\.card.model).joined(separator: " and "))",
      expected: ways.joined(separator: "; "))
  }
}
