public import Diagnostics
public import Layers
public import Tensors

/// `TabNetPretraining` as a network whose only output is each row's error of reconstruction, which training holds against 0.
///
/// A backend that drops elements decides what is hidden; one that only computes hides nothing, and every number counts.
public final class TabNetReconstruction: TabularNetwork {
  /// What it is called in files.
  public static let name = "tabnet-reconstruction"
  /// What it was made from.
  public var configuration: TabNetConfiguration { pretraining.configuration }
  /// The columns that it takes.
  public var inputs: TabularInputs { pretraining.inputs }
  /// One: the error.
  public let outputs = 1
  /// All parameters by their dotted names; those of embeddings and encoder are named as in `TabNet`.
  public var parameters: Parameters { pretraining.parameters }
  private let pretraining: TabNetPretraining

  /// A network whose parameters come from a scope's source.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration, of kind `data` as the source does.
  public init(
    _ configuration: TabNetConfiguration, inputs: TabularInputs, outputs: Int = 1, _ scope: ParameterScope
  ) throws(TernError) {
    precondition(outputs == 1, "the error of a row is one number")
    pretraining = try TabNetPretraining(configuration, inputs: inputs, scope)
  }

  /// The error of each row (batch, 1).
  public func callAsFunction<B: Backend>(
    _ input: TabularInput<B.Value>, on backend: B
  ) -> NetworkOutput<B.Value> {
    let rows = input.numeric.map { backend.shape($0)[0] } ?? input.categories?.shape[0] ?? 0
    let output = pretraining(input, hiddenGroups: hiddenGroups(rows: rows, backend), on: backend)
    return NetworkOutput(
      prediction: backend.reshape(pretraining.errors(output, on: backend), Shape(rows, 1)))
  }

  /// 1 for each group of a row that is hidden; nil where none is.
  private func hiddenGroups<B: Backend>(rows: Int, _ backend: B) -> Tensor? {
    let shape = Shape(rows, pretraining.groupCount)
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
}
