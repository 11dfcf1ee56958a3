import Foundation
import Market
import Testing

@testable import Features

/// TA-Lib's outputs, written by Golden/talib_golden.py; the first line names the version.
struct TALibGolden {
  let names: [String]
  let rows: [(row: Int, values: [Double?])]

  init(_ file: String) throws {
    let text = try String(contentsOf: TestMarket.golden.appendingPathComponent(file), encoding: .utf8)
    let lines = text.split(separator: "\n").dropFirst()
    names = lines.first.map { $0.split(separator: ",").dropFirst().map(String.init) } ?? []
    rows = lines.dropFirst().map { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      return (Int(cells[0]) ?? -1, cells.dropFirst().map { Double($0) })
    }
  }

  /// The largest disagreement of each feature with a matrix, as a multiple of what is allowed.
  ///
  /// Allowed is 1e-6 of the value plus a floor for values near zero, where the relative form of the feature cancels
  /// against 1 (distances) or against the running sums inside TA-Lib.
  func disagreements(with matrix: FeatureMatrix) -> [(name: String, excess: Double, row: Int, compared: Int)]
  {
    names.enumerated().map { position, name in
      var worst = (excess: 0.0, row: -1)
      var compared = 0
      let floor = TALibGolden.floor(matrix.schema.features.first { $0.name == name })
      for (row, values) in rows {
        guard let expected = values[position] else { continue }
        let found = matrix.value(name, row)
        compared += 1
        let excess = abs(found - expected) / (1e-6 * abs(expected) + floor)
        if !(excess <= worst.excess) { worst = (excess.isNaN ? .infinity : excess, row) }
      }
      return (name, worst.excess, worst.row, compared)
    }
  }

  /// Absolute floors: percentages are good to 1e-6 points, everything else to 1e-9 (a relative price of 1e-9 is far
  /// below one tick).
  private static func floor(_ feature: FeatureDefinition?) -> Double {
    feature?.unit == "percent" ? 1e-6 : 1e-9
  }
}

@Suite struct GoldenTests {
  @Test func agreesWithTALibOnSyntheticCandles() throws {
    let golden = try TALibGolden("synthetic_talib.csv")
    let candles = try TestMarket.committed()
    let matrix = try FeatureBuilder.build(
      MarketData(candles: candles), schema: FeatureCatalogue.schema(for: .minute))
    #expect(golden.names.count >= 60)
    for result in golden.disagreements(with: matrix) {
      #expect(result.compared > 90, "\(result.name)")
      #expect(result.excess <= 1, "\(result.name) at row \(result.row)")
    }
  }

  @Test(.enabled(if: TestMarket.realCandlesPath != nil, "skipped: no shared data"))
  func agreesWithTALibOnRealCandles() throws {
    let golden = try TALibGolden("real_talib.csv")
    let candles = try TestMarket.compressed(#require(TestMarket.realCandlesPath), rows: 20_000)
    let matrix = try FeatureBuilder.build(
      MarketData(candles: candles), schema: FeatureCatalogue.schema(for: .minute))
    for result in golden.disagreements(with: matrix) {
      #expect(result.compared > 35, "\(result.name)")
      #expect(result.excess <= 1, "\(result.name) at row \(result.row)")
    }
  }
}
