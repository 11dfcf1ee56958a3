import Artifacts
import Boosting
import Compute
import Diagnostics
import Files

/// Trains a model on a table of any kind: the work behind `tern train`.
public struct TableTraining: Sendable {
  /// The facts of a finished run, as `--json` prints them.
  public struct Summary: Codable, Sendable {
    /// The algorithm.
    public var model: String
    /// What is asked for.
    public var task: Task
    /// Seed of all sampling.
    public var seed: UInt64
    /// Number of threads used.
    public var threads: Int
    /// Training rows.
    public var rows: Int
    /// Input columns.
    public var features: Int
    /// Rounds in the model.
    public var rounds: Int
    /// Seconds of training, without reading files.
    public var trainSeconds: Double
    /// Seconds of reading files.
    public var loadSeconds: Double
    /// Metrics by split: `train`, `valid`, `test`.
    public var metrics: [String: [String: Double]]
    /// Round, from zero, with the best validation metric.
    public var bestIteration: Int
    /// Digest of the artifact.
    public var artifactDigest: Digest
    /// The run directory.
    public var output: String

    enum CodingKeys: String, CodingKey {
      case model, task, seed, threads, rows, features, rounds, metrics, output
      case trainSeconds = "train_seconds"
      case loadSeconds = "load_seconds"
      case bestIteration = "best_iteration"
      case artifactDigest = "artifact_digest"
    }
  }

  private let request: Request

  /// Takes a request.
  public init(_ request: Request) { self.request = request }

  /// Reads, trains, measures and writes the run directory.
  /// - Throws: `TernError`; when reading or training fails, nothing is left in the run directory but a snapshot.
  public func run(progress: some ProgressReporting) throws(TernError) -> Summary {
    let clock = ContinuousClock()
    let loadStart = clock.now
    let tables = try TrainingTables(request)
    let loadSeconds = seconds(clock.now - loadStart)
    let directory = RunDirectory(path: request.output)
    let pool = ThreadPool(threads: request.threads > 0 ? request.threads : ThreadPool.availableThreads)
    let trainStart = clock.now
    let fit: BoostingFit
    do throws(TernError) {
      fit = try self.fit(tables, directory: directory, pool: pool, progress: progress)
    } catch {
      throw error.kind == .data && error.file == nil ? error.inFile(request.data) : error
    }
    let trainSeconds = seconds(clock.now - trainStart)

    var metrics: [String: [String: Double]] = [:]
    for (split, table) in [("train", tables.train), ("valid", tables.valid), ("test", tables.test)] {
      guard let table else { continue }
      metrics[split] = try measure(fit.artifact, table, tables.signature, pool: pool)
    }
    let artifactDigest = try directory.write(try fit.checkpoint(data: tables.digest))
    let summary = Summary(
      model: request.family.rawValue, task: request.task, seed: request.seed, threads: pool.threads,
      rows: tables.train.rows, features: tables.train.features, rounds: fit.artifact.forest.rounds,
      trainSeconds: trainSeconds,
      loadSeconds: loadSeconds, metrics: metrics, bestIteration: fit.artifact.description.bestIteration,
      artifactDigest: artifactDigest, output: request.output)
    try AtomicFile.write(try CanonicalJSON.encode(summary, pretty: true), to: directory.summary)
    TrainingSnapshot.remove(directory.snapshot)
    return summary
  }

  private func fit(
    _ tables: TrainingTables, directory: RunDirectory, pool: ThreadPool, progress: some ProgressReporting
  ) throws(TernError) -> BoostingFit {
    if let model = request.refitted {
      return try BoostingFit(
        refitting: model, request.family, parameters: request.parameters, table: tables.train,
        seed: request.seed, pool: pool)
    }
    var options = BoostingOptions()
    options.initialForest = request.initial?.forest
    if request.resumes, AtomicFile.exists(directory.snapshot) {
      options.snapshot = try TrainingSnapshot.read(
        directory.snapshot, model: request.family.rawValue, data: tables.digest)
    }
    if request.snapshotEvery > 0 {
      try AtomicFile.createDirectory(directory.path)
      options.callbacks.append(
        SnapshotWriter(
          every: request.snapshotEvery, model: request.family.rawValue, data: tables.digest,
          path: directory.snapshot))
    }
    return try BoostingFit(
      request.family, parameters: request.parameters, signature: tables.signature, train: tables.train,
      valid: tables.valid, seed: request.seed, pool: pool, options: options, progress: progress)
  }

  /// The metrics of a table, its base margins added to what the model gives.
  private func measure(
    _ artifact: ForestArtifact, _ table: TrainingTable, _ signature: ModelSignature, pool: ThreadPool
  ) throws(TernError) -> [String: Double] {
    let forest = artifact.forest
    var predictions = try forest.predictMargins(columns: table.columns, pool: pool)
    if let margins = table.baseMargins {
      for place in predictions.indices { predictions[place] += margins[place] }
    }
    forest.header.link.apply(
      to: &predictions, outputs: forest.outputs, scale: forest.header.linkScale, pool: pool)
    return try TaskMetrics.measure(
      signature, predictions: predictions, labels: table.labels, queries: table.queries)
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
