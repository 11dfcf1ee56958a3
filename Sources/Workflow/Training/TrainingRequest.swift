import Artifacts
import Boosting

extension TableTraining {
  /// What to train, on what, and where to leave it.
  public struct Request: Sendable {
    /// The algorithm.
    public var family: ModelFamily
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
    /// Hyper-parameters by the peers' names.
    public var parameters: [String: String]
    /// Seed of all sampling.
    public var seed: UInt64
    /// Number of threads, 0 for all processors.
    public var threads: Int
    /// The run directory to write.
    public var output: String
    /// A model to go on from.
    public var initial: ForestArtifact?
    /// A model whose leaves are re-fitted to the training table instead of growing trees.
    public var refitted: ForestArtifact?
    /// Rounds between two snapshots; 0 for none.
    public var snapshotEvery = 0
    /// Whether to go on from the snapshot in the run directory, if there is one.
    public var resumes = false

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
}
