/// A model on the decision path: numbers in, numbers out, one row at a time.
///
/// Implementations give the same bits for the same inputs and allocate nothing in `evaluate`; one that needs scratch
/// memory owns it. A forest and a network are exchanged by handing the `Decider` another value.
public protocol DecisionLayer {
  /// Names of the inputs, in order.
  var inputNames: [String] { get }
  /// Number of outputs.
  var outputWidth: Int { get }
  /// Computes the outputs of one row.
  /// - Parameters:
  ///   - inputs: shape `(inputNames.count)`, NaN where unknown.
  ///   - outputs: shape `(outputWidth)`, overwritten.
  func evaluate(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>)
}

/// Layer 1: the probabilities of the regimes, in the order of `Regime.allCases`, from the features.
public protocol RegimeLayer: DecisionLayer {}

/// Layer 2: a vector that describes the pattern, from the features and layer 1's probabilities. A stack without one
/// has a pattern of width zero.
public protocol PatternLayer: DecisionLayer {
  /// Names of the outputs as the signal layer's inputs know them.
  var outputNames: [String] { get }
}

/// Layer 3: `[P(long), P(short), P(neutral)]`, not yet calibrated, from the features, layer 1's probabilities and
/// layer 2's vector.
public protocol SignalLayer: DecisionLayer {}
