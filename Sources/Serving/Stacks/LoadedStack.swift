import Artifacts
import Calibration
import Decision
import Diagnostics
import Features
import Files
import Market
import Orders
import RowModels

/// A registered stack in memory, checked in everything that could go wrong later.
///
/// A chain of digests leads from the stack's own to every byte used: the manifest by its digest, the files by the
/// manifest's, the layers by the digests of their manifests and artifacts. All of it is read, nothing is mapped, so that
/// replacing the registry's files never touches a stack in use.
///
/// ```swift
/// let stack = try LoadedStack(reference: "phase1@champion", registry: "registry")
/// let decider = try stack.makeDecider(terms: MarketTerms(symbol: stack.description.symbol))
/// ```
public struct LoadedStack: Sendable {
  /// One layer of a loaded stack.
  public struct Layer: Sendable {
    /// Place in the stack: `regime` or `signal`.
    public let role: String
    /// The layer's registered name.
    public let name: String
    /// The layer's version.
    public let version: Int
    /// Model and what it was made of.
    public let artifact: ModelArtifact
    /// Digest of the artifact's bytes.
    public let digest: Digest
  }

  /// The registered name.
  public let name: String
  /// The version.
  public let version: Int
  /// Digest of the manifest: the stack's address.
  public let digest: Digest
  /// What the stack says of itself.
  public let description: StackDescription
  /// The features.
  public let schema: FeatureSchema
  /// Threshold, sizes and exits.
  public let plan: TradePlan
  /// The layers in the order of the flow.
  public let layers: [Layer]

  let regime: RowModel
  let signal: RowModel
  let engines: EngineShelf

  /// `NAME@VERSION`.
  public var reference: String { "\(name)@\(version)" }

  /// Loads `NAME@ALIAS`, `NAME@VERSION` or `NAME@sha256:…`.
  /// - Throws: `TernError` of kind `usage` for a malformed reference, else of kind `data` naming the file and the key.
  public init(reference: String, registry directory: String) throws(TernError) {
    let record = try StackRecords(directory: directory).resolve(reference)
    try self.init(record: record, directory: directory)
  }

  /// Loads the stack whose manifest has exactly this digest, whatever its name and whether or not an alias points to
  /// it: what an old journal was decided with.
  /// - Throws: `TernError` of kind `data` when the registry has no such stack, or it is damaged.
  public init(digest: Digest, registry directory: String) throws(TernError) {
    let record = try StackRecords(directory: directory).find(digest)
    try self.init(record: record, directory: directory)
  }

  /// A decider of one market with this stack; it starts without any candle.
  /// - Throws: `TernError` of kind `configuration` when the market's interval is not the stack's or the rule is impossible.
  public func makeDecider(
    terms: MarketTerms, configuration: VerdictRule.Configuration = VerdictRule.Configuration()
  ) throws(TernError) -> Decider {
    guard terms.interval == description.interval else {
      throw TernError(
        .configuration, "is not the interval that the stack decides on", key: "interval",
        found: "\(terms.interval)", expected: "\(description.interval)")
    }
    return try Decider(
      schema: schema, engine: engines.take(), regime: try regime.regimeLayer(),
      signal: try signal.signalLayer(),
      calibrator: description.calibration,
      rule: try VerdictRule(plan: plan, takerFee: terms.takerFee, configuration: configuration))
  }
}
