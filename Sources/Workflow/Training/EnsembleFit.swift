import Artifacts
import Checkpoints
import Diagnostics
import Files
import RowModels

/// Several fitted models of the same inputs and classes, with a blend fitted on rows that none of them was trained on.
public struct EnsembleFit: ModelFit {
  /// The name of an ensemble where a model family is named.
  public static let name = "ensemble"

  /// The members in order.
  public let members: [any ModelFit]
  /// Members and blend as they are stored and served.
  public let model: ModelArtifact
  /// Seed of the whole.
  public let seed: UInt64
  /// None of its own.
  public var rounds: Int? { nil }
  /// None of its own.
  public var epochs: Int? { nil }
  /// Those of its members, their places in front of the names.
  public var course: [MetricSeries] {
    members.enumerated().flatMap { place, member in
      member.course.map {
        MetricSeries(split: $0.split, name: "\(place).\($0.name)", steps: $0.steps, values: $0.values)
      }
    }
  }

  /// Puts an ensemble together.
  /// - Parameter parameters: the resolved hyper-parameters of the whole.
  /// - Throws: `TernError` of kind `data` when the members do not belong together.
  public init(
    _ members: [any ModelFit], _ blend: Blend, signature: ModelSignature, featureSchema: Digest?,
    parameters: JSONValue, seed: UInt64
  ) throws(TernError) {
    self.members = members
    self.seed = seed
    model = .ensemble(
      try EnsembleArtifact(
        card: ModelCard(
          model: EnsembleFit.name, signature: signature, featureSchema: featureSchema, parameters: parameters,
          bestIteration: 0),
        members: members.map(\.model), blend: blend))
  }
}
