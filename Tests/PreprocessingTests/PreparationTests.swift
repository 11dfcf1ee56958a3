import Compute
import Diagnostics
import Foundation
import Preprocessing
import Testing

@Suite("Preparation of tables")
struct PreparationTests {
  static let fittedRows = 160

  struct Case: Sendable, CustomTestStringConvertible {
    var kind: PreprocessingConfiguration.Numeric
    var quantiles = 0
    var suffix: String
    var testDescription: String { suffix }
  }

  static let cases = [
    Case(kind: .standard, suffix: "standard"), Case(kind: .robust, suffix: "robust"),
    // 160 rows: max(160 / 30, 10) quantiles.
    Case(kind: .quantileNormal, suffix: "quantile10"),
    Case(kind: .quantileNormal, quantiles: 13, suffix: "quantile13"),
  ]

  private func configuration(_ test: Case) -> PreprocessingConfiguration {
    var configuration = PreprocessingConfiguration()
    configuration.numeric = test.kind
    configuration.quantiles = test.quantiles
    configuration.noise = 0
    return configuration
  }

  /// scikit-learn's scalers, fitted on the first rows and applied to all (Golden/make.py, eight digits).
  @Test(arguments: cases)
  func numbersAreThoseOfScikitLearn(_ test: Case) throws {
    let golden = try GoldenTable()
    let names = golden.names.filter { !$0.contains("_") }
    #expect(names.count == 7)
    let columns = names.map { golden[$0].map(Float.init) }
    let pool = ThreadPool(threads: 2)
    let preparation = try TablePreparation(
      fitting: columns.map { Array($0.prefix(PreparationTests.fittedRows)) }, names: names,
      vocabularySizes: names.map { _ in nil }, configuration: configuration(test), pool: pool)
    let rows = preparation.rows(of: columns, pool: pool)
    #expect(preparation.numericWidth == names.count && rows.count == columns[0].count)
    for (index, name) in names.enumerated() {
      for (row, expected) in golden["\(name)_\(test.suffix)"].enumerated() where !expected.isNaN {
        let value = Double(rows.numbers[row * names.count + index])
        #expect(abs(value - expected) <= 1e-6 * max(abs(expected), 1), "\(name), row \(row)")
      }
    }
  }

  @Test func missingNumbersTakeTheMeanAndAnIndicator() throws {
    let pool = ThreadPool(threads: 1)
    var configuration = PreprocessingConfiguration()
    configuration.numeric = .standard
    configuration.missing = .indicator
    let training: [[Float]] = [[1, .nan, 3, 5], [0, 1, 0, 1], [.nan, .nan, .nan, .nan]]
    let preparation = try TablePreparation(
      fitting: training, names: ["a", "b", "c"], vocabularySizes: [nil, nil, nil],
      configuration: configuration, pool: pool)
    // Indicators of a and c; b had no missing cell.
    #expect(preparation.numericWidth == 5)
    let rows = preparation.rows(of: [[3, .nan, .infinity], [.nan, 1, 0], [7, .nan, 7]], pool: pool)
    #expect(rows.numbers == [0, 0, 7, 0, 0, 0, 1, 0, 1, 1, 0, -1, 7, 1, 0])
  }

  @Test func categoriesHaveRowsForMissingAndUnknown() throws {
    let pool = ThreadPool(threads: 1)
    var configuration = PreprocessingConfiguration()
    configuration.minFrequency = 2
    let preparation = try TablePreparation(
      fitting: [[0, 0, 1, 2, 2, .nan, -1]], names: ["a"], vocabularySizes: [4], configuration: configuration,
      pool: pool)
    // Kept: 0 and 2. Row 2 is missing, row 3 unknown, which the rare 1 and the absent 3 are too.
    #expect(preparation.cardinalities == [4] && preparation.numericWidth == 0)
    let rows = preparation.rows(of: [[0, 1, 2, 3, .nan, -1, 4, 1e9, -.infinity]], pool: pool)
    #expect(rows.categories == [0, 3, 1, 3, 2, 3, 3, 3, 3])
  }

  /// One row in place, all rows on some threads, and a preparation that was stored: the same bits.
  @Test(arguments: PreprocessingConfiguration.Numeric.allCases)
  func everyWayGivesTheSameBits(_ kind: PreprocessingConfiguration.Numeric) throws {
    var random = Philox(seed: 3)
    let rowCount = 1500
    var columns: [[Float]] = []
    for column in 0..<6 {
      columns.append(
        (0..<rowCount).map { _ in
          if random.uniform() < 0.1 { return .nan }
          return column % 3 == 2 ? Float(random.integer(below: 9)) : Float(random.normal())
        })
    }
    let sizes: [Int?] = [nil, nil, 9, nil, nil, 9]
    var configuration = PreprocessingConfiguration()
    configuration.numeric = kind
    configuration.missing = .indicator
    configuration.subsample = 700
    configuration.seed = 11
    func fit(_ threads: Int) throws -> TablePreparation {
      try TablePreparation(
        fitting: columns, names: (0..<6).map { "c\($0)" }, vocabularySizes: sizes,
        configuration: configuration, pool: ThreadPool(threads: threads))
    }
    let preparation = try fit(1)
    #expect(try fit(3) == preparation)
    let described = try JSONDecoder().decode(
      TablePreparation.self, from: JSONEncoder().encode(preparation))
    #expect(described.isComplete == preparation.quantiles.isEmpty)
    #expect(try described.filled(with: preparation.quantiles) == preparation)
    let rows = preparation.rows(of: columns, pool: ThreadPool(threads: 1))
    #expect(preparation.rows(of: columns, pool: ThreadPool(threads: 3)) == rows)
    var numbers = [Float](repeating: 0, count: preparation.numericWidth)
    var categories = [Int32](repeating: 0, count: preparation.cardinalities.count)
    for row in 0..<rowCount {
      let inputs = columns.map { $0[row] }
      inputs.withUnsafeBufferPointer { inputs in
        numbers.withUnsafeMutableBufferPointer { numbers in
          categories.withUnsafeMutableBufferPointer { categories in
            preparation.prepare(inputs, numbers: numbers, categories: categories)
          }
        }
      }
      #expect(numbers[...] == rows.numbers[row * numbers.count..<(row + 1) * numbers.count])
      #expect(categories[...] == rows.categories[row * categories.count..<(row + 1) * categories.count])
    }
  }

  /// Noise parts equal values and stays small: a column of two values keeps two groups of rows, whose quantiles are now
  /// all different; another seed gives others.
  @Test func noisePartsEqualValues() throws {
    let column = (0..<3000).map { Float($0 % 2) }
    func table(seed: UInt64) throws -> [Double] {
      var configuration = PreprocessingConfiguration()
      configuration.seed = seed
      let preparation = try TablePreparation(
        fitting: [column], names: ["a"], vocabularySizes: [nil], configuration: configuration,
        pool: ThreadPool(threads: 1))
      guard case .numeric(let number) = preparation.columns[0], case .quantile(let table) = number.transform
      else { return [] }
      return table.quantiles
    }
    let quantiles = try table(seed: 0)
    #expect(quantiles.count == 100 && Set(quantiles).count == 100)
    // 1e-3 / 0.5 is the noise's deviation; 3,000 draws stay within five of them but once in a thousand seeds.
    #expect(quantiles.allSatisfy { abs($0 - $0.rounded()) < 0.01 })
    #expect(try table(seed: 1) != quantiles)
  }

  /// A damaged file is refused, whatever it would have led to.
  @Test(arguments: [
    #"{"kind": "categorical", "rows": [0, 4], "cardinality": 4}"#,
    #"{"kind": "categorical", "rows": [-1], "cardinality": 4}"#,
    #"{"kind": "categorical", "rows": [], "cardinality": 1}"#,
    #"{"kind": "numeric", "transform": "linear", "center": 0, "scale": 0, "fill": 0, "indicator": false}"#,
    #"{"kind": "numeric", "transform": "quantile", "quantiles": 0, "fill": 0, "indicator": false}"#,
    #"{"kind": "numeric", "transform": "identity", "fill": 0, "indicator": false, "more": 1}"#,
  ])
  func damagedFilesAreRefused(_ column: String) {
    #expect(throws: TernError.self) {
      try JSONDecoder().decode(TablePreparation.self, from: Data(#"{"columns": [\#(column)]}"#.utf8))
    }
  }

  /// Files of before had the quantiles themselves where their number stands.
  @Test func quantilesInTheDescriptionAreRefused() {
    let column =
      #"{"kind": "numeric", "transform": "quantile", "quantiles": [1, 2], "fill": 0, "indicator": false}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TablePreparation.self, from: Data(#"{"columns": [\#(column)]}"#.utf8))
    }
  }

  /// So are quantiles that are not those of the description.
  @Test func damagedQuantilesAreRefused() throws {
    let column =
      #"{"kind": "numeric", "transform": "quantile", "quantiles": 2, "fill": 0, "indicator": false}"#
    let described = try JSONDecoder().decode(
      TablePreparation.self, from: Data(#"{"columns": [\#(column), \#(column)]}"#.utf8))
    #expect(!described.isComplete)
    #expect(try described.filled(with: [1, 2, -1, -1]).quantiles == [1, 2, -1, -1])
    for wrong in [[1], [2, 1, 1, 2], [1, 2, 1, .nan], [], [1, 2, 3, 4, 5]] {
      #expect(throws: TernError.self) { try described.filled(with: wrong) }
    }
  }

  @Test func targetsAreScaledAndRestored() throws {
    let scaling = try TargetScaling(fitting: [2, 4, 4, 4, 5, 5, 7, 9])
    #expect(scaling.mean == 5 && scaling.deviation == 2)
    #expect(scaling.scaled(9) == 2 && scaling.restored(-1.5) == 2)
    #expect(try TargetScaling(fitting: [3, 3]).deviation == 1)
    #expect(throws: TernError.self) { try TargetScaling(fitting: [1, .nan]) }
    #expect(throws: TernError.self) { try TargetScaling(fitting: []) }
  }

  @Test func badInputsAreRefused() throws {
    let pool = ThreadPool(threads: 1)
    #expect(throws: TernError(.data, "is infinite", key: "a", found: "row 2 of the training rows")) {
      try TablePreparation(
        fitting: [[1, .infinity]], names: ["a"], vocabularySizes: [nil], configuration: .init(), pool: pool)
    }
    #expect(throws: TernError.self) {
      try TablePreparation(
        fitting: [[]], names: ["a"], vocabularySizes: [nil], configuration: .init(), pool: pool)
    }
    for wrong in [
      #"{"numeric": "log"}"#, #"{"quantiles": 1}"#, #"{"noise": -1}"#, #"{"quantile": 10}"#,
      #"{"subsample": 5, "quantiles": 10}"#,
    ] {
      #expect(throws: (any Error).self, "\(wrong)") {
        try JSONDecoder().decode(PreprocessingConfiguration.self, from: Data(wrong.utf8))
      }
    }
  }
}
