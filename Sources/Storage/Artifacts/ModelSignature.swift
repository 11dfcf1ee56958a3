/// What goes into a model and what comes out: the contract that travels with it.
public struct ModelSignature: Codable, Equatable, Sendable {
  /// One input column.
  public struct Input: Codable, Equatable, Sendable {
    /// Column name.
    public var name: String
    /// Sorted values of a text column, which enters as the rank of its value; nil for a numeric one.
    public var vocabulary: [String]?

    /// Names an input.
    public init(name: String, vocabulary: [String]? = nil) {
      self.name = name
      self.vocabulary = vocabulary
    }
  }

  /// Input columns in model order.
  public var inputs: [Input]
  /// Name of the target column.
  public var target: String
  /// What is asked for.
  public var task: Task
  /// Class names in order; empty for regression.
  public var classes: [String]

  /// Gathers the parts.
  public init(inputs: [Input], target: String, task: Task, classes: [String]) {
    self.inputs = inputs
    self.target = target
    self.task = task
    self.classes = classes
  }

  /// Margins the model gives per row: one per class of a multiclass task, else one.
  public var outputs: Int { task == .multiclass ? classes.count : 1 }
}
