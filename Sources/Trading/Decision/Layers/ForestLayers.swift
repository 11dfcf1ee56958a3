import Diagnostics
import Market
import Trees

/// Layer 1 as a forest of decision trees.
public struct ForestRegimeLayer: RegimeLayer, Sendable {
  private let forest: Forest

  /// Takes a softmax forest with one output per regime.
  /// - Throws: `TernError` of kind `data` for any other forest.
  public init(_ forest: Forest) throws(TernError) {
    try forest.requireProbabilities(of: Regime.allCases.count, layer: "regime")
    self.forest = forest
  }

  /// The forest's feature names.
  public var inputNames: [String] { forest.header.featureNames }
  /// One probability per regime.
  public var outputWidth: Int { forest.outputs }

  /// The regimes' probabilities of one row.
  public func evaluate(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) {
    forest.predict(inputs, into: &outputs)
  }
}

/// Layer 3 as a forest of decision trees.
public struct ForestSignalLayer: SignalLayer, Sendable {
  private let forest: Forest

  /// Takes a softmax forest with three outputs: LONG, SHORT, NEUTRAL.
  /// - Throws: `TernError` of kind `data` for any other forest.
  public init(_ forest: Forest) throws(TernError) {
    try forest.requireProbabilities(of: Direction.allCases.count, layer: "signal")
    self.forest = forest
  }

  /// The forest's feature names.
  public var inputNames: [String] { forest.header.featureNames }
  /// One probability per direction.
  public var outputWidth: Int { forest.outputs }

  /// The directions' probabilities of one row.
  public func evaluate(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) {
    forest.predict(inputs, into: &outputs)
  }
}

extension Forest {
  fileprivate func requireProbabilities(of classes: Int, layer: String) throws(TernError) {
    guard header.link == .softmax, outputs == classes else {
      throw TernError(
        .data, "the forest does not give the \(layer) layer's probabilities", key: "forest.outputs",
        found: "\(header.link.rawValue) of \(outputs)", expected: "softmax of \(classes)")
    }
  }

  fileprivate func predict(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) {
    precondition(
      inputs.count == features && outputs.count == self.outputs, "a row must have the layer's width")
    inputs.withUnsafeBufferPointer { row in
      outputs.withUnsafeMutableBufferPointer { predictions in
        // A forest without features reads no element, so a missing base address is no row at all.
        guard let row = row.baseAddress, let predictions = predictions.baseAddress else { return }
        predict(row: row, into: predictions)
      }
    }
  }
}
