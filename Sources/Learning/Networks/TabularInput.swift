public import Tensors

/// A batch of rows of a table as a network takes it.
public struct TabularInput<Value> {
  /// The numeric columns in order (batch, columns); nil when there are none.
  public let numeric: Value?
  /// Codes of the categorical columns in order (batch, columns), each below its column's number of categories; nil when
  /// there are none.
  public let categories: IndexTensor?

  /// A batch; at least one of the two is present.
  public init(numeric: Value?, categories: IndexTensor? = nil) {
    precondition(numeric != nil || categories != nil, "a batch has columns")
    self.numeric = numeric
    self.categories = categories
  }
}
