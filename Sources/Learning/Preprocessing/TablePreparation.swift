import Compute
import Diagnostics

/// Model inputs as a network reads them, fitted on training rows and stored with the model.
///
/// Inputs are columns of floats as `ModelSignature` and boosting have them: numbers, and codes of categories with NaN for
/// a missing cell and -1 for an unknown value. They become a matrix of numbers, numeric columns in their order and behind
/// them the indicators of missing ones, and a matrix of embedding rows, categorical columns in their order.
public struct TablePreparation: Sendable, Equatable {
  /// One for each input.
  public let columns: [PreparedColumn]

  /// Number of numeric columns, with indicators.
  public let numericWidth: Int
  /// Rows of the embedding of each categorical column.
  public let cardinalities: [Int]

  /// Fits the preparation.
  /// - Parameters:
  ///   - training: columns of the training rows. Shape: (feature, row).
  ///   - names: what errors call the columns.
  ///   - vocabularySizes: number of known categories of each column, nil for a numeric one.
  /// - Throws: `TernError` of kind `data` where there is no row or an infinite number, `configuration` for a value out of range.
  public init(
    fitting training: [[Float]], names: [String], vocabularySizes: [Int?],
    configuration: PreprocessingConfiguration, pool: ThreadPool
  ) throws(TernError) {
    precondition(
      names.count == training.count && vocabularySizes.count == training.count
        && training.allSatisfy { $0.count == training[0].count }, "columns, names and kinds differ in number")
    try configuration.validate()
    guard let rows = training.first?.count, rows > 0 else {
      throw TernError(.data, "there are no training rows to fit the preparation to")
    }
    for (name, column) in zip(names, training) {
      if let row = column.firstIndex(where: \.isInfinite) {
        throw TernError(.data, "is infinite", key: name, found: "row \(row + 1) of the training rows")
      }
    }
    self.init(
      columns: [PreparedColumn](unsafeUninitializedCapacity: training.count) { places, initialised in
        pool.parallelFor(count: training.count) { index, _ in
          places.initializeElement(
            at: index,
            to: TablePreparation.column(
              training[index], vocabularySize: vocabularySizes[index], configuration,
              stream: UInt64(index)))
        }
        initialised = training.count
      })
  }

  init(columns: [PreparedColumn]) {
    self.columns = columns
    var numbers = 0
    var indicators = 0
    var cardinalities: [Int] = []
    for column in columns {
      switch column {
      case .numeric(let number):
        numbers += 1
        indicators += number.hasIndicator ? 1 : 0
      case .categorical(let category): cardinalities.append(category.cardinality)
      }
    }
    numericWidth = numbers + indicators
    self.cardinalities = cardinalities
  }

  /// Each column draws from a stream of its own, so that the order of fitting does not matter.
  private static func column(
    _ values: [Float], vocabularySize: Int?, _ configuration: PreprocessingConfiguration, stream: UInt64
  ) -> PreparedColumn {
    if let vocabularySize {
      return .categorical(
        PreparedCategory(
          fitting: values, vocabularySize: vocabularySize, minFrequency: configuration.minFrequency))
    }
    var random = Philox(seed: configuration.seed, stream: stream)
    let present = values.filter { !$0.isNaN }
    let transform = NumericTransform(fitting: present, configuration, random: &random)
    let mean = present.isEmpty ? 0 : NumericTransform.moments(of: present.map(Double.init)).mean
    return .numeric(
      PreparedNumber(
        transform: transform, fill: transform(Float(mean)),
        hasIndicator: configuration.missing == .indicator && present.count < values.count))
  }
}
