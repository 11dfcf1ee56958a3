import Foundation
import Testing

@testable import Boosting

/// Borders of columns with many equal gains are CatBoost's own (Golden/make_catboost_borders.py).
@Suite("Borders after CatBoost")
struct BorderGoldenTests {
  private static let columns: [String: @Sendable (Int) -> Int] = [
    "squares": { row in (row * 7919 % 1009) * (row * 7919 % 1009) % 5003 },
    "skewed": { row in
      let base = row * 104_729 % 2048
      return row % 3 == 0 ? 0 : base * base * base / 99_991
    },
    "even": { row in row * 2731 % 4096 },
  ]

  @Test
  func bordersAreCatBoosts() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/catboost_borders.csv")
    let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").dropFirst()
    #expect(lines.count == 12)
    for line in lines {
      let cells = line.split(separator: ",")
      let rule = try #require(BorderGoldenTests.columns[String(cells[0])])
      let type = try #require(ObliviousConfiguration.BorderType(rawValue: String(cells[1])))
      let column = (0..<4096).map { Float(rule($0)) }
      let own = BorderSelection(DistinctValues(column: column, rows: nil, weights: nil)).borders(
        type, count: try #require(Int(cells[2])))
      #expect(own == cells[3].split(separator: " ").compactMap { Float($0) }, "\(cells[0...2])")
    }
  }
}
