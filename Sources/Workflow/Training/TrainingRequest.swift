import Artifacts
import Diagnostics

extension TableTraining {
  /// The algorithm with its hyper-parameters.
  public enum Method: Equatable, Sendable {
    /// Boosted trees, hyper-parameters by the peers' names.
    case boosting(BoostingFamily, parameters: [String: String])
    /// A network.
    case network(NetworkTrainingConfiguration)

    /// The name of the model family, as `tern train --model` takes it.
    public var name: String {
      switch self {
      case .boosting(let family, _): family.rawValue
      case .network(let configuration): configuration.architecture.name
      }
    }

    /// Whether a missing cell of a text column is a category of its own; networks have a code for it in any case.
    var countsMissingAsCategory: Bool {
      if case .boosting(.catboost, _) = self { true } else { false }
    }

    /// The boosting behind the method.
    /// - Throws: `TernError` of kind `usage` for a network, which what is asked for does not know.
    func boostedTrees(
      for what: String
    ) throws(TernError) -> (family: BoostingFamily, parameters: [String: String]) {
      guard case .boosting(let family, let parameters) = self else {
        throw TernError(
          .usage, "\(what) is for boosted trees", key: "--model", found: name,
          expected: BoostingFamily.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return (family, parameters)
    }
  }

  /// What to train, on what, and where to leave it.
  public struct Request: Sendable {
    /// The algorithm with its hyper-parameters.
    public var method: Method
    /// Training table: CSV, TSV, svmlight, any of them compressed.
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
    /// Columns of margins that rows start from, one per output; the model gives what is to be added to them.
    public var baseMargins: [String] = []
    /// Column of the queries of a ranking task, or of groups that cross-validation keeps together.
    public var group: String?
    /// Files with the sizes of the queries of the training, validation and test table.
    public var querySizes: (data: String?, valid: String?, test: String?) = (nil, nil, nil)
    /// Seed of all sampling.
    public var seed: UInt64
    /// Number of threads, 0 for all processors.
    public var threads: Int
    /// The run directory to write.
    public var output: String
    /// A model to go on from.
    public var initial: ModelArtifact?
    /// A model whose leaves are re-fitted to the training table instead of growing trees.
    public var refitted: ForestArtifact?
    /// Rounds or epochs between two snapshots; 0 for none.
    public var snapshotEvery = 0
    /// Whether to go on from the snapshot in the run directory, if there is one.
    public var resumes = false

    /// Asked between rounds and steps whether a person wants the end; training then leaves a snapshot.
    public var shouldStop: @Sendable () -> Bool = { false }

    /// A request with no optional part.
    public init(method: Method, data: String, target: String, task: Task, output: String) {
      self.method = method
      self.data = data
      self.target = target
      self.task = task
      self.output = output
      dropped = []
      seed = 0
      threads = 0
    }

    /// A request for boosted trees with no optional part.
    public init(
      family: BoostingFamily, data: String, target: String, task: Task, output: String,
      parameters: [String: String] = [:]
    ) {
      self.init(
        method: .boosting(family, parameters: parameters), data: data, target: target, task: task,
        output: output)
    }
  }
}
