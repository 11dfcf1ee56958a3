import Compute

extension TablePreparation {
  /// Rows as a network reads them.
  public struct Rows: Sendable, Equatable {
    /// Numbers and indicators. Shape: (row, `numericWidth`).
    public var numbers: [Float]
    /// Embedding rows. Shape: (row, categorical column).
    public var categories: [Int32]
    /// Number of rows.
    public var count: Int

    /// Gathers the parts.
    public init(numbers: [Float], categories: [Int32], count: Int) {
      self.numbers = numbers
      self.categories = categories
      self.count = count
    }
  }

  /// Prepares all rows of columns. Shape of the input: (feature, row).
  ///
  /// An infinite number counts as missing.
  public func rows(of inputs: [[Float]], pool: ThreadPool) -> Rows {
    precondition(inputs.count == columns.count, "the inputs have another number of columns")
    let count = inputs.first?.count ?? 0
    precondition(inputs.allSatisfy { $0.count == count }, "columns differ in length")
    let places = Places(columns)
    let categoryWidth = cardinalities.count
    var categories = [Int32](repeating: 0, count: count * categoryWidth)
    let numbers = [Float](unsafeUninitializedCapacity: count * numericWidth) { numbers, initialised in
      categories.withUnsafeMutableBufferPointer { categories in
        pool.parallelChunks(of: count, chunk: 512) { range, _ in
          for (index, column) in columns.enumerated() {
            let cells = inputs[index]
            for row in range {
              TablePreparation.prepare(
                cells[row], column, places.value[index], places.indicator[index],
                UnsafeMutableBufferPointer(rebasing: numbers[row * numericWidth..<(row + 1) * numericWidth]),
                UnsafeMutableBufferPointer(
                  rebasing: categories[row * categoryWidth..<(row + 1) * categoryWidth]))
            }
          }
        }
      }
      initialised = count * numericWidth
    }
    return Rows(numbers: numbers, categories: categories, count: count)
  }

  /// Prepares one row in place, without allocating: for serving.
  /// - Parameters:
  ///   - inputs: one value for each column.
  ///   - numbers: room for `numericWidth` numbers.
  ///   - categories: room for a row number of each categorical column.
  public func prepare(
    _ inputs: UnsafeBufferPointer<Float>, numbers: UnsafeMutableBufferPointer<Float>,
    categories: UnsafeMutableBufferPointer<Int32>
  ) {
    precondition(
      inputs.count == columns.count && numbers.count == numericWidth
        && categories.count == cardinalities.count, "a row of another width")
    var number = 0
    var indicator = numericWidth - indicatorCount
    var category = 0
    for index in columns.indices {
      switch columns[index] {
      case .numeric(let prepared):
        TablePreparation.prepare(inputs[index], columns[index], number, indicator, numbers, categories)
        number += 1
        if prepared.hasIndicator { indicator += 1 }
      case .categorical:
        TablePreparation.prepare(inputs[index], columns[index], category, 0, numbers, categories)
        category += 1
      }
    }
  }

  private var indicatorCount: Int { numericWidth - (columns.count - cardinalities.count) }

  @inline(__always)
  private static func prepare(
    _ cell: Float, _ column: PreparedColumn, _ place: Int, _ indicator: Int,
    _ numbers: UnsafeMutableBufferPointer<Float>, _ categories: UnsafeMutableBufferPointer<Int32>
  ) {
    switch column {
    case .numeric(let prepared):
      numbers[place] = cell.isFinite ? prepared.transform(cell) : prepared.fill
      if prepared.hasIndicator { numbers[indicator] = cell.isFinite ? 0 : 1 }
    case .categorical(let prepared): categories[place] = prepared(cell)
    }
  }

  /// Where each column's results stand in a row.
  private struct Places {
    var value: [Int] = []
    var indicator: [Int] = []

    init(_ columns: [PreparedColumn]) {
      var numbers = 0
      var categories = 0
      for column in columns {
        switch column {
        case .numeric:
          value.append(numbers)
          numbers += 1
        case .categorical:
          value.append(categories)
          categories += 1
        }
      }
      for column in columns {
        indicator.append(numbers)
        if case .numeric(let prepared) = column, prepared.hasIndicator { numbers += 1 }
      }
    }
  }
}
