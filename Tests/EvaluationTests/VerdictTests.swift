import Foundation
import Testing

@testable import Evaluation

@Suite("Verdict")
struct VerdictTests {
  private func slice(confidence: Double, rows: Int, right: Int) throws -> ConfidentSlice {
    try ConfidentSlice(
      labels: (0..<rows).map { $0 < right ? 1 : 0 },
      probabilities: ClassProbabilities(positive: [Double](repeating: confidence, count: rows)))
  }

  private func interval(_ estimate: Double, _ lower: Double, _ upper: Double) -> ConfidenceInterval {
    ConfidenceInterval(estimate: estimate, lower: lower, upper: upper, level: 0.95, method: .blockBootstrap)
  }

  private func good() throws -> VerdictEvidence {
    VerdictEvidence(
      isUnseen: true, folds: 12, trades: 400, auc: interval(0.58, 0.55, 0.61),
      netExpectancy: interval(0.0012, 0.0004, 0.002), confidentSlice: try slice(confidence: 0.7, rows: 500, right: 345),
      maximumDrawdown: 0.04, randomEntryPValue: 0.01, totalReturn: 0.2, deflatedSharpe: 0.97, profitableFolds: 0.75)
  }

  @Test func everythingInOrderPasses() throws {
    let verdict = Verdict.judge(try good())
    #expect(verdict.outcome == .passed && verdict.failures.isEmpty)
    #expect(verdict.reasons.map(\.code) == [
      .unseenEvaluation, .folds, .trades, .discrimination, .netExpectancy, .confidentRows, .calibration, .drawdown,
      .randomEntry,
    ])
    #expect(verdict.headline.hasPrefix("Passed"))
  }

  @Test func eachGateFailsOnItsOwn() throws {
    var gates = VerdictGates()
    gates.minimumDeflatedSharpe = 0.95
    gates.minimumProfitableFolds = 0.6
    #expect(Verdict.judge(try good(), gates: gates).outcome == .passed)
    let spoilt: [(Verdict.Code, (inout VerdictEvidence) throws -> Void)] = [
      (.unseenEvaluation, { $0.isUnseen = false }), (.folds, { $0.folds = 2 }), (.trades, { $0.trades = 99 }),
      (.discrimination, { $0.auc = self.interval(0.52, 0.5, 0.54) }),
      (.netExpectancy, { $0.netExpectancy = self.interval(0.001, 0, 0.002) }),
      (.confidentRows, { $0.confidentSlice = try self.slice(confidence: 0.7, rows: 99, right: 69) }),
      (.calibration, { $0.confidentSlice = try self.slice(confidence: 0.9, rows: 500, right: 345) }),
      (.drawdown, { $0.maximumDrawdown = 0.0501 }), (.randomEntry, { $0.randomEntryPValue = 0.051 }),
      (.deflatedSharpe, { $0.deflatedSharpe = 0.9 }), (.profitableFolds, { $0.profitableFolds = 0.5 }),
    ]
    #expect(spoilt.map(\.0) == Verdict.Code.allCases)
    for (code, spoil) in spoilt {
      var evidence = try good()
      try spoil(&evidence)
      let verdict = Verdict.judge(evidence, gates: gates)
      #expect(verdict.outcome == .failed)
      #expect(verdict.failures.map(\.code) == [code])
    }
  }

  @Test func whatWasNotMeasuredFails() {
    let verdict = Verdict.judge(VerdictEvidence(isUnseen: true, folds: 12, trades: 400))
    #expect(verdict.failures.map(\.code) == [
      .discrimination, .netExpectancy, .confidentRows, .calibration, .drawdown, .randomEntry,
    ])
    #expect(verdict.failures.allSatisfy { $0.sentence.contains("could not be measured") })
  }

  @Test func notANumberNeverPasses() throws {
    var evidence = try good()
    evidence.maximumDrawdown = .nan
    evidence.randomEntryPValue = .nan
    evidence.auc = interval(.nan, .nan, .nan)
    evidence.netExpectancy = interval(.nan, .nan, .nan)
    let verdict = Verdict.judge(evidence)
    #expect(verdict.failures.map(\.code) == [.discrimination, .netExpectancy, .drawdown, .randomEntry])
    #expect(verdict.reasons.allSatisfy { $0.measured?.isFinite ?? true })
    #expect(throws: Never.self) { try JSONEncoder().encode(verdict) }
  }

  @Test func findingNothingIsSaidInWords() throws {
    var evidence = try good()
    evidence.netExpectancy = interval(-0.0002, -0.0009, 0.0005)
    #expect(Verdict.judge(evidence).headline.hasPrefix("Found nothing"))
    evidence = try good()
    evidence.trades = 0
    evidence.netExpectancy = nil
    #expect(Verdict.judge(evidence).headline.hasPrefix("Found nothing: the strategy never traded"))
    evidence = try good()
    evidence.isUnseen = false
    #expect(Verdict.judge(evidence).headline.contains("no evaluation on unseen data"))
  }

  @Test func expectancyCanBeJudgedByItsEstimate() throws {
    var evidence = try good()
    evidence.netExpectancy = interval(0.001, -0.0001, 0.002)
    var gates = VerdictGates()
    #expect(Verdict.judge(evidence, gates: gates).outcome == .failed)
    gates.judgesExpectancyByLowerBound = false
    #expect(Verdict.judge(evidence, gates: gates).outcome == .passed)
  }

  @Test func switchingEveryGateOffPassesNothing() throws {
    let text = """
      {"requires_unseen":false,"minimum_folds":null,"minimum_trades":null,"auc_lower_bound":null,
       "net_expectancy_above":null,"maximum_calibration_gap":null,"minimum_confident_rows":null,
       "maximum_drawdown":null,"maximum_random_entry_p_value":null}
      """
    let gates = try JSONDecoder().decode(VerdictGates.self, from: Data(text.utf8))
    let verdict = Verdict.judge(try good(), gates: gates)
    #expect(verdict.reasons.isEmpty && verdict.outcome == .failed)
  }

  @Test func gatesRoundTripAndRejectUnknownKeys() throws {
    var gates = VerdictGates()
    gates.minimumFolds = nil
    gates.maximumDrawdown = 0.1
    #expect(try JSONDecoder().decode(VerdictGates.self, from: JSONEncoder().encode(gates)) == gates)
    #expect(try JSONDecoder().decode(VerdictGates.self, from: Data("{}".utf8)) == VerdictGates())
    #expect {
      try JSONDecoder().decode(VerdictGates.self, from: Data(#"{"minimum_trade":5}"#.utf8))
    } throws: { "\($0)".contains("minimum_trades") }
  }

  @Test func numbersAreWrittenForPeople() {
    #expect(FixedPoint.text(0.12345, digits: 3) == "0.123")
    #expect(FixedPoint.text(-0.0004, digits: 3) == "0.000")
    #expect(FixedPoint.text(-1.5, digits: 0) == "−2")
    #expect(FixedPoint.text(1234.056, digits: 2) == "1234.06")
    #expect(FixedPoint.text(.nan, digits: 2) == "n/a")
    #expect(FixedPoint.text(.infinity, digits: 2) == "∞")
    let auc = Verdict.judgeDiscrimination(interval(0.52, 0.49, 0.55), 0.5)
    #expect(
      auc.sentence
        == "No better than chance can be claimed: AUC 0.520, 95 % interval 0.490 to 0.550 is not wholly above 0.500.")
  }
}
