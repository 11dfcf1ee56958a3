public import Diagnostics
public import Layers
public import Tensors

/// Self-supervised training of a TabNet's encoder: groups of columns are hidden, and a decoder has to say what they were.
public final class TabNetPretraining {
  /// What it was made from.
  public let configuration: TabNetConfiguration
  /// The columns that it takes.
  public let inputs: TabularInputs
  /// All parameters by their dotted names; those of embeddings and encoder are named as in `TabNet`.
  public let parameters: Parameters
  private let columns: TabNetColumns
  private let embedder: TabNetEmbedder
  private let encoder: TabNetEncoder
  private let decoder: TabNetDecoder

  /// What it rebuilt, and what it should have.
  public struct Output<Value> {
    /// The rebuilt rows (batch, numbers).
    public let rebuilt: Value
    /// The embedded rows (batch, numbers).
    public let embedded: Value
    /// 1 where a number was hidden (batch, numbers).
    public let hidden: Tensor
  }

  /// A network whose parameters come from a scope's source.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration, of kind `data` as the source does.
  public init(
    _ configuration: TabNetConfiguration, inputs: TabularInputs, _ scope: ParameterScope
  ) throws(TernError) {
    try inputs.validate(outputs: 1)
    try configuration.validate(inputs)
    let columns = TabNetColumns(configuration, inputs)
    self.configuration = configuration
    self.inputs = inputs
    parameters = scope.parameters
    self.columns = columns
    embedder = try TabNetEmbedder(configuration, inputs, columns, scope["embedder"])
    encoder = try TabNetEncoder(configuration, columns, scope["encoder"])
    decoder = try TabNetDecoder(configuration, outputs: columns.sources.count, scope["decoder"])
  }

  /// Number of groups that can be hidden.
  public var groupCount: Int { columns.groupCount }

  /// Draws which groups to hide (rows, groups): 1 with probability `pretraining_ratio`, from the elements that a backend drops;
  /// nil where none is, as on a backend that only computes.
  func drawHidden<B: Backend>(rows: Int, on backend: B) -> Tensor? {
    let shape = Shape(rows, groupCount)
    let kept = backend.tensor(
      backend.dropout(
        backend.constant(Tensor(repeating: 1, shape)), rate: configuration.pretrainingRatio))
    let hidden = Tensor(uninitialised: shape)
    var isAny = false
    for index in 0..<shape.count {
      hidden.pointer[index] = kept.pointer[index] == 0 ? 1 : 0
      isAny = isAny || kept.pointer[index] == 0
    }
    return isAny ? hidden : nil
  }

  /// Rebuilds rows whose hidden groups (batch, groups) were set to 0, and which attention may not turn to.
  /// - Parameter hiddenGroups: nil hides nothing, as in evaluation; every number then counts as one to rebuild.
  public func callAsFunction<B: Backend>(
    _ input: TabularInput<B.Value>, hiddenGroups: Tensor?, on backend: B
  ) -> Output<B.Value> {
    let embedded = embedder(input, backend)
    let shape = backend.shape(embedded)
    var (visible, prior): (B.Value, B.Value?) = (embedded, nil)
    let hidden = Tensor(repeating: 1, shape)
    if let hiddenGroups {
      precondition(hiddenGroups.shape == Shape(shape[0], groupCount), "one number for each row and group")
      let (kept, left) = (Tensor(uninitialised: shape), Tensor(uninitialised: hiddenGroups.shape))
      for index in 0..<hiddenGroups.count { left.pointer[index] = 1 - hiddenGroups.pointer[index] }
      for index in 0..<hidden.count {
        let (row, number) = (index / shape[1], index % shape[1])
        hidden.pointer[index] = hiddenGroups.pointer[row * groupCount + columns.groupOf[number]]
        kept.pointer[index] = 1 - hidden.pointer[index]
      }
      visible = backend.multiply(embedded, backend.constant(kept))
      prior = backend.constant(left)
    }
    var sum: B.Value?
    encoder(visible, prior: prior, backend) { shown in
      let part = decoder.part(shown.step, shown.decision, backend)
      sum = sum.map { backend.add($0, part) } ?? part
    }
    guard let sum else { preconditionFailure("a network has steps") }
    return Output(rebuilt: decoder.rows(sum, backend), embedded: embedded, hidden: hidden)
  }

  /// The mean over rows of `Σ_hidden (error²/variance of the column in the batch)/(number hidden + 1e-9)`.
  ///
  /// A column without variance is divided by its mean instead, or by 1 when that is 0. Gradients go through the variance
  /// too, as the rows hold trained vectors.
  public func loss<B: Backend>(_ output: Output<B.Value>, on backend: B) -> B.Value {
    backend.mean(errors(output, on: backend), axis: 0)
  }

  /// What `loss` is the mean of: the error of each row (batch).
  func errors<B: Backend>(_ output: Output<B.Value>, on backend: B) -> B.Value {
    let shape = backend.shape(output.embedded)
    let hidden = backend.constant(output.hidden)
    let errors = backend.multiply(backend.subtract(output.rebuilt, output.embedded), hidden)
    let scaled = backend.divide(backend.multiply(errors, errors), spread(output.embedded, shape, backend))
    let weights = Tensor(uninitialised: Shape(shape[0]))
    for row in 0..<shape[0] {
      var count: Float = 0
      for number in 0..<shape[1] { count += output.hidden.pointer[row * shape[1] + number] }
      weights.pointer[row] = 1 / (count + 1e-9)
    }
    return backend.multiply(backend.sum(scaled, axis: 1), backend.constant(weights))
  }

  /// The unbiased variance of each column of x (batch, numbers), with what stands in for zeros.
  private func spread<B: Backend>(_ x: B.Value, _ shape: Shape, _ backend: B) -> B.Value {
    let mean = backend.mean(x, axis: 0)
    let centred = backend.subtract(x, mean)
    let squares = backend.sum(backend.multiply(centred, centred), axis: 0)
    let variance = backend.affine(squares, factor: 1 / Float(max(shape[0] - 1, 1)), offset: 0)
    let (means, variances) = (backend.tensor(mean), backend.tensor(variance))
    let replacement = Tensor(repeating: 0, Shape(shape[1]))
    for column in 0..<shape[1] where variances.pointer[column] == 0 {
      replacement.pointer[column] = means.pointer[column] == 0 ? 1 : means.pointer[column]
    }
    return backend.add(variance, backend.constant(replacement))
  }
}
