import Artifacts
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
    /// Rounds in a model of boosted trees.
    public var rounds: Int?
    /// Epochs that a network was trained for.
    public var epochs: Int?
    /// Seconds of training, without reading files.
    public var trainSeconds: Double
    /// Seconds of reading files.
    public var loadSeconds: Double
    /// Metrics by split: `train`, `valid`, `test`.
    public var metrics: [String: [String: Double]]
    /// Round or epoch, from zero, with the best validation metric.
    public var bestIteration: Int
    /// Digest of the artifact.
    public var artifactDigest: Digest
    /// The run directory.
    public var output: String

    enum CodingKeys: String, CodingKey {
      case model, task, seed, threads, rows, features, rounds, epochs, metrics, output
      case trainSeconds = "train_seconds"
      case loadSeconds = "load_seconds"
      case bestIteration = "best_iteration"
      case artifactDigest = "artifact_digest"
    }
  }

  let request: Request

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
    let trained: any ModelFit
    do throws(TernError) {
      switch request.method {
      case .boosting(let family, let parameters):
        trained = try boost(
          family, parameters, tables, directory: directory, pool: pool, progress: progress)
      case .network(let configuration):
        trained = try fit(configuration, tables, directory: directory, pool: pool, progress: progress)
      }
    } catch {
      throw error.kind == .data && error.file == nil ? error.inFile(request.data) : error
    }
    let trainSeconds = seconds(clock.now - trainStart)

    var metrics: [String: [String: Double]] = [:]
    for (split, table) in [("train", tables.train), ("valid", tables.valid), ("test", tables.test)] {
      guard let table else { continue }
      metrics[split] = try TaskMetrics.measure(
        tables.signature, predictions: try trained.predictions(of: table, pool: pool), labels: table.labels,
        queries: table.queries)
    }
    let artifactDigest = try directory.write(try trained.checkpoint(data: tables.digest))
    let summary = Summary(
      model: request.method.name, task: request.task, seed: request.seed, threads: pool.threads,
      rows: tables.train.rows, features: tables.train.features, rounds: trained.rounds,
      epochs: trained.epochs, trainSeconds: trainSeconds, loadSeconds: loadSeconds, metrics: metrics,
      bestIteration: trained.model.card.bestIteration, artifactDigest: artifactDigest, output: request.output)
    try AtomicFile.write(try CanonicalJSON.encode(summary, pretty: true), to: directory.summary)
    TrainingSnapshot.remove(directory.snapshot)
    return summary
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
