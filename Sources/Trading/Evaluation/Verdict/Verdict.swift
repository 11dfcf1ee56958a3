/// Whether a run may be trusted with money, and every reason for it in words.
public struct Verdict: Codable, Equatable, Sendable {
  /// The two outcomes; what could not be measured has not passed.
  public enum Outcome: String, Codable, Sendable {
    /// Every gate that was asked passed.
    case passed
    /// At least one gate failed.
    case failed
  }

  /// The gates, as codes that programs can rely on.
  public enum Code: String, Codable, Sendable, CaseIterable {
    /// Evidence comes from unseen rows.
    case unseenEvaluation = "unseen_evaluation"
    /// Enough folds.
    case folds
    /// Enough trades.
    case trades
    /// The model ranks better than chance.
    case discrimination
    /// Trades earn more than they cost.
    case netExpectancy = "net_expectancy"
    /// Enough confident rows to judge the threshold.
    case confidentRows = "confident_rows"
    /// Confidence means what it says where decisions are made.
    case calibration
    /// Losses from the peak stay bounded.
    case drawdown
    /// Better than entering at random.
    case randomEntry = "random_entry"
    /// Better than the luck of many tries.
    case deflatedSharpe = "deflated_sharpe"
    /// Profits are spread over the folds.
    case profitableFolds = "profitable_folds"
  }

  /// One gate's answer.
  public struct Reason: Codable, Equatable, Sendable {
    /// The gate.
    public let code: Code
    /// Whether it passed.
    public let passed: Bool
    /// The answer as one sentence.
    public let sentence: String
    /// The number judged; nil when it was not measured or is no number.
    public let measured: Double?
    /// The limit it was held against.
    public let limit: Double?

    init(code: Code, passed: Bool, sentence: String, measured: Double?, limit: Double?) {
      self.code = code
      self.passed = passed
      self.sentence = sentence
      self.measured = measured.flatMap { $0.isFinite ? $0 : nil }
      self.limit = limit
    }
  }

  /// Passed or failed.
  public let outcome: Outcome
  /// The result in one sentence, fit for the top of a report.
  public let headline: String
  /// Every gate that was asked, in a fixed order.
  public let reasons: [Reason]

  /// The gates that failed.
  public var failures: [Reason] { reasons.filter { !$0.passed } }

  /// Holds evidence against gates.
  public static func judge(_ evidence: VerdictEvidence, gates: VerdictGates = VerdictGates()) -> Verdict {
    var reasons: [Reason] = []
    if gates.requiresUnseen { reasons.append(judgeUnseen(evidence)) }
    if let limit = gates.minimumFolds {
      reasons.append(judgeCount(.folds, evidence.folds, limit, "walk-forward fold"))
    }
    if let limit = gates.minimumTrades {
      reasons.append(judgeCount(.trades, evidence.trades, limit, "trade"))
    }
    if let limit = gates.aucLowerBound { reasons.append(judgeDiscrimination(evidence.auc, limit)) }
    if let limit = gates.netExpectancyAbove {
      reasons.append(judgeExpectancy(evidence.netExpectancy, limit, gates.judgesExpectancyByLowerBound))
    }
    if let limit = gates.minimumConfidentRows {
      reasons.append(judgeConfidentRows(evidence.confidentSlice, limit))
    }
    if let limit = gates.maximumCalibrationGap {
      reasons.append(judgeCalibration(evidence.confidentSlice, limit))
    }
    if let limit = gates.maximumDrawdown { reasons.append(judgeDrawdown(evidence.maximumDrawdown, limit)) }
    if let limit = gates.maximumRandomEntryPValue {
      reasons.append(judgeRandomEntry(evidence.randomEntryPValue, limit))
    }
    if let limit = gates.minimumDeflatedSharpe {
      reasons.append(judgeDeflated(evidence.deflatedSharpe, limit))
    }
    if let limit = gates.minimumProfitableFolds {
      reasons.append(judgeProfitableFolds(evidence.profitableFolds, limit))
    }
    let isPassed = !reasons.isEmpty && reasons.allSatisfy(\.passed)
    return Verdict(
      outcome: isPassed ? .passed : .failed, headline: headline(reasons, isPassed: isPassed, evidence),
      reasons: reasons)
  }

  /// A failure to find an edge is said before any other failure, because nothing else matters then.
  private static func headline(_ reasons: [Reason], isPassed: Bool, _ evidence: VerdictEvidence) -> String {
    if reasons.isEmpty { return "Not judged: every gate is switched off, so nothing is known to be safe." }
    let failed = Set(reasons.filter { !$0.passed }.map(\.code))
    if isPassed {
      return "Passed: an advantage after costs was found on unseen data, and all \(reasons.count) gates hold."
    }
    if failed.contains(.unseenEvaluation) {
      return "Failed: there is no evaluation on unseen data, so nothing can be concluded."
    }
    if evidence.trades == 0 {
      return "Found nothing: the strategy never traded, so there is no advantage to speak of."
    }
    if !failed.isDisjoint(with: [.discrimination, .netExpectancy, .randomEntry, .deflatedSharpe]) {
      return
        "Found nothing: on unseen data no advantage after costs can be told from chance. Do not trade this."
    }
    if !failed.isDisjoint(with: [.folds, .trades, .confidentRows]) {
      return "Failed: too little evidence to conclude anything, in either direction."
    }
    return "Failed: an advantage was measured, but \(failed.count) of \(reasons.count) gates do not hold."
  }
}
