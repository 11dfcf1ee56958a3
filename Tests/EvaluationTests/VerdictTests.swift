import Diagnostics
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
      netExpectancy: interval(0.0012, 0.0004, 0.002),
      confidentSlice: try slice(confidence: 0.7, rows: 500, right: 345),
      maximumDrawdown: 0.04, randomEntryPValue: 0.01, totalReturn: 0.2, deflatedSharpe: 0.97,
      profitableFolds: 0.75)
  }

  @Test func everythingInOrderPasses() throws {
    let verdict = Verdict.judge(try good())
    #expect(verdict.outcome == .passed && verdict.failures.isEmpty)
    #expect(
      verdict.reasons.map(\.code) == [
        .unseenEvaluation, .folds, .trades, .discrimination, .netExpectancy, .confidentRows, .calibration,
        .drawdown,
        .randomEntry,
      ])
    #expect(verdict.headline.hasPrefix("Passed"))
  }

  @Test func oneOfAKindIsSaidInTheSingular() throws {
    var evidence = try good()
    evidence.trades = 1
    evidence.confidentSlice = try slice(confidence: 0.7, rows: 1, right: 1)
    let sentences = Verdict.judge(evidence).reasons.map(\.sentence)
    #expect(sentences.contains("There is only 1 trade, fewer than the 100 required."))
    #expect(
      sentences.contains("Only 1 row reaches the decision threshold of 65 %, fewer than the 100 required."))
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
    #expect(
      verdict.failures.map(\.code) == [
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
    } throws: { "\($0)".contains("minimum_trade: is not a known key; did you mean minimum_trades?") }
  }

  @Test(arguments: [
    ("maximum_drawdown", "5"), ("maximum_drawdown", "-0.1"), ("auc_lower_bound", "50"),
    ("maximum_calibration_gap", "5"), ("maximum_random_entry_p_value", "1.5"),
    ("minimum_deflated_sharpe", "95"),
    ("minimum_profitable_folds", "60"), ("net_expectancy_above", "-2"), ("minimum_trades", "-1"),
  ])
  func limitsThatCannotBeMeantAreRefused(key: String, value: String) {
    do {
      _ = try JSONDecoder().decode(VerdictGates.self, from: Data(#"{"\#(key)":\#(value)}"#.utf8))
      Issue.record("\(key) accepted \(value)")
    } catch {
      let error = error as? TernError
      #expect(error?.kind == .configuration && error?.key == key)
    }
  }

  @Test func numbersAreWrittenForPeople() {
    let auc = Verdict.judgeDiscrimination(interval(0.52, 0.49, 0.55), 0.5)
    #expect(
      auc.sentence
        == "No better than chance can be claimed: AUC 0.520, 95 % interval 0.490 to 0.550 is not wholly above 0.500."
    )
    let expectancy = Verdict.judgeExpectancy(interval(-0.00012, -0.0005, 0.0002), 0, true)
    #expect(
      expectancy.sentence
        == "No profit after costs can be claimed: −0.012 % per trade, 95 % interval −0.050 % to 0.020 %; the whole "
        + "interval is not above 0.000 %.")
  }

  @Test func aNumberThatMissesItsLimitNeverReadsLikeIt() {
    #expect(
      Verdict.judgeDrawdown(0.050004, 0.05).sentence
        == "The maximum drawdown of 5.0004 % exceeds the limit of 5.0000 %.")
    #expect(Verdict.judgeProfitableFolds(37.0 / 62, 0.6).sentence.hasPrefix("59.7 % of the folds"))
    #expect(Verdict.judgeDeflated(0.9499, 0.95).sentence.contains("94.99 %, below the 95.00 % required"))
    #expect(Verdict.judgeRandomEntry(0.0504, 0.05).sentence.contains("5.04 % of tries (limit 5.00 %)"))
    #expect(
      Verdict.judgeDiscrimination(interval(0.52, 0.5001, 0.54), 0.5).sentence.contains("0.5001 to 0.5400"))
    // Where both are equal there is nothing to tell apart.
    #expect(Verdict.judgeDrawdown(0.05, 0.05).sentence.contains("5.00 % stays within the limit of 5.00 %"))
  }

  @Test func theThresholdIsWrittenWithTheDecimalsItHas() throws {
    let labels = [1, 1]
    let p = try ClassProbabilities(positive: [0.9, 0.9])
    let whole = try ConfidentSlice(labels: labels, probabilities: p, threshold: 0.65)
    #expect(Verdict.judgeConfidentRows(whole, 5).sentence.contains("threshold of 65 %,"))
    let finer = try ConfidentSlice(labels: labels, probabilities: p, threshold: 0.655)
    #expect(Verdict.judgeConfidentRows(finer, 5).sentence.contains("threshold of 65.5 %,"))
  }

  /// Counts and caps pass at their limit; a lower bound that must lie above its limit does not.
  @Test func gatesDecideExactlyAtTheirLimits() throws {
    #expect(!Verdict.judgeCount(.folds, 2, 3, "fold").passed)
    #expect(Verdict.judgeCount(.folds, 3, 3, "fold").passed)
    #expect(!Verdict.judgeDiscrimination(interval(0.6, 0.5, 0.7), 0.5).passed)
    #expect(Verdict.judgeDiscrimination(interval(0.6, 0.5.nextUp, 0.7), 0.5).passed)
    #expect(!Verdict.judgeExpectancy(interval(0.1, 0, 0.2), 0, true).passed)
    #expect(Verdict.judgeExpectancy(interval(0.1, .leastNonzeroMagnitude, 0.2), 0, true).passed)
    #expect(!Verdict.judgeExpectancy(interval(0, -0.1, 0.2), 0, false).passed)
    #expect(Verdict.judgeExpectancy(interval(0.1, -0.1, 0.2), 0, false).passed)
    #expect(try !Verdict.judgeConfidentRows(slice(confidence: 0.7, rows: 99, right: 70), 100).passed)
    #expect(try Verdict.judgeConfidentRows(slice(confidence: 0.7, rows: 100, right: 70), 100).passed)
    // Confidence 3/4 with 11 of 16 right leaves a gap of exactly 1/16, both ways round.
    for right in [11, 13] {
      let sixteenth = try slice(confidence: 0.75, rows: 16, right: right)
      #expect(Verdict.judgeCalibration(sixteenth, 0.0625).passed)
      #expect(!Verdict.judgeCalibration(sixteenth, 0.0625.nextDown).passed)
    }
    #expect(Verdict.judgeDrawdown(0.05, 0.05).passed && !Verdict.judgeDrawdown(0.05.nextUp, 0.05).passed)
    #expect(
      Verdict.judgeRandomEntry(0.05, 0.05).passed && !Verdict.judgeRandomEntry(0.05.nextUp, 0.05).passed)
    #expect(Verdict.judgeDeflated(0.95, 0.95).passed && !Verdict.judgeDeflated(0.95.nextDown, 0.95).passed)
    #expect(
      Verdict.judgeProfitableFolds(0.6, 0.6).passed && !Verdict.judgeProfitableFolds(0.6.nextDown, 0.6).passed
    )
  }

  @Test func theDirectionOfAMiscalibrationIsNamed() throws {
    let over = Verdict.judgeCalibration(try slice(confidence: 0.9, rows: 100, right: 70), 0.05)
    #expect(
      over.sentence.hasPrefix(
        "The model is overconfident where it decides: at ≥ 65 % confidence it says 90.0 %"))
    let under = Verdict.judgeCalibration(try slice(confidence: 0.7, rows: 100, right: 90), 0.05)
    #expect(under.sentence.hasPrefix("The model is underconfident"))
    #expect(try !Verdict.judgeCalibration(slice(confidence: 0.6, rows: 10, right: 6), 0.05).passed)
  }

  @Test func tooLittleEvidenceIsNotCalledFindingNothing() throws {
    var evidence = try good()
    evidence.folds = 1
    #expect(Verdict.judge(evidence).headline.hasPrefix("Failed: too little evidence"))
    evidence = try good()
    evidence.maximumDrawdown = 0.2
    #expect(
      Verdict.judge(evidence).headline == "Failed: an advantage was measured, but 1 of 9 gates do not hold.")
  }

  @Test func verdictsAreRestoredFromJSON() throws {
    var evidence = try good()
    evidence.maximumDrawdown = .nan
    let verdict = Verdict.judge(evidence)
    #expect(try JSONDecoder().decode(Verdict.self, from: JSONEncoder().encode(verdict)) == verdict)
  }
}
