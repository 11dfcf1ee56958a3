/// What the numbers of a column mean.
public enum ColumnKind: Sendable, Equatable, Codable {
  /// Quantities in their natural order.
  case numeric
  /// Codes of unordered categories: code k is `vocabulary[k]`, -1 a category that the vocabulary does not know, NaN
  /// a missing value.
  case categorical(vocabulary: [String])

  /// The code of a category that the vocabulary does not know.
  public static let unseen: Float = -1

  /// The names of the categories, nil for a numeric column.
  public var vocabulary: [String]? {
    switch self {
    case .numeric: nil
    case .categorical(let vocabulary): vocabulary
    }
  }

  /// Whether the column holds category codes.
  public var isCategorical: Bool { vocabulary != nil }

  /// Whether a number may stand in such a column.
  func accepts(_ x: Float) -> Bool {
    switch self {
    case .numeric: true
    case .categorical(let vocabulary):
      x.isNaN || (x >= ColumnKind.unseen && x < Float(vocabulary.count) && x == x.rounded())
    }
  }
}
