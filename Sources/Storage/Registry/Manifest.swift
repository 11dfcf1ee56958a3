import Artifacts
import Diagnostics
import Files

/// The immutable content of a version; its canonical JSON is an object of the store, and the digest of that JSON
/// is the version's digest. It holds no time and no version number of its own.
public struct Manifest: Codable, Sendable, Equatable {
  /// A file of the version.
  public struct File: Codable, Sendable, Equatable {
    /// What the file is for.
    public var role: String
    /// The digest of its bytes.
    public var digest: Digest
    /// Its size in bytes.
    public var size: Int64
  }

  /// A registered version that this one builds on.
  public struct Parent: Codable, Sendable, Equatable {
    /// What it is for: the place in a stack.
    public var role: String
    /// Its name.
    public var name: String
    /// Its version.
    public var version: Int
    /// Its digest.
    public var digest: Digest
  }

  /// Where the version comes from.
  public struct Lineage: Codable, Sendable, Equatable {
    /// The digest of the training data.
    public var dataset: Digest?
    /// The digest of the configuration's canonical JSON.
    public var configuration: Digest?
    /// The revision of the code.
    public var codeRevision: String?
    /// The span of the training data.
    public var trainingSpan: TimeSpan?
    /// What it builds on, by role.
    public var parents: [Parent]
  }

  /// The version of this layout.
  public var format: Int
  /// What the version is.
  public var kind: EntryKind
  /// The files, by role.
  public var files: [File]
  /// The digest of the feature schema.
  public var featureSchema: Digest?
  /// The resolved configuration.
  public var configuration: JSONValue?
  /// Where it comes from.
  public var lineage: Lineage
  /// The metrics, by split and name.
  public var metrics: [Metric]
  /// The judgement.
  public var evaluation: EvaluationRecord?
  /// Bounds that promotion enforces, by split and name.
  public var gates: [MetricGate]

  /// The metric of a split, nil when it was not recorded.
  public func metric(_ split: String, _ name: String) -> Double? {
    metrics.first { $0.split == split && $0.name == name }?.value
  }
}

extension Manifest {
  /// Puts a registration into its one canonical order.
  /// - Throws: `TernError` of kind `data` naming the key that is empty, twice there, or not finite.
  init(_ registration: Registration, files: [File], parents: [Parent]) throws(TernError) {
    format = 1
    kind = registration.kind
    self.files = files.sorted { $0.role < $1.role }
    featureSchema = registration.featureSchema
    configuration = registration.configuration
    var configurationDigest: Digest?
    if let configuration = registration.configuration {
      configurationDigest = Digest(of: try CanonicalJSON.encode(configuration))
    }
    lineage = Lineage(
      dataset: registration.dataset, configuration: configurationDigest,
      codeRevision: registration.codeRevision, trainingSpan: registration.trainingSpan,
      parents: parents.sorted { $0.role < $1.role })
    metrics = registration.metrics.sorted { ($0.split, $0.name) < ($1.split, $1.name) }
    evaluation = registration.evaluation
    gates = registration.gates.sorted { ($0.split, $0.name) < ($1.split, $1.name) }
    for (metric, next) in zip(metrics, metrics.dropFirst()) {
      guard (metric.split, metric.name) != (next.split, next.name) else {
        throw TernError(.data, "a metric appears twice", key: "metrics.\(metric.split).\(metric.name)")
      }
    }
    let numbers =
      metrics.map { ($0.split, $0.name, $0.value) } + gates.map { ($0.split, $0.name, $0.atLeast ?? 0) }
      + gates.map { ($0.split, $0.name, $0.atMost ?? 0) }
    for (split, name, value) in numbers where !value.isFinite {
      throw TernError(
        .data, "a metric or its gate is not finite", key: "metrics.\(split).\(name)", found: "\(value)")
    }
  }
}
