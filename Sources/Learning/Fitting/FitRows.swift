import Networks

/// Rows as a network takes them, prepared: numbers and category codes, row by row.
public struct FitRows: Sendable, Equatable {
  /// What a row holds.
  public let inputs: TabularInputs
  /// Numbers, row-major `(row, numeric column)`.
  public let numeric: [Float]
  /// Category codes, row-major `(row, categorical column)`.
  public let categories: [Int32]
  /// Number of rows.
  public let count: Int

  /// Gathers rows; the lengths must agree, and codes lie below their column's number of categories.
  public init(inputs: TabularInputs, numeric: [Float], categories: [Int32], count: Int) {
    let cardinalities = inputs.cardinalities
    precondition(numeric.count == count * inputs.numeric, "there is a number for each row and column")
    precondition(
      categories.count == count * cardinalities.count, "there is a code for each row and column")
    for (place, code) in categories.enumerated() {
      precondition(
        code >= 0 && Int(code) < cardinalities[place % cardinalities.count],
        "a code lies below its column's number of categories")
    }
    self.inputs = inputs
    self.numeric = numeric
    self.categories = categories
    self.count = count
  }
}

/// Rows with what is known of them.
public struct FitTable: Sendable {
  /// The rows.
  public let rows: FitRows
  /// One target a row: the class, or the (scaled) number.
  public let targets: [Float]
  /// One weight a row; nil counts all alike.
  public let weights: [Float]?

  /// Gathers a table; the lengths must agree.
  public init(rows: FitRows, targets: [Float], weights: [Float]? = nil) {
    precondition(targets.count == rows.count, "every row has a target")
    precondition(weights.map { $0.count == rows.count } ?? true, "every row has a weight")
    self.rows = rows
    self.targets = targets
    self.weights = weights
  }
}
