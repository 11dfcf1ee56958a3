import Artifacts
import Datasets
import Diagnostics

/// How the columns of a table become the inputs and the target of a model.
///
/// Numeric columns enter as they are; text columns enter as the rank of their value in the sorted training
/// vocabulary, an unseen value as missing. A missing cell enters as missing too, or, where the vocabulary holds the
/// empty text, as that category. Numeric targets of a classification are ordered by value, text targets
/// alphabetically; class k is the k-th in that order.
extension ModelSignature {
  /// The signature of a training table: all its columns in order, without the target and the dropped ones.
  /// - Parameter missingIsCategory: whether a text column with missing cells has the empty text as a category.
  /// - Throws: `TernError` of kind `data` when the target is missing, empty, or has too few or too many classes.
  public init(
    fitting table: Table, target: String, task: Task, dropping dropped: [String] = [],
    missingIsCategory: Bool = false, file: String? = nil
  ) throws(TernError) {
    let targetColumn = table.columns[try table.index(of: target, file: file)]
    for name in dropped { _ = try table.index(of: name, file: file) }
    let inputs = table.columns.filter { $0.name != target && !dropped.contains($0.name) }.map { column in
      switch column.values {
      case .numeric: return Input(name: column.name)
      case .categorical(let codes, let vocabulary):
        let missing = missingIsCategory && codes.contains { $0 < 0 } ? [""] : []
        return Input(name: column.name, vocabulary: missing + vocabulary.sorted())
      }
    }
    self.init(
      inputs: inputs, target: target, task: task,
      classes: task == .regression ? [] : ModelSignature.classNames(of: targetColumn))
    guard !inputs.isEmpty else {
      throw TernError(.data, "there is no column besides the target", file: file, key: target)
    }
    switch task {
    case .regression: break
    case .binary where classes.count != 2:
      throw TernError(
        .data, "the target of a binary task must have two classes", file: file, key: target,
        found: ModelSignature.listing(classes), expected: "two classes")
    case .multiclass where classes.count < 2:
      throw TernError(
        .data, "the target has one class only", file: file, key: target,
        found: ModelSignature.listing(classes),
        expected: "at least two classes")
    case .multiclass where classes.count > 1000:
      throw TernError(
        .data, "the target has too many classes; is it a number to be regressed on?", file: file, key: target,
        found: "\(classes.count)", expected: "at most 1000")
    default: break
    }
  }

  /// How to read another table so that its columns fit these.
  public var readerOptions: TableReader.Options {
    var options = TableReader.Options()
    for input in inputs { options.kinds[input.name] = input.vocabulary == nil ? .numeric : .categorical }
    return options
  }

  /// The input columns of a table in model order, NaN where missing or unseen. Shape: (feature, row).
  /// - Throws: `TernError` of kind `data` naming a missing column or one of the wrong kind.
  public func inputs(of table: Table, file: String? = nil) throws(TernError) -> [[Float]] {
    var columns: [[Float]] = []
    for input in inputs {
      let column = table.columns[try table.index(of: input.name, file: file)]
      switch (column.values, input.vocabulary) {
      case (.numeric(let values), nil):
        columns.append(values)
      case (.categorical(let codes, let vocabulary), let known?):
        let rank = vocabulary.map { name -> Float in
          let index = ModelSignature.position(of: name, in: known)
          return index.map(Float.init) ?? .nan
        }
        let missing: Float = known.first == "" ? 0 : .nan
        columns.append(codes.map { $0 < 0 ? missing : rank[Int($0)] })
      case (.numeric(let values), let known?) where values.allSatisfy(\.isNaN):
        columns.append(known.first == "" ? [Float](repeating: 0, count: values.count) : values)
      default:
        throw TernError(
          .data, "the column is of another kind than in training", file: file, key: input.name,
          found: "a \(column.kind.rawValue) column",
          expected: input.vocabulary == nil ? "numbers" : "text")
      }
    }
    return columns
  }

  /// The target of every row: the class index, or the number. Shape: (row).
  /// - Throws: `TernError` of kind `data` naming the row of a missing target or an unknown class.
  public func labels(of table: Table, file: String? = nil) throws(TernError) -> [Float] {
    let column = table.columns[try table.index(of: target, file: file)]
    if task == .regression {
      guard case .numeric(let values) = column.values else {
        throw TernError(
          .data, "the target of a regression must be numbers", file: file, key: target, found: "text")
      }
      if let row = values.firstIndex(where: { !$0.isFinite }) { throw missingTarget(row, file) }
      return values
    }
    switch column.values {
    case .numeric(let values):
      let indices = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Float($0)) })
      var known: [Float: Float] = [:]
      return try labels(rows: values.count, file: file) { row in
        guard values[row].isFinite else { return nil }
        if let index = known[values[row]] { return (index, "") }
        let name = ModelSignature.text(values[row])
        known[values[row]] = indices[name]
        return (indices[name], name)
      }
    case .categorical(let codes, let vocabulary):
      let indices = vocabulary.map { name in classes.firstIndex(of: name).map(Float.init) }
      return try labels(rows: codes.count, file: file) { row in
        codes[row] < 0 ? nil : (indices[Int(codes[row])], vocabulary[Int(codes[row])])
      }
    }
  }

  /// Class indices of all rows; `lookUp` gives nil for a missing cell and no index for an unknown class.
  private func labels(
    rows: Int, file: String?, lookUp: (Int) -> (index: Float?, name: String)?
  ) throws(TernError) -> [Float] {
    var labels: [Float] = []
    labels.reserveCapacity(rows)
    for row in 0..<rows {
      guard let cell = lookUp(row) else { throw missingTarget(row, file) }
      guard let index = cell.index else {
        throw TernError(
          .data, "the class of row \(row + 1) was not seen in training", file: file, key: target,
          found: "\"\(cell.name)\"", expected: ModelSignature.listing(classes))
      }
      labels.append(index)
    }
    return labels
  }

  private func missingTarget(_ row: Int, _ file: String?) -> TernError {
    TernError(.data, "the target of row \(row + 1) is missing", file: file, key: target)
  }

  private static func listing(_ classes: [String]) -> String {
    classes.isEmpty ? "none" : classes.prefix(10).joined(separator: ", ") + (classes.count > 10 ? ", …" : "")
  }

  private static func position(of name: String, in sorted: [String]) -> Int? {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < name { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && sorted[low] == name ? low : nil
  }

  private static func classNames(of column: Column) -> [String] {
    switch column.values {
    case .numeric(let values):
      return Set(values.filter(\.isFinite)).sorted().map(text)
    case .categorical(let codes, let vocabulary):
      let used = Set(codes)
      return vocabulary.indices.filter { used.contains(Int32($0)) }.map { vocabulary[$0] }.sorted()
    }
  }

  private static func text(_ value: Float) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
