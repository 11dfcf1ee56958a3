import Diagnostics
import Market
import RowModels

/// A layer over a model of any kind that gives probabilities; it belongs to one decider.
public final class ModelLayer: RegimeLayer, SignalLayer {
  private let predictor: RowPredictor

  /// Takes a model with one probability for each of some classes.
  /// - Throws: `TernError` of kind `data` for any other model.
  public init(_ model: RowModel, classes: Int, layer: String) throws(TernError) {
    guard model.isSoftmax, model.outputs == classes else {
      throw TernError(
        .data, "the model does not give the \(layer) layer's probabilities", key: "outputs",
        found: "\(model.isSoftmax ? "softmax" : "another link") of \(model.outputs)",
        expected: "softmax of \(classes)")
    }
    predictor = try RowPredictor(model)
  }

  /// The model's feature names.
  public var inputNames: [String] { predictor.model.featureNames }
  /// One probability per class.
  public var outputWidth: Int { predictor.model.outputs }

  /// The probabilities of one row.
  public func evaluate(_ inputs: Span<Float>, into outputs: inout MutableSpan<Float>) {
    inputs.withUnsafeBufferPointer { row in
      outputs.withUnsafeMutableBufferPointer { predictor.predict(row, into: $0) }
    }
  }
}

extension RowModel {
  /// Layer 1 over the model.
  /// - Throws: `TernError` of kind `data` for a model of anything but the regimes.
  public func regimeLayer() throws(TernError) -> any RegimeLayer {
    if case .forest(let forest) = self { return try ForestRegimeLayer(forest) }
    return try ModelLayer(self, classes: Regime.allCases.count, layer: "regime")
  }

  /// Layer 3 over the model.
  /// - Throws: `TernError` of kind `data` for a model of anything but the directions.
  public func signalLayer() throws(TernError) -> any SignalLayer {
    if case .forest(let forest) = self { return try ForestSignalLayer(forest) }
    return try ModelLayer(self, classes: Direction.allCases.count, layer: "signal")
  }
}
