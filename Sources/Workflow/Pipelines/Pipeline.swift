import Chronology
import Compute
import Datasets
import Diagnostics
import Evaluation
import Feeds
import Files
import Market
import Registry
import Reporting

/// The whole journey: a market, its features and labels, the layers trained and judged walk-forward, a report, and a
/// stack that is registered and then promoted or refused with reasons.
public struct Pipeline: Sendable {
  /// What a run gives, as `tern run --json` prints it.
  public struct Outcome: Codable, Sendable {
    /// What was found of one split or trade statistic, by name.
    public typealias Figures = [String: Double]

    /// Name of the run.
    public var name: String
    /// Digest of the market.
    public var data: Digest
    /// Symbol and interval, such as `BTCUSDT 1m`.
    public var market: String
    /// Number of candles.
    public var candles: Int
    /// Number of features.
    public var features: Int
    /// Hash of the feature schema.
    public var featureSchema: Digest
    /// Number of walk-forward folds.
    public var folds: Int
    /// Figures of the unseen rows: `signal`, `regime` and `trading`.
    public var metrics: [String: Figures]
    /// The verdict with every gate's answer.
    public var verdict: Verdict
    /// The registered stack, `name@version`; nil when nothing was registered.
    public var stack: String?
    /// Digest of the registered stack.
    public var stackDigest: Digest?
    /// Whether the alias was moved to the stack.
    public var promoted: Bool
    /// Why it was not.
    public var refusal: [String]
    /// The report for people.
    public var reportPage: String
    /// The report for programs.
    public var report: String
    /// Wall-clock seconds by phase.
    public var seconds: Figures

    enum CodingKeys: String, CodingKey {
      case name, data, market, candles, features, folds, metrics, verdict, stack, promoted, refusal, report,
        seconds
      case featureSchema = "feature_schema"
      case stackDigest = "stack_digest"
      case reportPage = "report_page"
    }
  }

  private let configuration: PipelineConfiguration
  private let output: String
  private let registry: String?
  private let threads: Int
  private let clock: any Clock

  /// Prepares a run.
  /// - Parameters:
  ///   - output: folder for the report and the layers' run directories.
  ///   - registry: registry folder; nil registers nothing.
  ///   - threads: number of threads, 0 for all processors; never changes a result.
  ///   - clock: gives the times noted in report and registry.
  /// - Throws: `TernError` of kind `configuration` for settings that contradict each other.
  public init(
    _ configuration: PipelineConfiguration, output: String, registry: String?, threads: Int = 0,
    clock: any Clock = SystemClock()
  ) throws(TernError) {
    guard configuration.labels.tripleBarrier.volatility == nil else {
      throw TernError(
        .configuration, "cannot be traded by the bar-level backtest, whose exits are fixed fractions",
        key: "labels.triple_barrier.volatility", expected: "upper and lower")
    }
    var configuration = configuration
    let barriers = configuration.labels.tripleBarrier
    configuration.backtest.takeProfit = try Rate(barriers.upper)
    configuration.backtest.stopLoss = try Rate(barriers.lower)
    configuration.backtest.horizon = barriers.horizon
    try configuration.backtest.validate()
    self.configuration = configuration
    self.output = output
    self.registry = registry
    self.threads = threads
    self.clock = clock
  }

  /// Runs it all.
  /// - Throws: `TernError`. A refusal to promote is an outcome, not an error.
  public func run(progress: some ProgressReporting) throws(TernError) -> Outcome {
    var stopwatch = Stopwatch()
    // A locked or damaged registry is better known now than after an hour of training.
    let store = try registry.map { directory throws(TernError) in
      try ModelRegistry(directory: directory, clock: clock)
    }
    try AtomicFile.createDirectory(output)
    let pool = ThreadPool(threads: threads > 0 ? threads : ThreadPool.availableThreads)

    let source = try market()
    stopwatch.lap("data")
    let prepared = try PreparedMarket(source, configuration: configuration, progress: progress)
    stopwatch.lap("features and labels")
    let run = try WalkForwardRun(
      market: prepared, configuration: configuration, pool: pool, progress: progress)
    stopwatch.lap("walk-forward")

    let evidence = run.evidence
    let verdict = Verdict.judge(evidence, gates: configuration.gates)
    let writer = PipelineReport(
      market: prepared, run: run, configuration: configuration, verdict: verdict, created: clock.now)
    var report = try writer.report()
    var stack: StackAssembly.Result?
    if let store {
      let assembly = StackAssembly(
        market: prepared, run: run, configuration: configuration, verdict: verdict, output: output)
      stack = try assembly.register(in: store, report: report)
      report.run.stackDigest = stack?.version.digest.description
    }
    stopwatch.lap("report and registry")
    report.timings = stopwatch.laps.map { EvaluationReport.Timing(phase: $0.phase, seconds: $0.seconds) }
    let paths = (json: output + "/report.json", page: output + "/report.html")
    try AtomicFile.write(try report.json(), to: paths.json)
    try AtomicFile.write(Array(report.html().utf8), to: paths.page)

    return Outcome(
      name: configuration.name, data: source.digest,
      market: "\(prepared.candles.symbol) \(prepared.candles.interval)", candles: prepared.candles.count,
      features: prepared.features.columns, featureSchema: prepared.features.schema.hash,
      folds: run.folds.count,
      metrics: run.figures, verdict: verdict,
      stack: stack.map { "\($0.version.name)@\($0.version.version)" }, stackDigest: stack?.version.digest,
      promoted: stack?.refusal.isEmpty ?? false,
      refusal: stack?.refusal ?? verdict.failures.map(\.sentence), reportPage: paths.page, report: paths.json,
      seconds: Dictionary(uniqueKeysWithValues: stopwatch.laps.map { ($0.phase, $0.seconds) }))
  }

  private func market() throws(TernError) -> CandleSource {
    let section = configuration.data
    if let paths = section.paths {
      return try CandleSource.load(
        paths, symbol: section.symbol, interval: section.interval, funding: section.funding)
    }
    let data = try SyntheticMarket.generate(section.synthetic)
    let manifest = try CandleStore.describe(data, provenance: try .synthetic(section.synthetic))
    return CandleSource(
      data: data, digest: manifest.digest,
      origin: "synthetic market, seed \(section.synthetic.seed), strength \(section.synthetic.strength)")
  }
}

/// Wall-clock time by phase.
private struct Stopwatch {
  private(set) var laps: [(phase: String, seconds: Double)] = []
  private var last = ContinuousClock.now

  mutating func lap(_ phase: String) {
    let now = ContinuousClock.now
    let elapsed = (now - last).components
    laps.append((phase, Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18))
    last = now
  }
}
