import Artifacts
import Compute
import Diagnostics
import Files
import Fitting

/// Looks for a learning rate: the work behind `tern train --find-lr`.
public struct LearningRateSearch: Sendable {
  /// What a search found, as `--json` prints it and `lr.json` keeps it.
  public struct Summary: Codable, Sendable {
    /// The network.
    public var model: String
    /// Where the smoothed loss falls fastest; nil where it falls nowhere.
    public var suggestion: Double?
    /// The rate of each step.
    public var learningRates: [Double]
    /// The smoothed loss after each step.
    public var losses: [Double]
    /// Whether the loss exploded before all steps were made.
    public var hasDiverged: Bool
    /// The file that holds this.
    public var output: String

    enum CodingKeys: String, CodingKey {
      case model, suggestion, losses, output
      case learningRates = "learning_rates"
      case hasDiverged = "has_diverged"
    }
  }

  private let request: TableTraining.Request

  /// Takes the request of a training.
  public init(_ request: TableTraining.Request) { self.request = request }

  /// Trains for a hundred steps with ever larger rates and writes what it saw into the run directory.
  /// - Throws: `TernError` of kind `usage` for boosted trees, else as a training does.
  public func run() throws(TernError) -> Summary {
    guard case .network(let configuration) = request.method else {
      throw TernError(
        .usage, "a learning rate is found for networks", key: "--find-lr", found: request.method.name,
        expected: NetworkFamily.allCases.map(\.rawValue).joined(separator: " or "))
    }
    let tables = try TrainingTables(request)
    let pool = ThreadPool(threads: request.threads > 0 ? request.threads : ThreadPool.availableThreads)
    let plan = try NetworkPlan(
      configuration, signature: tables.signature, train: tables.train, valid: nil,
      initial: try request.initial?.network(for: "going on with a network").model, seed: request.seed,
      pool: pool)
    let finder = try NetworkTrainer(
      configuration, plan, seed: request.seed, pool: pool, options: NetworkTrainingOptions(),
      progress: SilentProgress()
    ).search()
    let directory = RunDirectory(path: request.output)
    let summary = Summary(
      model: request.method.name, suggestion: finder.suggestion,
      learningRates: finder.points.map(\.learningRate), losses: finder.points.map(\.loss),
      hasDiverged: finder.hasDiverged, output: directory.learningRates)
    try AtomicFile.createDirectory(directory.path)
    try AtomicFile.write(try CanonicalJSON.encode(summary, pretty: true), to: directory.learningRates)
    return summary
  }
}
