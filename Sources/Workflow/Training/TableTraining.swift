import Artifacts
import Boosting
import Compute
import Datasets
import Diagnostics
import Files

/// Trains a model on a table of any kind: the work behind `tern train`.
public struct TableTraining: Sendable {
  /// What to train, on what, and where to leave it.
  public struct Request: Sendable {
    /// The algorithm.
    public var family: ModelFamily
    /// Training table: CSV, TSV, either compressed.
    public var data: String
    /// Table to evaluate on after every round, for early stopping.
    public var valid: String?
    /// Table to evaluate on once, at the end.
    public var test: String?
    /// Name of the target column.
    public var target: String
    /// What is asked for.
    public var task: Task
    /// Columns that are no inputs.
    public var dropped: [String]
    /// Column of sample weights.
    public var weight: String?
    /// Hyper-parameters by the peers' names.
    public var parameters: [String: String]
    /// Seed of all sampling.
    public var seed: UInt64
    /// Number of threads, 0 for all processors.
    public var threads: Int
    /// The run directory to write.
    public var output: String

    /// A request with no optional part.
    public init(
      family: ModelFamily, data: String, target: String, task: Task, output: String,
      parameters: [String: String] = [:]
    ) {
      self.family = family
      self.data = data
      self.target = target
      self.task = task
      self.output = output
      self.parameters = parameters
      dropped = []
      seed = 0
      threads = 0
    }
  }

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
  /// - Throws: `TernError`; nothing is left in the run directory when reading or training fails.
  public func run(progress: some ProgressReporting) throws(TernError) -> Summary {
    let clock = ContinuousClock()
    let loadStart = clock.now
    let trainTable = try TableReader.read(request.data)
    let excluded = request.dropped + [request.weight].compactMap { $0 }
    let signature = try ModelSignature(
      fitting: trainTable, target: request.target, task: request.task, dropping: excluded,
      missingIsCategory: request.family.countsMissingAsCategory, file: request.data)
    let train = try prepared(trainTable, signature: signature, file: request.data)
    let valid = try request.valid.map { path throws(TernError) in try read(path, signature: signature) }
    let test = try request.test.map { path throws(TernError) in try read(path, signature: signature) }
    let digest = Digest(of: try AtomicFile.read(request.data))
    let loadSeconds = seconds(clock.now - loadStart)

    let pool = ThreadPool(threads: request.threads > 0 ? request.threads : ThreadPool.availableThreads)
    let trainStart = clock.now
    let fit: BoostingFit
    do throws(TernError) {
      fit = try BoostingFit(
        request.family, parameters: request.parameters, signature: signature, train: train, valid: valid,
        seed: request.seed, pool: pool, progress: progress)
    } catch {
      throw error.kind == .data ? error.inFile(request.data) : error
    }
    let trainSeconds = seconds(clock.now - trainStart)

    var metrics: [String: [String: Double]] = [:]
    for (split, table) in [("train", train), ("valid", valid), ("test", test)] {
      guard let table else { continue }
      let predictions = try fit.artifact.forest.predict(columns: table.columns, pool: pool)
      metrics[split] = try TaskMetrics.measure(signature, predictions: predictions, labels: table.labels)
    }
    let directory = RunDirectory(path: request.output)
    let artifactDigest = try directory.write(try fit.checkpoint(data: digest))
    let summary = Summary(
      model: request.family.rawValue, task: request.task, seed: request.seed, threads: pool.threads,
      rows: train.rows, features: train.features, rounds: fit.artifact.forest.rounds,
      trainSeconds: trainSeconds,
      loadSeconds: loadSeconds, metrics: metrics, bestIteration: fit.artifact.description.bestIteration,
      artifactDigest: artifactDigest, output: request.output)
    try AtomicFile.write(try CanonicalJSON.encode(summary, pretty: true), to: directory.summary)
    return summary
  }

  private func read(_ path: String, signature: ModelSignature) throws(TernError) -> TrainingTable {
    try prepared(
      try TableReader.read(path, options: signature.readerOptions), signature: signature, file: path)
  }

  private func prepared(
    _ table: Table, signature: ModelSignature, file: String
  ) throws(TernError) -> TrainingTable {
    var weights: [Float]?
    if let name = request.weight {
      guard case .numeric(let values) = table.columns[try table.index(of: name, file: file)].values else {
        throw TernError(.data, "sample weights must be numbers", file: file, key: name, found: "text")
      }
      weights = values
    }
    return TrainingTable(
      featureNames: signature.inputs.map(\.name), columns: try signature.inputs(of: table, file: file),
      labels: try signature.labels(of: table, file: file), weights: weights,
      kinds: signature.inputs.map { $0.vocabulary.map { .categorical(vocabulary: $0) } ?? .numeric })
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
