import Artifacts
import Boosting
import Checkpoints
import Diagnostics
import Files
import Trees

extension TrainingSnapshot {
  /// Everything of a training after CatBoost that is not an array.
  private struct ObliviousDescription: Codable {
    var configuration: ObliviousConfiguration
    /// In hexadecimal, because JSON numbers are not exact to 64 bits for every reader.
    var fingerprint: String
    /// The series of metrics in their order.
    var history: [SeriesName]
  }

  /// The trees as weights, the margins as the optimiser's state.
  static func checkpoint(
    _ snapshot: ObliviousSnapshot, model: String, data: Digest
  ) throws(TernError) -> Checkpoint {
    let description = ObliviousDescription(
      configuration: snapshot.configuration, fingerprint: String(snapshot.fingerprint, radix: 16),
      history: snapshot.history.map { SeriesName(dataset: $0.dataset, metric: $0.metric) })
    return Checkpoint(
      model: model, weights: snapshot.treeTensors().map(tensor),
      configuration: String(decoding: try CanonicalJSON.encode(description), as: UTF8.self),
      metrics: metrics(snapshot.history),
      provenance: Provenance(
        seed: snapshot.configuration.randomSeed, dataDigest: data.description, ternVersion: TernVersion.text),
      optimizer: snapshot.stateTensors().map(tensor),
      random: [randomness(seed: snapshot.configuration.randomSeed, round: snapshot.round)])
  }

  /// The training that a checkpoint holds.
  static func oblivious(_ checkpoint: Checkpoint) throws(TernError) -> ObliviousSnapshot {
    let description = try CanonicalJSON.decode(
      ObliviousDescription.self, from: Array(checkpoint.configuration.utf8))
    guard let fingerprint = UInt64(description.fingerprint, radix: 16) else {
      throw TernError(.data, "is no number of 64 bits", key: "fingerprint", found: description.fingerprint)
    }
    var tensors: [String: ForestTensor] = [:]
    for tensor in checkpoint.weights + checkpoint.optimizer {
      switch tensor.element {
      case .int32(let values): tensors[tensor.name] = .int32(values)
      case .float32(let values): tensors[tensor.name] = .float32(values)
      case .float64(let values): tensors[tensor.name] = .float64(values)
      case .int64, .uint8:
        throw TernError(.data, "has an unexpected type", key: tensor.name, found: "\(tensor.element.type)")
      }
    }
    return try ObliviousSnapshot(
      configuration: description.configuration, history: history(description.history, of: checkpoint),
      fingerprint: fingerprint, tensors: tensors)
  }

  private static func tensor(_ named: (name: String, values: ForestTensor)) -> NamedTensor {
    switch named.values {
    case .int32(let values): NamedTensor(named.name, .int32(values))
    case .float32(let values): NamedTensor(named.name, .float32(values))
    case .float64(let values): NamedTensor(named.name, .float64(values))
    }
  }
}
