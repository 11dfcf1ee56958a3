import Artifacts
import Checkpoints
import Diagnostics
import Files
import Fitting
import Layers
import Optimizers

/// The training of a network between two steps: everything that its rest depends on besides the tables.
///
/// In its file, a checkpoint, the weights are those of the latest step; moments, averages and the best weights are the
/// optimiser's state.
public struct NetworkSnapshot: Equatable, Sendable {
  /// The trainings that follow one another.
  public enum Stage: String, Codable, Sendable {
    /// Self-supervised, of the encoder.
    case pretraining
    /// With targets.
    case training
  }

  /// Which training it is.
  public var stage: Stage
  /// Where it is.
  public var state: FitState
  /// The configuration that it began with.
  let configuration: JSONValue

  private struct Description: Codable {
    var stage: Stage
    var position: FitState.Position
    var rule: OptimizerConfiguration.Rule
    var stepCount: Int
    var configuration: JSONValue

    enum CodingKeys: String, CodingKey {
      case stage, position, rule, configuration
      case stepCount = "step_count"
    }
  }

  private enum Group {
    static let moment = "moment."
    static let best = "best."
    static let average = "average"
  }

  /// A training between two steps.
  init(stage: Stage, state: FitState, configuration: JSONValue) {
    self.stage = stage
    self.state = state
    self.configuration = configuration
  }

  /// Writes the snapshot, so that a reader sees the one before or this one, never a part.
  func write(to path: String, model: String, seed: UInt64, data: Digest?) throws(TernError) {
    let description = Description(
      stage: stage, position: state.position, rule: state.optimizer.rule,
      stepCount: state.optimizer.stepCount, configuration: configuration)
    var tensors = state.optimizer.moments.map {
      NamedTensor(Group.moment + $0.key, shape: [$0.values.count], .float32($0.values))
    }
    tensors += state.best.map { NamedTensor(Group.best + $0.name, shape: $0.shape, .float32($0.values)) }
    if !state.average.isEmpty {
      tensors.append(NamedTensor(Group.average, shape: [state.average.count], .float32(state.average)))
    }
    try Checkpoint(
      model: model,
      weights: state.weights.map { NamedTensor($0.name, shape: $0.shape, .float32($0.values)) },
      configuration: String(decoding: try CanonicalJSON.encode(description), as: UTF8.self),
      provenance: Provenance(seed: seed, dataDigest: data?.description, ternVersion: TernVersion.text),
      optimizer: tensors, random: [TrainingSnapshot.randomness(seed: seed, round: state.position.step)]
    ).write(to: path)
  }

  /// Reads a snapshot; its tensors stand in the order of their names until `state(like:)`.
  /// - Throws: `TernError` of kind `data` if it is damaged, or belongs to other data, another model or another configuration.
  static func read(
    _ path: String, model: String, data: Digest, configuration: JSONValue
  ) throws(TernError) -> NetworkSnapshot {
    let checkpoint = try TrainingSnapshot.checkpoint(at: path, model: model, data: data)
    do throws(TernError) {
      let description = try CanonicalJSON.decode(
        Description.self, from: Array(checkpoint.configuration.utf8))
      try check(description.configuration, against: configuration)
      var state = FitState(
        position: description.position, weights: try checkpoint.weights.map(values),
        optimizer: OptimizerState(rule: description.rule, stepCount: description.stepCount, moments: []),
        average: [], best: [])
      for tensor in checkpoint.optimizer {
        let read = try values(tensor)
        if tensor.name == Group.average {
          state.average = read.values
        } else if tensor.name.hasPrefix(Group.best) {
          state.best.append(
            ParameterValues(
              name: String(tensor.name.dropFirst(Group.best.count)), shape: read.shape, values: read.values))
        } else if tensor.name.hasPrefix(Group.moment),
          let dot = tensor.name.lastIndex(of: "."), dot > tensor.name.startIndex
        {
          let parameter = tensor.name[..<dot].dropFirst(Group.moment.count)
          let kind = tensor.name[tensor.name.index(after: dot)...]
          state.optimizer.moments.append(
            OptimizerState.Moment(parameter: String(parameter), kind: String(kind), values: read.values))
        } else {
          throw TernError(.data, "holds a tensor that no training has", key: tensor.name)
        }
      }
      return NetworkSnapshot(
        stage: description.stage, state: state, configuration: description.configuration)
    } catch { throw error.inFile(path) }
  }

  /// The state with its tensors in the order of a training's own state.
  /// - Throws: `TernError` of kind `data` naming a tensor that is missing, superfluous or of another size.
  func state(like own: FitState) throws(TernError) -> FitState {
    var state = state
    state.weights = try NetworkSnapshot.ordered(state.weights, like: own.weights)
    if !state.best.isEmpty { state.best = try NetworkSnapshot.ordered(state.best, like: own.weights) }
    let moments = Dictionary(
      state.optimizer.moments.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    guard moments.count == own.optimizer.moments.count else {
      throw TernError(
        .data, "the optimiser remembers something else", key: "optimizer", found: "\(moments.count) tensors",
        expected: "\(own.optimizer.moments.count)")
    }
    state.optimizer.moments = try own.optimizer.moments.map { expected throws(TernError) in
      guard let moment = moments[expected.key], moment.values.count == expected.values.count else {
        throw TernError(.data, "is missing or has another size", key: expected.key)
      }
      return moment
    }
    return state
  }

  private static func ordered(
    _ stored: [ParameterValues], like own: [ParameterValues]
  ) throws(TernError) -> [ParameterValues] {
    let places = Dictionary(stored.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard places.count == own.count else {
      throw TernError(
        .data, "the snapshot is of another network", key: "weights", found: "\(places.count) tensors",
        expected: "\(own.count)")
    }
    return try own.map { expected throws(TernError) in
      guard let values = places[expected.name], values.shape == expected.shape else {
        throw TernError(.data, "is missing or has another shape", key: expected.name)
      }
      return values
    }
  }

  private static func values(_ tensor: NamedTensor) throws(TernError) -> ParameterValues {
    guard case .float32(let values) = tensor.element else {
      throw TernError(
        .data, "has an unexpected type", key: tensor.name, found: "\(tensor.element.type)", expected: "F32")
    }
    return ParameterValues(name: tensor.name, shape: tensor.shape, values: values)
  }

  /// Training may be told to go on for longer, but to change nothing else.
  private static func check(_ stored: JSONValue, against given: JSONValue) throws(TernError) {
    guard case .object(let stored) = stored, case .object(let given) = given else {
      throw TernError(.data, "holds no configuration", key: "configuration")
    }
    for key in Set(stored.keys).union(given.keys).subtracting(["max_epochs", "patience"]).sorted()
    where stored[key] != given[key] {
      func text(_ value: JSONValue?) -> String {
        value.flatMap { try? String(decoding: CanonicalJSON.encode($0), as: UTF8.self) } ?? "nothing"
      }
      throw TernError(
        .data, "the interrupted training had another configuration", key: key, found: text(given[key]),
        expected: text(stored[key]))
    }
  }
}
