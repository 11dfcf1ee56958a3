import Diagnostics
public import Tensors

/// The columns that a network takes.
public struct TabularInputs: Codable, Sendable, Equatable {
  /// Number of numeric columns.
  public var numeric: Int
  /// Number of codes of each categorical column, those of unknown and missing categories among them.
  public var cardinalities: [Int]

  /// Columns.
  public init(numeric: Int, cardinalities: [Int] = []) {
    self.numeric = numeric
    self.cardinalities = cardinalities
  }

  /// Checks that there are columns, categories and outputs.
  /// - Throws: `TernError` of kind `configuration`.
  func validate(outputs: Int) throws(TernError) {
    try ConfigurationChecks.check("numeric", numeric, 0...largestWidth)
    try ConfigurationChecks.check("outputs", outputs, 1...largestWidth)
    for count in cardinalities {
      try ConfigurationChecks.check("cardinalities", count, 1...largestVocabulary)
    }
    guard numeric + cardinalities.count > 0 else {
      throw TernError(.configuration, "a network has columns", key: "numeric", found: "0")
    }
  }
}

/// A batch of rows of a table.
public struct TabularBatch {
  /// The numeric columns in order (batch, columns); nil when there are none.
  public let numeric: Tensor?
  /// Codes of the categorical columns in order (batch, columns), each below its column's cardinality; nil when there are none.
  public let categories: IndexTensor?

  /// A batch.
  public init(numeric: Tensor?, categories: IndexTensor? = nil) {
    self.numeric = numeric
    self.categories = categories
  }
}

/// A batch whose numbers are values of a backend, so that a result can be derived with respect to them.
public struct TabularInput<Value> {
  /// The numeric columns in order (batch, columns); nil when there are none.
  public let numeric: Value?
  /// Codes of the categorical columns in order (batch, columns); nil when there are none.
  public let categories: IndexTensor?

  /// A batch.
  public init(numeric: Value?, categories: IndexTensor? = nil) {
    self.numeric = numeric
    self.categories = categories
  }
}
