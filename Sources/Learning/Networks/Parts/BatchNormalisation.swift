public import Diagnostics
public import Layers
import Tensors

/// Batch normalisation of x (rows, width), in training by the statistics of each virtual batch (ghost batch normalisation,
/// Hoffer, Hubara and Soudry, 2017), and by running statistics otherwise.
public struct BatchNormalisation {
  /// `weight`, `bias`, `mean` and `variance`, each (width).
  public let parameters: BatchNormParameters
  /// Rows of a virtual batch; nil takes the whole batch.
  public let virtualBatch: Int?

  /// Pulls the parameters; weight and variance start at 1, bias and mean at 0.
  /// - Throws: `TernError` of kind `data` as the scope's source does.
  public init(
    _ width: Int, momentum: Float, virtualBatch: Int?, _ scope: ParameterScope
  ) throws(TernError) {
    parameters = BatchNormParameters(
      weight: try scope.parameter("weight", Shape(width), .constant(1), role: .normalisation),
      bias: try scope.parameter("bias", Shape(width), .constant(0), role: .normalisation),
      mean: try scope.parameter("mean", Shape(width), .constant(0), role: .statistic),
      variance: try scope.parameter("variance", Shape(width), .constant(1), role: .statistic),
      momentum: momentum)
    self.virtualBatch = virtualBatch
  }

  /// Applies it.
  public func callAsFunction<B: Backend>(_ x: B.Value, _ backend: B) -> B.Value {
    backend.batchNorm(x, parameters, virtualBatch: virtualBatch)
  }
}
