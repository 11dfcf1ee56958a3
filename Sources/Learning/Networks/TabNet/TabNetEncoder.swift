import Diagnostics
import Layers
import Tensors

/// The steps of TabNet: each one chooses features by a mask, transforms them, and decides on a part of the result.
///
///     M_i = sparsemax(prior·BN(W_i·a));  prior ← prior·(γ - M_i);  (d_i, a) = FT_i(M_i ⊙ x)
struct TabNetEncoder {
  private struct Step {
    let attention: Linear
    let attentionNorm: BatchNormalisation
    let features: FeatureTransformer
  }

  /// What a step shows.
  struct Shown<Value> {
    /// Its number.
    let step: Int
    /// The mask over groups (batch, groups), each row of sum 1.
    let mask: Value
    /// The mask over the numbers of a row (batch, numbers).
    let numberMask: Value
    /// `max(d_i, 0)` (batch, n_d).
    let decision: Value
  }

  private let norm: BatchNormalisation
  private let splitter: FeatureTransformer
  private let steps: [Step]
  private let columns: TabNetColumns
  private let decisionWidth: Int
  private let attentionWidth: Int
  private let gamma: Float
  private let maskType: TabNetConfiguration.MaskType

  /// Pulls `norm`, `shared`, `splitter` and for each step `attention`, `attention_norm` and `features`.
  init(
    _ configuration: TabNetConfiguration, _ columns: TabNetColumns, _ scope: ParameterScope
  ) throws(TernError) {
    self.columns = columns
    decisionWidth = configuration.decisionWidth
    attentionWidth = configuration.attentionWidth
    gamma = configuration.gamma
    maskType = configuration.maskType
    let (inputs, width) = (columns.sources.count, decisionWidth + attentionWidth)
    norm = try BatchNormalisation(inputs, momentum: 0.01, virtualBatch: nil, scope["norm"])
    let shared = try FeatureTransformer.sharedMatrices(
      configuration.sharedLayers, inputs: inputs, outputs: width, scope["shared"])
    func transformer(_ scope: ParameterScope) throws(TernError) -> FeatureTransformer {
      try FeatureTransformer(
        inputs: inputs, outputs: width, shared: shared, independent: configuration.independentLayers,
        momentum: configuration.momentum, virtualBatch: configuration.virtualBatchSize, scope)
    }
    splitter = try transformer(scope["splitter"])
    var steps: [Step] = []
    for index in 0..<configuration.steps {
      let place = scope["steps"][index]
      steps.append(
        Step(
          attention: try TabNetEncoder.plainMatrix(attentionWidth, columns.groupCount, place["attention"]),
          attentionNorm: try BatchNormalisation(
            columns.groupCount, momentum: configuration.momentum,
            virtualBatch: configuration.virtualBatchSize, place["attention_norm"]),
          features: try transformer(place["features"])))
    }
    self.steps = steps
  }

  /// A matrix without gate or bias, drawn as the authors do.
  static func plainMatrix(_ inputs: Int, _ outputs: Int, _ scope: ParameterScope) throws(TernError) -> Linear
  {
    let gain = (Double(inputs + outputs) / Double(4 * inputs).squareRoot()).squareRoot()
    return try Linear(inputs, outputs, scope, weight: .xavierNormal(gain: Float(gain)), bias: nil)
  }

  /// Goes through the steps over embedded rows x (batch, numbers).
  /// - Parameter prior: what is left of each group at first (batch, groups); nil for all of it.
  func callAsFunction<B: Backend>(
    _ x: B.Value, prior given: B.Value?, _ backend: B, visit: (Shown<B.Value>) -> Void
  ) {
    let x = norm(x, backend)
    let width = decisionWidth + attentionWidth
    var attending = backend.slice(splitter(x, backend), axis: 1, decisionWidth..<width)
    var prior = given
    for index in steps.indices {
      let step = steps[index]
      var scores = step.attentionNorm(step.attention(attending, backend), backend)
      if let prior { scores = backend.multiply(scores, prior) }
      let mask = maskType == .sparsemax ? backend.sparsemax(scores) : backend.entmax15(scores)
      let numberMask = columns.groups.map {
        backend.product(mask, backend.constant($0), transposed: false)
      }
      let chosen = backend.multiply(numberMask ?? mask, x)
      let out = step.features(chosen, backend)
      let decision = backend.activation(backend.slice(out, axis: 1, 0..<decisionWidth), .relu)
      visit(Shown(step: index, mask: mask, numberMask: numberMask ?? mask, decision: decision))
      guard index + 1 < steps.count else { break }
      let left = backend.affine(mask, factor: -1, offset: gamma)
      prior = prior.map { backend.multiply($0, left) } ?? left
      attending = backend.slice(out, axis: 1, decisionWidth..<width)
    }
  }
}
