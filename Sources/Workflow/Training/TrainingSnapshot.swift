import Artifacts
import Boosting
import Checkpoints
import Diagnostics
import Files
import Glibc
import Trees

/// The file in which an unfinished training waits to go on.
///
/// It is a checkpoint: the trees so far as weights, margins and best rounds as the optimiser's state, seed and round as
/// the state of randomness, and the metrics so far.
struct TrainingSnapshot {
  /// Everything that is not an array.
  private struct Description: Codable {
    var round: Int
    var configuration: BoostingConfiguration
    var forest: Forest.Header
    /// The series of metrics in their order.
    var history: [SeriesName]
  }

  /// Which metric of which rows a series is.
  struct SeriesName: Codable {
    var dataset: String
    var metric: Metric
  }

  /// Writes a snapshot, so that a reader sees the one before or this one, never a part.
  static func write(
    _ snapshot: BoostingSnapshot, model: String, data: Digest, to path: String
  ) throws(TernError) {
    switch snapshot {
    case .nodewise(let snapshot):
      try checkpoint(snapshot, model: model, data: data).write(to: path)
    case .oblivious(let snapshot):
      try checkpoint(snapshot, model: model, data: data).write(to: path)
    }
  }

  private static func checkpoint(
    _ snapshot: NodewiseSnapshot, model: String, data: Digest
  ) throws(TernError) -> Checkpoint {
    let description = Description(
      round: snapshot.round, configuration: snapshot.configuration, forest: snapshot.forest.header,
      history: snapshot.history.map { SeriesName(dataset: $0.dataset, metric: $0.metric) })
    let placeholder = ModelSignature(inputs: [], target: "", task: .regression, classes: [])
    let artifact = ForestArtifact(
      description: ForestArtifact.Description(
        model: model, signature: placeholder, featureSchema: nil, header: snapshot.forest.header,
        parameters: .null, bestIteration: 0), forest: snapshot.forest)
    var state = [
      NamedTensor("margins", shape: [snapshot.margins.count], .float32(snapshot.margins)),
      NamedTensor("best_round", shape: [snapshot.best.count], .int64(snapshot.best.map { Int64($0.round) })),
      NamedTensor("best_score", shape: [snapshot.best.count], .float64(snapshot.best.map(\.score))),
    ]
    if !snapshot.validMargins.isEmpty {
      state.append(
        NamedTensor("valid_margins", shape: [snapshot.validMargins.count], .float32(snapshot.validMargins)))
    }
    return Checkpoint(
      model: model, weights: artifact.tensors(),
      configuration: String(decoding: try CanonicalJSON.encode(description), as: UTF8.self),
      metrics: metrics(snapshot.history),
      provenance: Provenance(
        seed: snapshot.configuration.seed, dataDigest: data.description, ternVersion: TernVersion.text),
      optimizer: state,
      random: [randomness(seed: snapshot.configuration.seed, round: snapshot.round)])
  }

  /// The state of all generators, which are pure functions of these two.
  static func randomness(seed: UInt64, round: Int) -> NamedTensor {
    NamedTensor("seed_and_round", .int64([Int64(bitPattern: seed), Int64(round)]))
  }

  /// The metrics so far as a checkpoint keeps them.
  static func metrics(_ history: [BoostingResult.Series]) -> [MetricSeries] {
    history.filter { !$0.values.isEmpty }.map { series in
      MetricSeries(
        split: series.dataset, name: series.metric.rawValue, steps: series.values.indices.map { Int64($0) },
        values: series.values)
    }
  }

  /// The metrics so far in the order of their names.
  static func history(_ names: [SeriesName], of checkpoint: Checkpoint) -> [BoostingResult.Series] {
    names.map { name in
      BoostingResult.Series(
        dataset: name.dataset, metric: name.metric,
        values: checkpoint.metrics.first { $0.split == name.dataset && $0.name == name.metric.rawValue }?
          .values ?? [])
    }
  }

  /// Reads a snapshot.
  /// - Throws: `TernError` of kind `data` if it is damaged, or belongs to other data or another model.
  static func read(_ path: String, model: String, data: Digest) throws(TernError) -> BoostingSnapshot {
    let checkpoint = try checkpoint(at: path, model: model, data: data)
    let isNodewise = BoostingFamily(rawValue: model)?.style != nil
    do throws(TernError) {
      return isNodewise ? .nodewise(try nodewise(checkpoint)) : .oblivious(try oblivious(checkpoint))
    } catch { throw error.inFile(path) }
  }

  /// Reads the checkpoint of an interrupted training.
  /// - Throws: `TernError` of kind `data` if it is damaged, or belongs to other data or another model.
  static func checkpoint(at path: String, model: String, data: Digest) throws(TernError) -> Checkpoint {
    let checkpoint = try Checkpoint.read(path)
    guard checkpoint.model == model, checkpoint.provenance.dataDigest == data.description else {
      throw TernError(
        .data, "the interrupted training was one of another model or other data", file: path,
        found: "\(checkpoint.model) on \(checkpoint.provenance.dataDigest ?? "nothing")",
        expected: "\(model) on \(data)")
    }
    return checkpoint
  }

  private static func nodewise(_ checkpoint: Checkpoint) throws(TernError) -> NodewiseSnapshot {
    let description = try CanonicalJSON.decode(
      Description.self, from: Array(checkpoint.configuration.utf8))
    func state(_ name: String) -> NamedTensor? { checkpoint.optimizer.first { $0.name == name } }
    guard case .float32(let margins)? = state("margins")?.element,
      case .int64(let rounds)? = state("best_round")?.element,
      case .float64(let scores)? = state("best_score")?.element, rounds.count == scores.count
    else { throw TernError(.data, "holds no training that could go on") }
    var validMargins: [Float] = []
    if case .float32(let values)? = state("valid_margins")?.element { validMargins = values }
    return NodewiseSnapshot(
      round: description.round, configuration: description.configuration,
      forest: try forest(description.forest, weights: checkpoint.weights), margins: margins,
      validMargins: validMargins, history: history(description.history, of: checkpoint),
      best: zip(rounds, scores).map { NodewiseSnapshot.Best(round: Int($0), score: $1) })
  }

  private static func forest(_ header: Forest.Header, weights: [NamedTensor]) throws(TernError) -> Forest {
    let signature = ModelSignature(
      inputs: header.featureNames.map { ModelSignature.Input(name: $0) }, target: "",
      task: header.outputs > 1 ? .multiclass : .regression,
      classes: header.outputs > 1 ? (0..<header.outputs).map { "\($0)" } : [])
    return try ForestArtifact(
      description: ForestArtifact.Description(
        model: "", signature: signature, featureSchema: nil, header: header, parameters: .null,
        bestIteration: 0), tensors: weights
    ).forest
  }

  /// Takes a snapshot away after its run is complete.
  static func remove(_ path: String) { unlink(path) }
}

/// Writes a snapshot every so many rounds, and one when a person asks for the end.
struct SnapshotWriter: BoostingCallback {
  /// Rounds between two snapshots; 0 for none but when stopped.
  let every: Int
  let shouldStop: @Sendable () -> Bool
  let model: String
  let data: Digest
  let path: String

  func roundEnded(_ round: BoostingRound) throws(TernError) -> Bool {
    let isStopped = shouldStop() && !round.isLast
    if isStopped || (every > 0 && round.completed % every == 0) {
      try AtomicFile.createDirectory(AtomicFile.directory(of: path))
      try TrainingSnapshot.write(try round.snapshot(), model: model, data: data, to: path)
    }
    guard !isStopped else {
      throw TernError(
        .interrupted, "training was stopped after \(round.completed) rounds; --resume goes on with it")
    }
    return true
  }
}
