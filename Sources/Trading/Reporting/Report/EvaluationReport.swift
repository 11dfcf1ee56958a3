import Diagnostics
import Evaluation
import Files

/// Everything that an evaluation found, as plain numbers: written as JSON for programs and as one page for people.
public struct EvaluationReport: Codable, Equatable, Sendable {
  /// Version of this format.
  public var formatVersion = 1
  /// What was run.
  public var run: RunInformation
  /// The data behind it.
  public var data: DataInformation
  /// How often each label occurs.
  public var labels: LabelCensus
  /// The folds in time order.
  public var folds: [FoldReport]
  /// The layer whose decisions are traded.
  public var signal: LayerReport
  /// The other layers.
  public var otherLayers: [LayerReport]
  /// The strategy over the pooled unseen span.
  public var strategy: StrategySummary
  /// What it is compared with over the same span.
  public var baselines: [StrategySummary]
  /// Equity of the strategy (first) and of the baselines, all starting at the same value.
  public var equity: [Curve]
  /// Drawdown of the strategy, ≤ 0.
  public var drawdown: Curve?
  /// How sure the headline numbers are.
  public var significance: SignificanceReport
  /// The gates of the verdict.
  public var gates: VerdictGates
  /// The verdict.
  public var verdict: Verdict
  /// What a reader should know before trusting the numbers, as sentences.
  public var warnings: [String]
  /// Seconds by phase; not part of the digest.
  public var timings: [Timing]?

  /// Seconds that a phase took.
  public struct Timing: Codable, Equatable, Sendable {
    /// Name of the phase.
    public var phase: String
    /// Wall-clock seconds.
    public var seconds: Double

    /// Pairs a phase with its seconds.
    public init(phase: String, seconds: Double) {
      self.phase = phase
      self.seconds = seconds
    }
  }

  /// Gathers a report.
  public init(
    run: RunInformation, data: DataInformation, labels: LabelCensus, folds: [FoldReport], signal: LayerReport,
    otherLayers: [LayerReport] = [], strategy: StrategySummary, baselines: [StrategySummary] = [],
    equity: [Curve] = [], drawdown: Curve? = nil, significance: SignificanceReport, gates: VerdictGates,
    verdict: Verdict, warnings: [String] = [], timings: [Timing]? = nil
  ) {
    self.run = run
    self.data = data
    self.labels = labels
    self.folds = folds
    self.signal = signal
    self.otherLayers = otherLayers
    self.strategy = strategy
    self.baselines = baselines
    self.equity = equity
    self.drawdown = drawdown
    self.significance = significance
    self.gates = gates
    self.verdict = verdict
    self.warnings = warnings
    self.timings = timings?.filter { $0.seconds.isFinite }
  }

  /// The report as JSON with sorted keys.
  /// - Throws: `TernError` of kind `internalFailure` when a number is not finite.
  public func json(pretty: Bool = true) throws(TernError) -> [UInt8] {
    try CanonicalJSON.encode(self, pretty: pretty)
  }

  /// Digest of what was found: the canonical JSON without the timings and the time of creation, so that two runs of
  /// the same data, configuration and seed agree.
  public func digest() throws(TernError) -> Digest {
    var copy = self
    copy.timings = nil
    copy.run.created = 0
    return Digest(of: try CanonicalJSON.encode(copy))
  }

  /// The report as one self-contained HTML page: no script, no external resource.
  public func html() -> String { ReportPage(self).render() }
}
