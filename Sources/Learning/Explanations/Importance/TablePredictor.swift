import Compute
import Diagnostics
import Trees

/// What explanations that only look at inputs and outputs need of a model of any kind.
public struct TablePredictor: Sendable {
  /// Number of input columns.
  public let features: Int
  /// Number of predictions per row.
  public let outputs: Int
  private let body: @Sendable ([[Float]]) throws(TernError) -> [Double]

  /// Wraps a model.
  /// - Parameter predict: predictions, row-major (row, output), of a table (feature, row).
  public init(
    features: Int, outputs: Int, predict: @escaping @Sendable ([[Float]]) throws(TernError) -> [Double]
  ) {
    self.features = features
    self.outputs = outputs
    body = predict
  }

  /// A forest's predictions after its link, or its margins.
  public init(_ forest: Forest, margins: Bool = false, pool: ThreadPool) {
    self.init(features: forest.features, outputs: forest.outputs) { columns throws(TernError) in
      margins
        ? try forest.exactMargins(columns: columns, pool: pool)
        : try forest.predict(columns: columns, pool: pool).map(Double.init)
    }
  }

  /// The predictions of a table, row-major (row, output).
  /// - Throws: what the model throws, and `TernError(.internalFailure)` for a wrong number of predictions.
  public func callAsFunction(_ columns: [[Float]]) throws(TernError) -> [Double] {
    let result = try body(columns)
    guard result.count == (columns.first?.count ?? 0) * outputs else {
      throw TernError(
        .internalFailure, "the model gave a wrong number of predictions", found: "\(result.count)",
        expected: "\(columns.first?.count ?? 0) × \(outputs)")
    }
    return result
  }
}
