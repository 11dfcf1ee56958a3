/// How one column of a model's inputs is prepared, fitted on training rows.
public enum PreparedColumn: Sendable, Equatable {
  /// A number.
  case numeric(PreparedNumber)
  /// A category.
  case categorical(PreparedCategory)
}

/// A numeric column: transformed, with a stand-in for missing values.
public struct PreparedNumber: Sendable, Equatable {
  /// What present values go through.
  public let transform: NumericTransform
  /// What stands for a missing one, after the transform.
  public let fill: Float
  /// Whether another column says where values were missing.
  public let hasIndicator: Bool
}

/// A categorical column: codes become rows of an embedding.
///
/// The training vocabulary itself is part of the model's signature; here each of its codes has a row. The last two rows
/// are those of missing and of unknown values: missing is `cardinality` - 2, unknown `cardinality` - 1. An embedding that
/// no training row asked for keeps its initial value.
public struct PreparedCategory: Sendable, Equatable {
  /// The row of each code.
  public let rows: [Int32]
  /// Number of rows of the embedding.
  public let cardinality: Int

  /// The row of a code as model inputs have it: a position in the vocabulary, NaN where missing, else unknown.
  public func callAsFunction(_ code: Float) -> Int32 {
    if code.isNaN { return Int32(cardinality - 2) }
    guard code >= 0, code < Float(rows.count) else { return Int32(cardinality - 1) }
    return rows[Int(code)]
  }

  init(rows: [Int32], cardinality: Int) {
    self.rows = rows
    self.cardinality = cardinality
  }

  /// Gives rows to the codes that training rows have often enough, in the vocabulary's order.
  init(fitting codes: [Float], vocabularySize: Int, minFrequency: Int) {
    var counts = [Int](repeating: 0, count: vocabularySize)
    for code in codes where code >= 0 && code < Float(vocabularySize) { counts[Int(code)] += 1 }
    let kept = counts.count { $0 >= minFrequency }
    var next: Int32 = 0
    rows = counts.map { count in
      guard count >= minFrequency else { return Int32(kept + 1) }
      defer { next += 1 }
      return next
    }
    cardinality = kept + 2
  }
}
