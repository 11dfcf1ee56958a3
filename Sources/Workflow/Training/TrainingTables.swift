import Artifacts
import Boosting
import Datasets
import Diagnostics
import Files

/// The tables of a training run, read and turned into numbers.
struct TrainingTables {
  let signature: ModelSignature
  let train: TrainingTable
  let valid: TrainingTable?
  let test: TrainingTable?
  /// Digest of the files that decide the model.
  let digest: Digest

  private let request: TableTraining.Request

  /// Reads the tables of a request.
  /// - Throws: `TernError` of kind `data` naming file and column.
  init(_ request: TableTraining.Request) throws(TernError) {
    self.request = request
    var options = TableReader.Options()
    options.absentIsZero = ModelFamily.absentIsZero(request.method.name)
    let known = request.initial?.card.signature ?? request.refitted?.description.signature
    if let known { options.kinds = known.readerOptions.kinds }
    let table = try TableReader.read(request.data, options: options)
    let queries = QuerySource(column: request.group, sizes: request.querySizes.data)
    let excluded =
      request.dropped + request.baseMargins + [request.weight, queries.column(of: table)].compactMap { $0 }
    if let known {
      // Codes of categories and classes must mean what they meant to the model.
      signature = known
      guard signature.task == request.task, signature.target == request.target else {
        throw TernError(
          .usage, "the model has another task or target", key: "--task",
          found: "\(request.task.rawValue) of \(request.target)",
          expected: "\(signature.task.rawValue) of \(signature.target)")
      }
    } else {
      signature = try ModelSignature(
        fitting: table, target: request.target, task: request.task, dropping: excluded,
        missingIsCategory: request.method.countsMissingAsCategory, file: request.data)
    }
    let reader = Reader(request: request, signature: signature)
    train = try reader.prepared(table, file: request.data, queries: queries)
    valid = try request.valid.map { path throws(TernError) in
      try reader.read(path, sizes: request.querySizes.valid)
    }
    test = try request.test.map { path throws(TernError) in
      try reader.read(path, sizes: request.querySizes.test)
    }
    digest = Digest(of: try AtomicFile.read(request.data))
  }
}

/// Turns tables into numbers by one signature.
private struct Reader {
  let request: TableTraining.Request
  let signature: ModelSignature

  func read(_ path: String, sizes: String?) throws(TernError) -> TrainingTable {
    var options = signature.readerOptions
    options.absentIsZero = ModelFamily.absentIsZero(request.method.name)
    return try prepared(
      try TableReader.read(path, options: options), file: path,
      queries: QuerySource(column: request.group, sizes: sizes))
  }

  func prepared(_ table: Table, file: String, queries: QuerySource) throws(TernError) -> TrainingTable {
    let weights = try request.weight.map { name throws(TernError) in
      try numbers(name, of: table, file: file, what: "sample weights")
    }
    var margins: [Float]?
    if !request.baseMargins.isEmpty {
      let columns = try request.baseMargins.map { name throws(TernError) in
        try numbers(name, of: table, file: file, what: "base margins")
      }
      margins = (0..<table.rowCount).flatMap { row in columns.map { $0[row] } }
    }
    let hasQueries = request.task == .ranking || request.group != nil
    return TrainingTable(
      featureNames: signature.inputs.map(\.name), columns: try signature.inputs(of: table, file: file),
      labels: try signature.labels(of: table, file: file), weights: weights,
      kinds: signature.inputs.map { $0.vocabulary.map { .categorical(vocabulary: $0) } ?? .numeric },
      queries: hasQueries ? try queries.queries(of: table, file: file) : nil, baseMargins: margins)
  }

  private func numbers(
    _ name: String, of table: Table, file: String, what: String
  ) throws(TernError) -> [Float] {
    guard case .numeric(let values) = table.columns[try table.index(of: name, file: file)].values else {
      throw TernError(.data, "\(what) must be numbers", file: file, key: name, found: "text")
    }
    return values
  }
}
