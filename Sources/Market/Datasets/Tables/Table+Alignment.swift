import Diagnostics

/// What a model remembers of a training column, so that later tables are read alike.
public struct ColumnSchema: Codable, Equatable, Sendable {
  /// The column's name.
  public var name: String
  /// What its cells are.
  public var kind: ColumnKind
  /// The texts by code, for categorical columns; empty otherwise.
  public var vocabulary: [String]

  /// Creates a schema.
  public init(name: String, kind: ColumnKind, vocabulary: [String] = []) {
    self.name = name
    self.kind = kind
    self.vocabulary = vocabulary
  }
}

extension Table {
  /// The schema of every column.
  public var schema: [ColumnSchema] {
    columns.map {
      if case .categorical(_, let vocabulary) = $0.values {
        return ColumnSchema(name: $0.name, kind: .categorical, vocabulary: vocabulary)
      }
      return ColumnSchema(name: $0.name, kind: .numeric)
    }
  }

  /// The columns of a schema in its order, with categorical codes of its vocabularies.
  ///
  /// A text that the schema does not know becomes −1, like a missing cell, and is counted in `warnings`. A column
  /// that is entirely missing fits either kind.
  /// - Throws: `TernError` of kind `data` when a column is absent or of the other kind.
  public func aligned(to schema: [ColumnSchema], file: String? = nil) throws(TernError) -> Table {
    var aligned = Table(columns: [], rowCount: rowCount)
    aligned.warnings = warnings
    for wanted in schema {
      let column = columns[try index(of: wanted.name, file: file)]
      switch (column.values, wanted.kind) {
      case (.numeric, .numeric): aligned.columns.append(column)
      case (.categorical(let codes, let vocabulary), .categorical):
        var known: [String: Int32] = [:]
        for (code, word) in wanted.vocabulary.enumerated() { known[word] = Int32(code) }
        let translation = vocabulary.map { known[$0] ?? -1 }
        var unknown = 0
        let translated = codes.map { code -> Int32 in
          guard code >= 0 else { return -1 }
          let target = translation[Int(code)]
          if target < 0 { unknown += 1 }
          return target
        }
        if unknown > 0 {
          aligned.warnings.append(
            "\(wanted.name): \(unknown) cells hold texts that training did not see; they count as missing")
        }
        aligned.columns.append(
          Column(name: wanted.name, values: .categorical(codes: translated, vocabulary: wanted.vocabulary)))
      case (.numeric(let cells), .categorical) where cells.allSatisfy(\.isNaN):
        aligned.columns.append(
          Column(
            name: wanted.name,
            values: .categorical(codes: Array(repeating: -1, count: rowCount), vocabulary: wanted.vocabulary))
        )
      case (.categorical(let codes, _), .numeric) where codes.allSatisfy({ $0 < 0 }):
        aligned.columns.append(
          Column(name: wanted.name, values: .numeric(Array(repeating: .nan, count: rowCount))))
      default:
        throw TernError(
          .data, "the column is of another kind than in training", file: file, key: wanted.name,
          found: column.kind.rawValue, expected: wanted.kind.rawValue)
      }
    }
    return aligned
  }
}
