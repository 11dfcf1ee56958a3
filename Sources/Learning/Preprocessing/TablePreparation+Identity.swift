extension TablePreparation {
  /// Inputs that a network reads as they are: numbers, 0 where they are missing, and codes with a row of the embedding each.
  ///
  /// The last two rows of each embedding are those of missing and of unknown values.
  /// - Parameter rows: the embedding row of each code of a categorical column, all below their number; nil for a numeric column.
  public init(identity rows: [[Int32]?]) {
    self.init(
      columns: rows.map { rows in
        guard let rows else {
          return .numeric(PreparedNumber(transform: .identity, fill: 0, hasIndicator: false))
        }
        precondition(rows.allSatisfy { $0 >= 0 && $0 < rows.count }, "a code has a row of the embedding")
        return .categorical(PreparedCategory(rows: rows, cardinality: rows.count + 2))
      })
  }
}
