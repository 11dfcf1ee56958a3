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
  /// What rebuilds the rows; a classifier takes its encoder.
  public let pretraining: TabNetPretraining

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
    let output = pretraining(
      input, hiddenGroups: pretraining.drawHidden(rows: rows, on: backend), on: backend)
    return NetworkOutput(
      prediction: backend.reshape(pretraining.errors(output, on: backend), Shape(rows, 1)))
  }
}
