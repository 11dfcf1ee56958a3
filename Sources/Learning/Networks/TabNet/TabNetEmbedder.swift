import Diagnostics
import Layers
import Tensors

/// Rows of numbers from rows of a table: numeric columns as they are, vectors in place of codes.
struct TabNetEmbedder {
  private let columns: TabNetColumns
  private let codes: CategoryCodes
  private let tables: [Parameter]

  /// Pulls a table `<n>.weight` (categories, width) for each categorical column, normal at first.
  init(
    _ configuration: TabNetConfiguration, _ inputs: TabularInputs, _ columns: TabNetColumns,
    _ scope: ParameterScope
  ) throws(TernError) {
    self.columns = columns
    codes = CategoryCodes(inputs.cardinalities)
    let widths = configuration.widths(of: inputs)
    var tables: [Parameter] = []
    for (index, count) in inputs.cardinalities.enumerated() {
      tables.append(
        try scope[index].parameter(
          "weight", Shape(count, widths[index]), .normal(deviation: 1), role: .embedding))
    }
    self.tables = tables
  }

  /// (batch, numbers of a row).
  func callAsFunction<B: Backend>(_ input: TabularInput<B.Value>, _ backend: B) -> B.Value {
    precondition(
      (input.numeric != nil) == (columns.numericCount > 0) && (input.categories != nil) == !tables.isEmpty,
      "a batch has the kinds of columns that the network was made for")
    if let numeric = input.numeric {
      precondition(
        backend.shape(numeric).last == columns.numericCount,
        "a batch has as many numeric columns as the network")
      if tables.isEmpty { return numeric }
    }
    var row: B.Value?
    for piece in columns.pieces {
      guard let part = part(piece, input, backend) else { continue }
      row = row.map { backend.concatenate($0, part, axis: 1) } ?? part
    }
    guard let row else { preconditionFailure("a batch has columns") }
    return row
  }

  private func part<B: Backend>(
    _ piece: TabNetColumns.Piece, _ input: TabularInput<B.Value>, _ backend: B
  ) -> B.Value? {
    switch piece {
    case .numeric(let range):
      return input.numeric.map { backend.slice($0, axis: 1, range) }
    case .category(let index):
      return input.categories.map {
        backend.embedding(tables[index], codes.column(index, of: $0, backend.workspace))
      }
    }
  }
}
