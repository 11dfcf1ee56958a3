public import Tensors

/// What a network is written over: `Eager` computes, `Tape` computes and remembers how to go back.
///
/// Operations are coarse; each one checks its shapes (a mismatch is a programmer's error) and leaves its operands alone.
/// Rows are everything in front of the last axis, which is called `features` below. Dropout is the identity in `Eager`, and
/// batch normalisation takes running statistics there, so no network needs to know whether it is being trained.
public protocol Backend {
  /// A tensor in the backend's form.
  associatedtype Value

  /// The memory and threads it computes with.
  var workspace: Workspace { get }

  /// Whether operations are computed here, so that another order of the same operations can save work, and not written down for
  /// another program.
  var computes: Bool { get }

  /// Whether values are remembered for a backward pass, so that recomputing can save memory.
  var records: Bool { get }

  /// A tensor that nothing is derived with respect to: data.
  func constant(_ tensor: Tensor) -> Value
  /// A parameter as an operand of any operation.
  func parameter(_ parameter: Parameter) -> Value
  /// The elements of a value.
  func tensor(_ value: Value) -> Tensor

  // Products

  /// `activation(x·Wᵀ + b)`: x (…, inputs), weight (outputs, inputs), bias (outputs) → (…, outputs).
  func linear(_ x: Value, _ weight: Parameter, _ bias: Parameter?, _ activation: Activation) -> Value
  /// `a·b` or `a·bᵀ` of the last two axes, the axes in front equal: (…, m, k)·(…, k, n) → (…, m, n).
  func product(_ a: Value, _ b: Value, transposed: Bool) -> Value
  /// `softmax(q·kᵀ/√(d/heads))·v` for each head: query (batch, queries, d), key and value (batch, keys, d) → (batch, queries, d).
  /// Dropout applies to the probabilities; with `causal` a query sees keys up to its own position, the last ones aligned.
  func attention(
    query: Value, key: Value, value: Value, heads: Int, dropout: Float, causal: Bool
  ) -> Value
  /// `attention` of one query of each item to keys `n·W_kᵀ + b_k` and values `n·W_vᵀ + b_v` of a context n, which need not be formed:
  /// query (batch, 1, d), context (batch, tokens, c) → (batch, 1, d).
  func pooledAttention(
    query: Value, context: Value, key: (weight: Parameter, bias: Parameter?),
    value: (weight: Parameter, bias: Parameter?), heads: Int, dropout: Float
  ) -> Value

  // Normalisation

  /// `(x - mean)/√(variance + ε)·weight + bias` over the features of each row.
  func layerNorm(_ x: Value, _ weight: Parameter?, _ bias: Parameter?, epsilon: Float) -> Value
  /// The same over the rows for each feature of x (rows, features), the batch split into ⌈rows/virtual⌉ near-equal chunks in
  /// training (nil: one); running statistics outside it.
  func batchNorm(_ x: Value, _ parameters: BatchNormParameters, virtualBatch: Int?) -> Value

  // Elementwise and row-wise functions

  /// A function of each element.
  func activation(_ x: Value, _ function: Activation) -> Value
  /// A gated unit with dropout behind it: (…, 2n) → (…, n).
  func gated(_ x: Value, _ gate: Gate, dropout: Float) -> Value
  /// `e^x / Σ e^x` over the features.
  func softmax(_ x: Value) -> Value
  /// The Euclidean projection of each row onto the simplex (Martins and Astudillo, 2016).
  func sparsemax(_ x: Value) -> Value
  /// α-entmax with α = 1.5 of each row (Peters, Niculae and Martins, 2019).
  func entmax15(_ x: Value) -> Value
  /// Drops elements with probability `rate` and scales the others by 1/(1 - rate).
  func dropout(_ x: Value, rate: Float) -> Value

  // Arithmetic; the second operand has the same shape, or is a vector over the features, one number for each row (…, 1), or one
  // number

  /// `a + b`.
  func add(_ a: Value, _ b: Value) -> Value
  /// `a - b`.
  func subtract(_ a: Value, _ b: Value) -> Value
  /// `a·b`, element by element.
  func multiply(_ a: Value, _ b: Value) -> Value
  /// `a/b`, element by element.
  func divide(_ a: Value, _ b: Value) -> Value
  /// `factor·x + offset`.
  func affine(_ x: Value, factor: Float, offset: Float) -> Value
  /// `(x + dropout(branch))·scale` of equal shapes.
  func residual(_ x: Value, _ branch: Value, dropout: Float, scale: Float) -> Value
  /// `x·ln(x + ε)`, the terms of an entropy.
  func entropyTerms(_ x: Value, epsilon: Float) -> Value
  /// `sin x` in front of `cos x` over the features: (…, n) → (…, 2n).
  func sineCosine(_ x: Value) -> Value

  // Sums

  /// The sum over one axis, which disappears.
  func sum(_ x: Value, axis: Int) -> Value
  /// The mean over one axis, which disappears.
  func mean(_ x: Value, axis: Int) -> Value

  // Arrangement

  /// The same elements under another shape of as many.
  func reshape(_ x: Value, _ shape: Shape) -> Value
  /// Two axes exchanged.
  func transpose(_ x: Value, _ a: Int, _ b: Int) -> Value
  /// Part of one axis.
  func slice(_ x: Value, axis: Int, _ range: Range<Int>) -> Value
  /// Two values one behind the other along an axis.
  func concatenate(_ a: Value, _ b: Value, axis: Int) -> Value
  /// Several values one behind the other along an axis.
  func concatenate(_ values: [Value], axis: Int) -> Value
  /// Rows of x (rows, …) by number: indices (n) → (n, …).
  func gather(_ x: Value, _ indices: IndexTensor) -> Value
  /// Rows of a table (vocabulary, d) by number: indices (…) → (…, d).
  func embedding(_ table: Parameter, _ indices: IndexTensor) -> Value
  /// The tokens of numeric features: x (batch, n), weight and bias (n, d) → (batch, n, d) with `x_j·w_j + b_j`.
  func featureTokens(_ x: Value, _ weight: Parameter, _ bias: Parameter?) -> Value
  /// Tokens of numeric features with one in front: x (batch, n), slopes (n, d), offsets (n + 1, d) → (batch, n + 1, d), the first
  /// offset and then `x_j·slope_j + offset_j`.
  func tokens(_ x: Value, slopes: Value, offsets: Value) -> Value
  /// One vector (d) in front of every sequence: (batch, n, d) → (batch, n + 1, d).
  func prepend(_ token: Parameter, _ x: Value) -> Value
  /// A linear map of its own for each feature: x (batch, n, inputs), weight (n, inputs, outputs), bias (n, outputs) →
  /// (batch, n, outputs).
  func featureLinear(_ x: Value, _ weight: Parameter, _ bias: Parameter?) -> Value
  /// Windows over time: x (batch, time, channels) → (batch, windows, length·channels), so that a convolution is a linear map
  /// of its patches. The windows begin every `stride` steps.
  func unfold(_ x: Value, length: Int, stride: Int) -> Value

  // Sequences

  /// A layer of long short-term memory over time: x (batch, time, inputs) → the hidden states (batch, time, hidden).
  /// The order of the gates is PyTorch's (input, forget, cell, output). The initial states (batch, hidden) are zero when nil.
  func lstm(_ x: Value, _ parameters: LSTMParameters, hidden: Value?, cell: Value?) -> Value

  /// Computes rows in parts of the batch, each on one thread and near its caches: (batch, …) → (batch, outputs).
  ///
  /// `body` gets a backend for a part with that part's rows of `x` and of `indices`, and must treat every row by itself. The parts
  /// depend on the batch and `size` alone. A batch of one part runs here as it is.
  /// - Parameters:
  ///   - shared: values that all parts read whole.
  ///   - size: rows of a part.
  ///   - parameters: those of the body, which threads share from here on.
  func inParts(
    _ x: Value?, _ indices: IndexTensor?, shared: [Value], size: Int, outputs: Int, parameters: Parameters,
    _ body: @escaping (_ part: Self, _ x: Value?, _ indices: IndexTensor?, _ shared: [Value]) -> Value
  ) -> Value

  /// Runs a block so that only its input is kept for the backward pass, which runs it again with the same dropout.
  func checkpoint(_ x: Value, _ block: @escaping (Value) -> Value) -> Value
}

extension Backend {
  /// The extents of a value.
  public func shape(_ value: Value) -> Shape { tensor(value).shape }
}

/// The parameters of one batch normalisation.
public struct BatchNormParameters {
  /// The scale (features).
  public let weight: Parameter
  /// The shift (features).
  public let bias: Parameter
  /// The running mean (features).
  public let mean: Parameter
  /// The running variance, unbiased (features).
  public let variance: Parameter
  /// How far a batch moves the running statistics, PyTorch's convention: `running ← (1 - momentum)·running + momentum·batch`.
  public let momentum: Float
  /// What is added to the variance.
  public let epsilon: Float

  /// Parameters that belong together.
  public init(
    weight: Parameter, bias: Parameter, mean: Parameter, variance: Parameter, momentum: Float = 0.1,
    epsilon: Float = 1e-5
  ) {
    self.weight = weight
    self.bias = bias
    self.mean = mean
    self.variance = variance
    self.momentum = momentum
    self.epsilon = epsilon
  }
}

/// The parameters of one layer of long short-term memory, gates in the order input, forget, cell, output.
public struct LSTMParameters {
  /// From the inputs (4·hidden, inputs).
  public let inputWeight: Parameter
  /// From the hidden state (4·hidden, hidden).
  public let hiddenWeight: Parameter
  /// Of the inputs (4·hidden).
  public let inputBias: Parameter?
  /// Of the hidden state (4·hidden).
  public let hiddenBias: Parameter?

  /// Parameters that belong together.
  public init(
    inputWeight: Parameter, hiddenWeight: Parameter, inputBias: Parameter?, hiddenBias: Parameter?
  ) {
    self.inputWeight = inputWeight
    self.hiddenWeight = hiddenWeight
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }
}
