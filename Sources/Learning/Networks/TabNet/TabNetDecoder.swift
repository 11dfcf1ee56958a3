import Diagnostics
import Layers
import Tensors

/// What self-supervised training rebuilds rows with: a feature transformer for each step's decision, their sum, and a matrix.
struct TabNetDecoder {
  private let steps: [FeatureTransformer]
  private let reconstruction: Linear

  /// Pulls `shared`, `steps.<n>` and `reconstruction`.
  init(
    _ configuration: TabNetConfiguration, outputs: Int, _ scope: ParameterScope
  ) throws(TernError) {
    let width = configuration.decisionWidth
    let shared = try FeatureTransformer.sharedMatrices(
      configuration.decoderSharedLayers, inputs: width, outputs: width, scope["shared"])
    var steps: [FeatureTransformer] = []
    for index in 0..<configuration.steps {
      steps.append(
        try FeatureTransformer(
          inputs: width, outputs: width, shared: shared, independent: configuration.decoderIndependentLayers,
          momentum: configuration.momentum, virtualBatch: configuration.virtualBatchSize,
          scope["steps"][index]))
    }
    self.steps = steps
    reconstruction = try TabNetEncoder.plainMatrix(width, outputs, scope["reconstruction"])
  }

  /// A step's part of the sum (batch, n_d).
  func part<B: Backend>(_ step: Int, _ decision: B.Value, _ backend: B) -> B.Value {
    steps[step](decision, backend)
  }

  /// Rows from the sum of the parts: (batch, n_d) → (batch, numbers).
  func rows<B: Backend>(_ sum: B.Value, _ backend: B) -> B.Value { reconstruction(sum, backend) }
}
