import Diagnostics
import RowModels
import Training

extension PipelineConfiguration {
  /// One layer's model, or the models whose probabilities it blends.
  ///
  ///     signal: {model: xgboost, parameters: {eta: 0.05}}
  ///     signal:
  ///       model: ensemble
  ///       blend: weighted
  ///       members:
  ///         - {model: catboost, parameters: {depth: 4}}
  ///         - {model: ft-transformer, parameters: {d_block: 32}}
  public struct LayerSection: Codable, Equatable, Sendable {
    /// One model, or the members of an ensemble.
    public var members: [TableTraining.Method]
    /// How an ensemble's members are blended; nil for one model. Default weighted.
    public var blend: Blend.Method?
    /// Blocks of a training span whose rows members predict without having seen them, to fit the blend on. Default 3.
    public var blendBlocks = 3

    /// One model.
    public init(_ method: TableTraining.Method) { members = [method] }

    /// The model family, as `tern train --model` calls it, or `ensemble`.
    public var model: String { blend == nil ? members[0].name : EnsembleFit.name }

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case model, parameters, blend, members
      case blendBlocks = "blend_blocks"
    }

    /// Reads the section.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      let isEnsemble = try values.decode(String.self, forKey: .model) == EnsembleFit.name
      try decoder.rejectUnknownKeys(
        (isEnsemble ? [CodingKeys.model, .blend, .blendBlocks, .members] : [.model, .parameters]).map(
          \.rawValue))
      guard isEnsemble else {
        members = [try LayerMember(from: decoder).method]
        return
      }
      members = try values.decode([LayerMember].self, forKey: .members).map(\.method)
      blend = try values.decodeIfPresent(Blend.Method.self, forKey: .blend) ?? .weighted
      blendBlocks = try values.decodeIfPresent(Int.self, forKey: .blendBlocks) ?? blendBlocks
      let path = decoder.codingPath.map(\.stringValue)
      guard members.count > 1 else {
        throw TernError(
          .configuration, "an ensemble has several members",
          key: (path + [CodingKeys.members.rawValue]).joined(separator: "."), found: "\(members.count)",
          expected: "two or more")
      }
      guard blendBlocks > 1 else {
        throw TernError(
          .configuration, "is out of range",
          key: (path + [CodingKeys.blendBlocks.rawValue]).joined(separator: "."), found: "\(blendBlocks)",
          expected: "2 or more")
      }
    }

    /// Writes the section.
    public func encode(to encoder: any Encoder) throws {
      guard let blend else {
        try LayerMember(method: members[0]).encode(to: encoder)
        return
      }
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(EnsembleFit.name, forKey: .model)
      try values.encode(blend, forKey: .blend)
      try values.encode(blendBlocks, forKey: .blendBlocks)
      try values.encode(members.map(LayerMember.init(method:)), forKey: .members)
    }
  }
}

/// A model with its hyper-parameters as a pipeline file has them.
private struct LayerMember: Codable {
  let method: TableTraining.Method

  init(method: TableTraining.Method) { self.method = method }

  private enum CodingKeys: String, CodingKey, CaseIterable { case model, parameters }

  init(from decoder: any Decoder) throws {
    try decoder.rejectUnknownKeys(CodingKeys.self)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let family: ModelFamily
    do {
      family = try ModelFamily(named: values.decode(String.self, forKey: .model))
    } catch var error as TernError {
      error.kind = .configuration
      error.key = (decoder.codingPath.map(\.stringValue) + [CodingKeys.model.rawValue]).joined(separator: ".")
      throw error
    }
    let isGiven = values.contains(.parameters)
    switch family {
    case .boosting(let family):
      method = .boosting(
        family, parameters: try values.decodeIfPresent([String: String].self, forKey: .parameters) ?? [:])
    case .network(let family):
      method = .network(
        try isGiven
          ? NetworkTrainingConfiguration(from: values.superDecoder(forKey: .parameters), family)
          : NetworkTrainingConfiguration(family))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(method.name, forKey: .model)
    switch method {
    case .boosting(_, let parameters): try values.encode(parameters, forKey: .parameters)
    case .network(let configuration): try values.encode(configuration, forKey: .parameters)
    }
  }
}
