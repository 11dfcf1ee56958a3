import Diagnostics
import Files

/// What a model of any kind says of itself, beside what only its kind has.
public struct ModelCard: Codable, Equatable, Sendable {
  /// Family of the model, as `tern train --model` calls it.
  public var model: String
  /// Inputs and outputs.
  public var signature: ModelSignature
  /// Hash of the feature schema the inputs begin with; nil for a model of a plain table.
  public var featureSchema: Digest?
  /// Resolved hyper-parameters.
  public var parameters: JSONValue
  /// Round or epoch, from zero, with the best validation score.
  public var bestIteration: Int

  enum CodingKeys: String, CodingKey {
    case model, signature, parameters
    case featureSchema = "feature_schema"
    case bestIteration = "best_iteration"
  }

  /// Gathers the parts.
  public init(
    model: String, signature: ModelSignature, featureSchema: Digest?, parameters: JSONValue,
    bestIteration: Int
  ) {
    self.model = model
    self.signature = signature
    self.featureSchema = featureSchema
    self.parameters = parameters
    self.bestIteration = bestIteration
  }
}
