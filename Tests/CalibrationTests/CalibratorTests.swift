import Diagnostics
import Foundation
import Testing

@testable import Calibration

@Suite("Calibrator")
struct CalibratorTests {
  private static func all() throws -> [Calibrator] {
    let curve = try IsotonicCurve(inputs: [0.1, 0.3, 0.9], outputs: [0.05, 0.4, 0.8])
    let sigmoid = try PlattScaling(slope: -0.7, offset: 0.2)
    return [
      .identity, .temperature(try TemperatureScaling(temperature: 1.7)), .platt([sigmoid]),
      .isotonic([curve]),
    ]
  }

  /// Seven classes, with numbers that have no short decimal form.
  private static func manyClasses() throws -> [Calibrator] {
    let curves = try (0..<7).map { k in
      let knots = (0..<(2 + k)).map { Double($0 + 1) / 9.7 }
      return try IsotonicCurve(inputs: knots, outputs: knots.map { $0.squareRoot() / Double(k + 1) })
    }
    let sigmoids = try (0..<7).map {
      try PlattScaling(slope: -0.3 * Double($0 + 1) / 1.7, offset: 0.1 / Double($0 + 3))
    }
    return [.temperature(try TemperatureScaling(temperature: 1 / 0.7)), .platt(sigmoids), .isotonic(curves)]
  }

  private static func rows(of classes: Int) -> [Double] {
    (0..<50).flatMap { row in
      let scores = (0..<classes).map { 1 + Double((row * 31 + $0 * 17) % 23) }
      let sum = scores.reduce(0, +)
      return scores.map { $0 / sum }
    }
  }

  @Test func isRestoredFromJSON() throws {
    for calibrator in try Self.all() + Self.manyClasses() {
      let data = try JSONEncoder().encode(calibrator)
      #expect(try JSONDecoder().decode(Calibrator.self, from: data) == calibrator)
    }
    let temperature = Calibrator.temperature(try TemperatureScaling(temperature: 2))
    let text = String(decoding: try JSONEncoder().encode(temperature), as: UTF8.self)
    #expect(text.contains("\"temperature\":2"))
  }

  @Test(arguments: [
    #"{"method":"isotonic","maps":[]}"#,
    #"{"method":"isotonic","maps":[{"inputs":[0.2,0.1],"outputs":[0.1,0.2]}]}"#,
    #"{"method":"isotonic","maps":[{"inputs":[0.1,0.2],"outputs":[0.3,0.2]}]}"#,
    #"{"method":"isotonic","maps":[{"inputs":[0.1],"outputs":[1.2]}]}"#,
    #"{"method":"isotonic","maps":[{"inputs":[0.1,0.2],"outputs":[0.3]}]}"#,
    #"{"method":"platt","maps":[{"slope":-1,"offset":0},{"slope":-1,"offset":0}]}"#,
    #"{"method":"temperature","temperature":0}"#,
    #"{"method":"temperature"}"#,
    #"{"method":"magic"}"#,
  ])
  func damagedJSONIsRefused(text: String) {
    #expect(throws: (any Error).self) { try JSONDecoder().decode(Calibrator.self, from: Data(text.utf8)) }
  }

  @Test func rowsScalarsAndTablesAgree() throws {
    for calibrator in try Self.all() {
      var table: [Double] = []
      for step in 0...20 {
        let p = Double(step) / 20
        var row = [1 - p, p]
        calibrator.apply(&row)
        // Temperature works on two log-probabilities or on their difference: equal up to rounding.
        let scalar = calibrator.apply(positive: p)
        #expect(abs(row[1] - scalar) < 1e-14)
        let sum = row[0] + row[1]
        #expect(abs(sum - 1) < 1e-15)
        table += [1 - p, p]
      }
      var all = table
      calibrator.apply(&all, classes: 2)
      for start in stride(from: 0, to: table.count, by: 2) {
        var row = [table[start], table[start + 1]]
        calibrator.apply(&row)
        #expect(Array(all[start..<start + 2]) == row)
      }
    }
  }

  @Test func oneRowOfManyClassesEqualsItsRowInATable() throws {
    let table = Self.rows(of: 7)
    for calibrator in try Self.manyClasses() {
      let restored = try JSONDecoder().decode(Calibrator.self, from: JSONEncoder().encode(calibrator))
      var all = table
      calibrator.apply(&all, classes: 7)
      #expect(all != table)
      for start in stride(from: 0, to: table.count, by: 7) {
        var row = Array(table[start..<start + 7])
        restored.apply(&row)
        #expect(row.map(\.bitPattern) == all[start..<start + 7].map(\.bitPattern))
        // Seven divisions and additions of numbers at most one.
        #expect(abs(row.reduce(0, +) - 1) < 1e-14)
        #expect(row.allSatisfy { $0 >= 0 && $0 <= 1 })
      }
    }
  }

  @Test func higherProbabilitiesNeverCalibrateLower() throws {
    for calibrator in try Self.all() {
      let mapped = (0...10_000).map { calibrator.apply(positive: Double($0) / 10_000) }
      #expect(zip(mapped, mapped.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(mapped.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
  }

  /// A missing answer must not turn into an even row, which would look like an honest "no idea".
  @Test func notANumberComesOutAsNotANumber() throws {
    for calibrator in try Self.all() {
      var row = [Double.nan, .nan]
      calibrator.apply(&row)
      #expect(row.allSatisfy { $0.isNaN })
      #expect(calibrator.apply(positive: .nan).isNaN)
    }
    for calibrator in try Self.manyClasses() {
      var row = Array(Self.rows(of: 7).prefix(7))
      row[3] = .nan
      calibrator.apply(&row)
      #expect(row.allSatisfy { $0.isNaN })
    }
  }

  @Test func isotonicInterpolatesAndHoldsItsEnds() throws {
    let curve = try IsotonicCurve(inputs: [0.2, 0.4, 0.4.nextUp, 0.8], outputs: [0.1, 0.3, 0.5, 0.9])
    #expect(curve.value(at: 0) == 0.1 && curve.value(at: 0.2) == 0.1)
    #expect(abs(curve.value(at: 0.3) - 0.2) < 1e-15)
    #expect(curve.value(at: 0.4) == 0.3 && curve.value(at: 0.4.nextUp) == 0.5)
    #expect(curve.value(at: 0.8) == 0.9 && curve.value(at: 1) == 0.9)
    #expect(curve.value(at: .nan).isNaN)
    #expect(try IsotonicCurve(inputs: [0.5], outputs: [0.3]).value(at: 0.9) == 0.3)
  }

  @Test func oneVersusRestRowsAreDividedByTheirSum() throws {
    let maps = try [0.2, 0.4, 0.1].map { try IsotonicCurve(inputs: [0.5], outputs: [$0]) }
    var row = [0.3, 0.3, 0.4]
    Calibrator.isotonic(maps).apply(&row)
    let shares: [Double] = [2.0 / 7.0, 4.0 / 7.0, 1.0 / 7.0]
    for (found, expected) in zip(row, shares) { #expect(abs(found - expected) < 1e-15) }
    let zeros = try [IsotonicCurve](repeating: IsotonicCurve(inputs: [0.5], outputs: [0]), count: 3)
    Calibrator.isotonic(zeros).apply(&row)
    #expect(row == [Double](repeating: 1.0 / 3.0, count: 3))
  }

  @Test func temperatureKeepsTheRankingAndSurvivesZeros() throws {
    var row = [0.0, 0.3, 0.7, 0.0]
    Calibrator.temperature(try TemperatureScaling(temperature: 2)).apply(&row)
    #expect(row[2] > row[1])
    #expect(row[1] > row[0])
    #expect(row[0] == row[3])
    #expect(row[0] >= 0)
    let ratio: Double = row[2] / row[1]
    #expect(abs(ratio - (0.7 / 0.3).squareRoot()) < 1e-12)
    var sure = [0.0, 1.0]
    Calibrator.temperature(try TemperatureScaling(temperature: 0.01)).apply(&sure)
    #expect(sure == [0, 1])
  }

  @Test func plattWithSlopeMinusOneIsTheIdentity() throws {
    let identity = try PlattScaling(slope: -1, offset: 0)
    for step in 1..<100 {
      let p = Double(step) / 100
      #expect(abs(identity.value(at: p) - p) < 1e-15)
    }
    #expect(identity.value(at: 0) >= 0 && identity.value(at: 1) <= 1)
  }
}
