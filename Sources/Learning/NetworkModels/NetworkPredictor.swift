import Compute
import Diagnostics
import Layers
import Networks
import Tensors

/// Predicts with a network; it belongs to one thread at a time.
///
/// After the first row of a size nothing is allocated.
public final class NetworkPredictor {
  /// What it predicts with.
  public let model: NetworkModel
  private let network: any TabularNetwork
  private let eager: Eager
  private let numbers: Tensor?
  private let codes: IndexTensor?

  /// Makes a network ready.
  /// - Throws: `TernError` of kind `data` as `NetworkModel` does.
  public init(_ model: NetworkModel, pool: ThreadPool = ThreadPool(threads: 1)) throws(TernError) {
    self.model = model
    network = try model.network()
    network.prepare()
    eager = Eager(Workspace(pool: pool))
    let inputs = model.header.inputs
    numbers = inputs.numeric > 0 ? Tensor(repeating: 0, Shape(1, inputs.numeric)) : nil
    codes =
      inputs.cardinalities.isEmpty
      ? nil
      : IndexTensor(
        [Int32](repeating: 0, count: inputs.cardinalities.count), Shape(1, inputs.cardinalities.count))
  }

  /// Predicts every row of columns; see `NetworkModel.predict`.
  /// - Throws: `TernError` of kind `data` for another number of columns.
  public func predict(columns: [[Float]]) throws(TernError) -> [Float] {
    let header = model.header
    guard columns.count == header.featureNames.count else {
      throw TernError(
        .data, "the rows have another number of columns", found: "\(columns.count)",
        expected: "\(header.featureNames.count)")
    }
    let rows = header.preparation.rows(of: columns, pool: eager.workspace.pool)
    var result: [Float] = []
    result.reserveCapacity(rows.count * header.predictions)
    let (width, categorical) = (header.inputs.numeric, header.inputs.cardinalities.count)
    for start in stride(from: 0, to: rows.count, by: NetworkPredictor.batch) {
      let count = min(NetworkPredictor.batch, rows.count - start)
      let batch = TabularBatch(
        numeric: width > 0
          ? Tensor(rows.numbers[start * width..<(start + count) * width], Shape(count, width)) : nil,
        categories: categorical > 0
          ? IndexTensor(
            rows.categories[start * categorical..<(start + count) * categorical], Shape(count, categorical))
          : nil)
      let margins = eager.tensor(network(batch, on: eager).prediction)
      header.appendPredictions(of: margins.pointer, rows: count, to: &result)
    }
    return result
  }

  /// Predicts one row.
  /// - Parameters:
  ///   - row: a cell for each input column.
  ///   - prediction: room for as many numbers as the model has outputs.
  public func predict(_ row: UnsafeBufferPointer<Float>, into prediction: UnsafeMutableBufferPointer<Float>) {
    let header = model.header
    precondition(prediction.count == header.predictions, "room for another number of outputs")
    header.preparation.prepare(
      row, numbers: UnsafeMutableBufferPointer(start: numbers?.pointer, count: numbers?.count ?? 0),
      categories: UnsafeMutableBufferPointer(start: codes?.pointer, count: codes?.count ?? 0))
    let margins = eager.tensor(
      network(TabularBatch(numeric: numbers, categories: codes), on: eager).prediction)
    header.link(margins.pointer)
    for output in 0..<header.predictions { prediction[output] = margins.pointer[output] }
  }

  private static let batch = 1024
}
