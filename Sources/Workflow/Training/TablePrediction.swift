import Artifacts
import Compute
import Datasets
import Diagnostics

/// Applies a model to a table: the work behind `tern predict` and `tern evaluate`.
public struct TablePrediction: Sendable {
  /// The model's inputs and outputs.
  public let signature: ModelSignature
  /// Probabilities or numbers, row-major `(row, output)`.
  public let values: [Float]
  private let table: Table
  private let file: String

  /// Reads a table and predicts every row.
  /// - Throws: `TernError` of kind `data` for a table that does not fit the model.
  public init(model: ModelArtifact, data path: String, pool: ThreadPool) throws(TernError) {
    signature = model.card.signature
    var options = signature.readerOptions
    options.absentIsZero = ModelFamily.absentIsZero(model.card.model)
    table = try TableReader.read(path, options: options)
    file = path
    values = try model.predict(columns: try signature.inputs(of: table, file: path), pool: pool)
  }

  /// Number of rows.
  public var rows: Int { table.rowCount }

  /// Column names of the prediction file: `p`, `p_0 … p_k` or `prediction`.
  public var header: [String] {
    switch signature.task {
    case .binary: return ["p"]
    case .multiclass: return signature.classes.indices.map { "p_\($0)" }
    case .regression, .ranking: return ["prediction"]
    }
  }

  /// The prediction file: a header and one line per row, shortest text that reads back as the same number.
  public func csv() -> [UInt8] {
    let outputs = signature.outputs
    var bytes = Array(header.joined(separator: ",").utf8) + [10]
    bytes.reserveCapacity(values.count * 12)
    for (index, value) in values.enumerated() {
      bytes.append(contentsOf: value.description.utf8)
      bytes.append(index % outputs == outputs - 1 ? 10 : UInt8(ascii: ","))
    }
    return bytes
  }

  /// Metrics against the table's target column; `target` overrides the model's own name of it.
  /// - Parameter source: where the queries of a ranking task are told.
  /// - Throws: `TernError` of kind `data` when the target is missing or holds an unknown class.
  public func metrics(
    target: String? = nil, queries source: QuerySource = QuerySource()
  ) throws(TernError) -> [String: Double] {
    var signature = signature
    if let target { signature.target = target }
    return try TaskMetrics.measure(
      signature, predictions: values, labels: try signature.labels(of: table, file: file),
      queries: signature.task == .ranking ? try source.queries(of: table, file: file) : nil)
  }
}
