/// What an optimiser remembers between steps.
public struct OptimizerState: Sendable, Equatable {
  /// A running value of each element of a parameter.
  public struct Moment: Sendable, Equatable {
    /// The parameter's name.
    public var parameter: String
    /// PyTorch's name of it, such as `exp_avg`.
    public var kind: String
    /// One number for each element.
    public var values: [Float]

    /// Its name in a checkpoint.
    public var key: String { "\(parameter).\(kind)" }

    /// Gathers the parts.
    public init(parameter: String, kind: String, values: [Float]) {
      self.parameter = parameter
      self.kind = kind
      self.values = values
    }
  }

  /// The rule that it belongs to.
  public var rule: OptimizerConfiguration.Rule
  /// Steps made.
  public var stepCount: Int
  /// All parameters of the first moment, then all of the second.
  public var moments: [Moment]

  /// Gathers the parts.
  public init(rule: OptimizerConfiguration.Rule, stepCount: Int, moments: [Moment]) {
    self.rule = rule
    self.stepCount = stepCount
    self.moments = moments
  }
}
